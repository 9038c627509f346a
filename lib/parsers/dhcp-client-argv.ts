/**
 * The command lines of DHCP clients: for which interfaces, which protocol, and where the lease is kept.
 *
 *     dhclient -4 -v -i -pf /run/dhclient.eth0.pid -lf /var/lib/dhcp/dhclient.eth0.leases -I -df ... eth0     (ifupdown)
 *     /sbin/dhclient -d -q -sf /usr/lib/NetworkManager/nm-dhcp-helper -pf ... -lf ... -cf ... eth0      (NetworkManager)
 *     dhcpcd: eth0 [ip4] [ip6]                                     (dhcpcd since 9 writes its state into its command line)
 *     udhcpc -n -p /run/udhcpc.eth0.pid -i eth0                             (busybox; without -i its interface is eth0)
 *
 * Options with a value are those of client/dhclient.c (4.1 to 4.4, and those that Red Hat and Debian add), getopt strings of
 * src/if-options.c of dhcpcd and networking/udhcp/dhcpc.c of busybox.
 */

export interface ClientCommand {
  readonly client: 'dhclient' | 'dhcpcd' | 'udhcpc' | 'NetworkManager' | 'systemd-networkd';
  /** Empty: all that the client finds by itself. */
  readonly interfaces: readonly string[];
  /** Null: both, or not said. */
  readonly family: 4 | 6 | null;
  /** Only where the command line says it. */
  readonly leaseFile: string | null;
  /** NetworkManager started it and answers for it. */
  readonly isOfNetworkManager: boolean;
}

const DHCLIENT_VALUED = new Set([
  '-p', '-s', '-g', '-sf', '-cf', '-df', '-lf', '-pf', '-e', '-D', '-H', '-F', '-V', '-C', '-R', '-timeout', '-B',
  '--request-options', '--dad-wait-time', '--prefix-len-hint', '--decline-wait-time', '--address-prefix-len',
]); // prettier-ignore
const DHCPCD_VALUED = /^-[cefhijlmorstuvyzCFIOQSWXZ]$/;
const UDHCPC_VALUED = /^-[AFHOPTVahiprstx]$/;

/** Null: no client, or a helper of one. */
export function parseClientCommand(program: string, argv: readonly string[]): ClientCommand | null {
  const name = (argv[0] ?? '').replace(/.*\//, '');
  if (program === 'dhclient' || program.startsWith('dhclient-')) return dhclient(argv.slice(1));
  if (program.startsWith('dhcpcd')) return dhcpcd(argv);
  if (program === 'udhcpc' || (program.startsWith('busybox') && /^(?:busybox.*|udhcpc)$/.test(name))) {
    if (name.startsWith('busybox') && argv[1] !== 'udhcpc') return null;
    return udhcpc(argv);
  }
  if (program === 'NetworkManager' || program === 'systemd-networkd')
    return { client: program, interfaces: [], family: null, leaseFile: null, isOfNetworkManager: false };
  return null;
}

function dhclient(args: readonly string[]): ClientCommand | null {
  const { plain, values } = split(args, (option) => DHCLIENT_VALUED.has(option));
  // It gives a lease back, or ends another one, and then ends itself.
  if (args.includes('-r') || args.includes('-x')) return null;
  return {
    client: 'dhclient',
    interfaces: plain,
    family: args.includes('-6') ? 6 : 4,
    leaseFile: values.get('-lf') ?? null,
    isOfNetworkManager: (values.get('-sf') ?? '').includes('nm-dhcp-'),
  };
}

function dhcpcd(argv: readonly string[]): ClientCommand | null {
  const title = argv[0] ?? '';
  const common = { client: 'dhcpcd', leaseFile: null, isOfNetworkManager: false } as const;
  if (title.startsWith('dhcpcd: ')) {
    const [whose = '', ...protocols] = title.slice('dhcpcd: '.length).trim().split(' [ip');
    const family = protocols.length !== 1 ? null : protocols[0] === '6]' ? 6 : 4;
    if (/^\[(?:manager|master)\]/.test(whose)) return { ...common, interfaces: [], family };
    return /^[^\s[\]]+$/.test(whose) ? { ...common, interfaces: [whose], family } : null;
  }
  const { plain } = split(argv.slice(1), (option) => DHCPCD_VALUED.test(option));
  const family = argv.includes('-4') ? 4 : argv.includes('-6') ? 6 : null;
  return { ...common, interfaces: plain, family };
}

function udhcpc(args: readonly string[]): ClientCommand {
  const { values } = split(args, (option) => UDHCPC_VALUED.test(option) || option === '--interface');
  const joined = args.find((arg) => /^-i.|^--interface=/.test(arg))?.replace(/^-i|^--interface=/, '');
  return {
    client: 'udhcpc',
    interfaces: [values.get('-i') ?? values.get('--interface') ?? joined ?? 'eth0'],
    family: 4,
    leaseFile: null,
    isOfNetworkManager: false,
  };
}

/** What is no option, and the values of options that have one as their next word. */
function split(
  args: readonly string[],
  isValued: (option: string) => boolean,
): { plain: readonly string[]; values: ReadonlyMap<string, string> } {
  const plain: string[] = [];
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? '';
    if (isValued(word)) {
      i += 1;
      values.set(word, args[i] ?? '');
    } else if (word !== '' && !word.startsWith('-')) plain.push(word);
  }
  return { plain, values };
}
