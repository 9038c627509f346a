/** libvirt for tests: its test driver, which needs no daemon, and a real libvirtd with real (emulated) guests. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd, scratch, until, type Need } from './lab.ts';
import { accepts, forgetLeftovers, remember, snapshot } from './libvirt-host.ts';
import { isGone, runPlugin, spawnProcess, untilUp, type Ran, type Running } from './process.ts';
import { takeTurn } from './turn.ts';

export const TEST_DRIVER: readonly Need[] = ['virsh'];
export const LIBVIRTD: readonly Need[] = [
  'root',
  'libvirtd',
  'virtlogd',
  'virsh',
  'qemu-system-x86_64',
  'perl',
  'unshare',
  'mount',
];

export interface TestDriver {
  /** For `virsh -c`. */
  readonly uri: string;
  virsh(...args: readonly string[]): Promise<Ran>;
}

/**
 * The domains of `xmls` in libvirt's test driver: "running", each XML having passed the real parser, all in the memory
 * of each virsh alone. Driver elements such as qemu:commandline are dropped by it.
 */
export function withTestDriver(xmls: readonly string[]): TestDriver {
  const file = join(scratch(), 'node.xml');
  writeFileSync(file, `<node>\n${xmls.join('\n')}\n</node>\n`);
  const uri = `test://${file}`;
  return { uri, virsh: (...args) => virshOn(uri, args) };
}

export interface DomainParts {
  readonly name: string;
  /** Without one, libvirt makes a new one each time, and the domain cannot be defined again. */
  readonly uuid?: string;
  readonly type?: 'qemu' | 'kvm' | 'test';
  /** The element <cpu>. */
  readonly cpu?: string;
  /** Elements below <devices>. */
  readonly devices?: string;
  /** Elements below <os>, after <type>. */
  readonly os?: string;
  /** Arguments handed to qemu as they are (qemu:commandline). */
  readonly qemuArgs?: readonly string[];
}

/** A domain as small as it can be; it has no disk and no network, and its firmware finds nothing to boot. */
export function domainXml({
  name,
  uuid,
  type = 'qemu',
  cpu,
  devices = '',
  os = '',
  qemuArgs = [],
}: DomainParts): string {
  const passed = qemuArgs.map((arg) => `<qemu:arg value='${arg}'/>`).join('');
  return `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>${name}</name>${uuid === undefined ? '' : `<uuid>${uuid}</uuid>`}<memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type>${os}</os>
  ${cpu ?? "<cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>"}
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${devices}<memballoon model='none'/></devices>
  ${passed === '' ? '' : `<qemu:commandline>${passed}</qemu:commandline>`}
</domain>`;
}

export interface Libvirtd {
  readonly uri: string;
  virsh(...args: readonly string[]): Promise<Ran>;
  /** Makes a persistent domain of the XML; its name. This and the others throw with virsh's words. */
  define(xml: string): Promise<string>;
  /** The process id of its qemu. */
  start(name: string): Promise<number>;
  /** Waits until its qemu is gone. */
  destroy(name: string): Promise<void>;
  undefine(name: string): Promise<void>;
  /** Ends guests and daemons and removes their files. */
  stop(): Promise<void>;
}

// cgroup_controllers: a container or a host with cgroup v1 half mounted has none that libvirtd may use, and no guest
// would start. namespaces: libvirtd would move each mount below /dev into the guest's own /dev, which fails for ours.
const QEMU_CONF = 'cgroup_controllers = [ ]\nnamespaces = [ ]\nsecurity_driver = "none"\n';
// A host's polkit lets everybody read (org.libvirt.unix.monitor); here there is neither polkit nor a bus to reach it by.
const LIBVIRTD_CONF = 'auth_unix_ro = "none"\nauth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n';

/**
 * In place of /dev/kvm stands an empty file that the user of the guests may not open. /dev/null would not do: libvirtd
 * could open it, believes each time that KVM has just become usable (virQEMUCapsIsValid in src/qemu/qemu_capabilities.c)
 * and probes qemu over and over. The networks are hidden so that none of them is brought up.
 */
const SCRIPT = `set -e
test ! -e /dev/kvm || mount --bind "$1/no-kvm" /dev/kvm
mount --bind "$1/qemu.conf" /etc/libvirt/qemu.conf
test ! -d /etc/libvirt/qemu/networks || mount --bind "$1/no-networks" /etc/libvirt/qemu/networks
exec libvirtd --config "$1/libvirtd.conf"`;

/**
 * virtlogd and libvirtd, in the folders of this machine (/etc/libvirt, /run/libvirt), as an administrator's would be;
 * what differs is hidden in a mount namespace of their own. Test files take turns. Refuses a machine whose libvirtd
 * runs, or that has guests of its own.
 *
 * @param folder a scratch folder for the configuration
 */
export async function startLibvirtd(folder: string): Promise<Libvirtd> {
  const release = await takeTurn('libvirtd', { seconds: 170 });
  atEnd(release);
  if (await accepts()) throw new Error('a libvirtd of its own runs on this machine');
  forgetLeftovers();
  const restore = snapshot();
  mkdirSync(join(folder, 'no-networks'), { recursive: true });
  writeFileSync(join(folder, 'no-kvm'), '', { mode: 0o000 });
  writeFileSync(join(folder, 'qemu.conf'), QEMU_CONF, { mode: 0o600 });
  writeFileSync(join(folder, 'libvirtd.conf'), LIBVIRTD_CONF);

  const session: Session = { folder, daemons: [], guests: new Map() };
  const stop = async (): Promise<void> => {
    await stopAll(session);
    restore();
    release();
  };
  session.daemons.push(spawnProcess(['virtlogd'], { keeper: true }));
  const libvirtd = spawnProcess(['unshare', '-m', 'sh', '-c', SCRIPT, 'sh', folder], {
    keeper: true,
    graceSeconds: 20,
  });
  session.daemons.push(libvirtd);
  atEnd(stop);
  // The socket is there early; the first question waits until the drivers have come up.
  await untilUp(libvirtd, accepts, { seconds: 60, what: 'libvirtd takes connections' });
  await checked('version');
  return { uri: SYSTEM, virsh: (...args) => virshOn(SYSTEM, args), ...commandsOf(session), stop };
}

const SYSTEM = 'qemu:///system';

interface Session {
  readonly folder: string;
  readonly daemons: Running[];
  /** Every domain defined here; the process id while it runs. */
  readonly guests: Map<string, number | null>;
}

function commandsOf({
  folder,
  guests,
}: Session): Pick<Libvirtd, 'define' | 'start' | 'destroy' | 'undefine'> {
  return {
    async define(xml) {
      const name = /<name>([^<]+)<\/name>/.exec(xml)?.[1];
      if (name === undefined) throw new Error('the domain has no name');
      remember(name);
      guests.set(name, guests.get(name) ?? null);
      const file = join(folder, 'domain.xml');
      writeFileSync(file, xml);
      await checked('define', file);
      return name;
    },
    async start(name) {
      await checked('start', name);
      const pid = Number(readFileSync(`/run/libvirt/qemu/${name}.pid`, 'latin1'));
      guests.set(name, pid);
      return pid;
    },
    async destroy(name) {
      await checked('destroy', name);
      const pid = guests.get(name) ?? null;
      guests.set(name, null);
      if (pid !== null) await until(() => isGone(pid), { seconds: 20, what: `the end of qemu ${pid}` });
    },
    async undefine(name) {
      await checked('undefine', name, '--managed-save', '--snapshots-metadata');
      guests.delete(name);
    },
  };
}

/** Only the guests defined here, never all that a libvirtd has. What does not end by itself ends with the keeper. */
async function stopAll({ daemons, guests }: Session): Promise<void> {
  const libvirtd = daemons[1];
  if (libvirtd !== undefined && !isGone(libvirtd.pid)) {
    for (const [name, pid] of guests) {
      if (pid !== null) await virshOn(SYSTEM, ['destroy', name]);
      await virshOn(SYSTEM, ['undefine', name, '--managed-save', '--snapshots-metadata']);
    }
  }
  guests.clear();
  for (const daemon of daemons.splice(0).reverse()) await daemon.stop();
}

async function checked(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await virshOn(SYSTEM, args);
  if (code !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr.trim()}`);
}

function virshOn(uri: string, args: readonly string[]): Promise<Ran> {
  return runPlugin(['virsh', '-c', uri, ...args], [], { env: { LC_ALL: 'C' }, timeoutSeconds: 90 });
}
