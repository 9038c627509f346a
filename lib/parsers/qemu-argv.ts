/**
 * The command line of a qemu: who the guest is, and what its CPU was asked to be (qemu(1); softmmu/vl.c).
 *
 *     /usr/libexec/qemu-kvm -name acrux -S -M rhel6.6.0 -cpu SandyBridge,+invtsc,+erms -enable-kvm -m 24576 -uuid 4507...
 *     /usr/bin/qemu-system-x86_64 -name guest=web1,debug-threads=on -S -machine pc-q35-7.2,accel=kvm -cpu host,migratable=on
 *     /usr/bin/kvm -id 100 -name win,debug-threads=on -cpu host,+invtsc,tsc-frequency=3600000000
 *
 * - Given twice, the last -cpu wins whole; -name and -machine are merged key by key.
 * - libvirt starts every guest with -S and leaves `-incoming defer` there for ever: neither tells what it does now.
 * - libvirt asks a new qemu for its abilities with a machine `none`: a process for a second, and no guest.
 * - qemu before 2.1 took all before the first comma of -name as the name, `=` or not.
 * - Disks, devices and the like are in `options`, not taken apart here. What -readconfig and -set bring is not seen.
 */
import { walkQemuOptions, type QemuOption } from './qemu-options.ts';
import { lastOpt, parseQemuOpts, type QemuOpt } from './qemu-opts.ts';

export interface QemuCommandLine {
  /** The base name of the program. */
  readonly program: string;
  /** A guest; libvirt's question for abilities; a device model of Xen's; or nothing that runs a machine. */
  readonly kind: 'guest' | 'probe' | 'xen' | 'other';
  /** Null: qemu was told none. */
  readonly name: string | null;
  /** In lower case; null: none was given. */
  readonly uuid: string | null;
  /** Proxmox's number of the guest; null: not started by Proxmox. */
  readonly proxmoxId: number | null;
  /** libvirt started it: the name of its monitor (qemuProcessPrepareMonitorChr in src/qemu/qemu_process.c) shows it. */
  readonly isOfLibvirt: boolean;
  readonly pidfile: string | null;
  /** The -cpu that counts, whole; null: the default of the machine. */
  readonly cpu: string | null;
  /** Each -global, in order. */
  readonly globals: readonly QemuGlobal[];
  /** `kvm`, `tcg`, ...: the first that qemu was to try; null: its default. */
  readonly accel: string | null;
  /** The type of machine; null: the default. */
  readonly machine: string | null;
  /** Files with more options. */
  readonly readconfigFiles: readonly string[];
  /** True: started to be migrated to, or restored; it stays true afterwards. */
  readonly incoming: boolean;
  /** Everything, in order. */
  readonly options: readonly QemuOption[];
}

/** A default for a property of all devices of a type. */
export interface QemuGlobal {
  readonly driver: string;
  readonly property: string;
  readonly value: string;
}

/**
 * What a qemu that runs a machine is called, as globs of base names: the distributions' names, NixOS's wrapped programs,
 * Kata's own builds (qemu-virtiofs-system-x86_64), Xen's device models (xenopsd: qemu-dm-DOMID). Not among them:
 * qemu-img, qemu-nbd, qemu-ga, qemu-storage-daemon, and the user mode emulators (qemu-x86_64).
 */
export const QEMU_PROGRAMS: readonly string[] = [
  'qemu-system-*',
  'qemu-*-system-*',
  '.qemu-system-*',
  'qemu-kvm',
  '.qemu-kvm-wrapped',
  'kvm',
  'kvm-spice',
  'qemu',
  'qemu-dm',
  'qemu-dm-*',
];

const PROGRAM =
  /^(?:\.?qemu-system-[^/]*|qemu-[^/]*-system-[^/]*|qemu-kvm|\.qemu-kvm-wrapped|kvm|kvm-spice|qemu|qemu-dm(?:-[^/]*)?)$/s;

/** Whether a program of this base name is one of QEMU_PROGRAMS; ` (deleted)` at its end does not count. */
export function isQemuProgram(baseName: string): boolean {
  return PROGRAM.test(withoutDeleted(baseName));
}

/**
 * Total: any arguments are a command line.
 *
 * @param program the base name of the executable where it is known: the first argument is what the starter says it is
 */
export function parseQemuArgv(argv: readonly string[], program = baseName(argv[0] ?? '')): QemuCommandLine {
  const options = walkQemuOptions(argv);
  const values = (...names: string[]): string[] =>
    options.flatMap(({ name, value }) => (names.includes(name) && value !== null ? [value] : []));
  const machineOpts = values('machine', 'M').flatMap((text) => parseQemuOpts(text, 'type'));
  const machine = lastOpt(machineOpts, 'type');
  const proxmoxId = decimal(values('id').at(-1));
  return {
    program: withoutDeleted(program),
    kind: kindOf(withoutDeleted(program), machine, options),
    name: nameOf(values('name')) ?? (proxmoxId === null ? null : `vm${proxmoxId}`),
    uuid: uuidOf(values('uuid').at(-1), values('smbios')),
    proxmoxId,
    isOfLibvirt: values('chardev').some((text) => text.split(',').includes('id=charmonitor')),
    pidfile: values('pidfile').at(-1) ?? null,
    cpu: values('cpu').at(-1) ?? null,
    globals: values('global').flatMap(parseGlobal),
    accel: accelOf(options),
    machine,
    readconfigFiles: values('readconfig'),
    incoming: values('incoming').length > 0,
    options,
  };
}

const PRINTS_AND_ENDS = ['h', 'help', 'version', 'audio-help'];
const CAN_BE_HELP = ['machine', 'M', 'cpu', 'accel', 'device'];

function kindOf(
  program: string,
  machine: string | null,
  options: readonly QemuOption[],
): QemuCommandLine['kind'] {
  const endsAtOnce = ({ name, value }: QemuOption): boolean =>
    PRINTS_AND_ENDS.includes(name) || (CAN_BE_HELP.includes(name) && (value === 'help' || value === '?'));
  if (!isQemuProgram(program) || options.some(endsAtOnce)) return 'other';
  if (machine === 'none') return 'probe';
  const isXens = ({ name }: QemuOption): boolean => name === 'xen-domid' || name === 'xen-attach';
  return program.startsWith('qemu-dm') || options.some(isXens) ? 'xen' : 'guest';
}

const NAME_KEYS = ['process', 'debug-threads'];

function nameOf(names: readonly string[]): string | null {
  const opts = names.flatMap((text) => parseQemuOpts(text, 'guest'));
  const given = lastOpt(opts, 'guest');
  if (given !== null && given !== '') return given;
  // A key that qemu would refuse today: the qemu is old, and it is the name.
  const [first] = opts;
  if (first === undefined || given !== null || NAME_KEYS.includes(first[0])) return null;
  return names[0]?.split(',', 1)[0] ?? null;
}

/** Proxmox gives it with the tables of the firmware only. */
function uuidOf(uuid: string | undefined, smbios: readonly string[]): string | null {
  const opts = smbios.map((text) => parseQemuOpts(text)).filter((one) => lastOpt(one, 'type') === '1');
  return (uuid ?? lastOpt(opts.flat(), 'uuid'))?.toLowerCase() ?? null;
}

/** `driver.property=value` is taken as it is, up to the end; else it is the usual list. */
function parseGlobal(text: string): QemuGlobal[] {
  const short = /^([^.=]{1,63})\.([^=]{1,63})=(.*)/s.exec(text);
  if (short !== null) return [{ driver: short[1] ?? '', property: short[2] ?? '', value: short[3] ?? '' }];
  const opts = parseQemuOpts(text);
  const driver = lastOpt(opts, 'driver');
  const property = lastOpt(opts, 'property');
  const value = lastOpt(opts, 'value');
  return driver === null || property === null || value === null ? [] : [{ driver, property, value }];
}

/** The first -accel is tried first; without any, the last word of -machine and its short forms counts. */
function accelOf(options: readonly QemuOption[]): string | null {
  let fromMachine: string | null = null;
  for (const { name, value } of options) {
    if (name === 'accel') return lastOpt(parseQemuOpts(value ?? '', 'accel'), 'accel');
    if (name === 'enable-kvm') fromMachine = 'kvm';
    else if (name === 'no-kvm') fromMachine = 'tcg';
    else if (name === 'machine' || name === 'M') {
      const opts: QemuOpt[] = parseQemuOpts(value ?? '', 'type');
      fromMachine = lastOpt(opts, 'accel') ?? fromMachine;
    }
  }
  return fromMachine?.split(':', 1)[0] ?? null;
}

function decimal(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function withoutDeleted(name: string): string {
  return name.replace(/ \(deleted\)$/, '');
}
