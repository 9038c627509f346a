/** Recordings of hosts with guests, built from command lines and definitions, for the tests of checks that look at them. */
import { printContent } from '../lib/host/recording.ts';
import { isQemuProgram, QEMU_PROGRAMS } from '../lib/parsers/qemu-argv.ts';

export interface GuestHost {
  readonly uid?: number;
  /** Command lines by process id; null: the process is there and its command line cannot be read. */
  readonly qemu?: Readonly<Record<number, readonly string[] | Buffer | null>>;
  readonly scanned?: number;
  readonly undecided?: readonly number[];
  /** True: /proc is mounted with hidepid. */
  readonly isHidden?: boolean;
  /** Texts of /etc/libvirt/qemu/NAME.xml by name; `denied`: the directory is closed to this user. */
  readonly definitions?: Readonly<Record<string, string>> | 'denied';
  /** Texts of /run/libvirt/qemu/NAME.xml by name. */
  readonly live?: Readonly<Record<string, string>>;
  readonly cpuFlags?: string;
  /** Whole answers of virsh by their arguments; without any, there is no virsh. */
  readonly virsh?: Readonly<
    Record<string, { readonly status?: number; readonly out?: string; readonly err?: string }>
  >;
  /** Texts of /etc/pve/qemu-server/ID.conf by number; `denied`: closed to this user. */
  readonly proxmox?: Readonly<Record<number, string>> | 'denied';
  readonly cpuModels?: string;
  readonly xen?: XenAnswers;
}

/** What a Xen host answers; without `list` there is no xl. */
export interface XenAnswers {
  readonly list?: Answer;
  readonly long?: Answer;
  readonly xm?: Answer;
  /** Texts of /etc/xen/NAME.cfg by name. */
  readonly cfg?: Readonly<Record<string, string>>;
  /** Of /proc/xen/capabilities; null: it is not there. */
  readonly capabilities?: string | null;
}

interface Answer {
  readonly status?: number;
  readonly out?: string;
  readonly err?: string;
}

export function guestHost(host: GuestHost): string[] {
  const { uid = 0, qemu = {}, definitions = {}, live = {}, virsh = {} } = host;
  // What a host does: it knows a process by the base name of its program.
  const programOf = (pid: number): string => {
    const argv = qemu[pid];
    return argv instanceof Array ? (argv[0] ?? '').replace(/^.*\//, '') : 'qemu-kvm';
  };
  const all = Object.keys(qemu).map(Number);
  const pids = all.filter((pid) => isQemuProgram(programOf(pid)));
  return [
    'hypervisor-checks recording 1',
    'look 1',
    'clock 1764000000 uptime=864000 boot=11111111-2222-3333-4444-555555555555',
    `who uid=${uid} gid=${uid} node=kvm1`,
    `ok processes ${QEMU_PROGRAMS.join(' ')}`,
    `  scanned ${host.scanned ?? 100 + all.length}`,
    ...(host.undecided ?? []).map((pid) => `  undecided ${pid}`),
    ...pids.map((pid) => `  process ${pid} ${programOf(pid)}`),
    ...pids.flatMap((pid) => commandLine(pid, qemu[pid] ?? null)),
    ...(host.isHidden === true
      ? ['absent bytes head /proc/1/comm']
      : ['ok bytes head /proc/1/comm', '  |init']),
    'ok bytes head /proc/cpuinfo',
    `  |flags\t\t: ${host.cpuFlags ?? 'fpu vme constant_tsc nonstop_tsc'}`,
    ...folder('/run/libvirt/qemu', live),
    ...(definitions === 'denied'
      ? ['ok each /etc/libvirt/qemu/*.xml', '  unlisted denied /etc/libvirt/qemu']
      : folder('/etc/libvirt/qemu', definitions)),
    ...virshAnswers(virsh),
    ...(host.proxmox === undefined ? [] : proxmoxAnswers(host.proxmox, host.cpuModels)),
    ...(host.xen === undefined ? ['absent bytes head /sys/hypervisor/type'] : xenAnswers(host.xen)),
  ];
}

function proxmoxAnswers(conf: NonNullable<GuestHost['proxmox']>, models: string | undefined): string[] {
  if (conf === 'denied')
    return ['ok each /etc/pve/qemu-server/*.conf', '  unlisted denied /etc/pve/qemu-server'];
  const file = '/etc/pve/virtual-guest/cpu-models.conf';
  return [
    ...folder('/etc/pve/qemu-server', conf, 'conf'),
    ...(models === undefined ? [`absent bytes whole ${file}`] : content('bytes whole', file, models)),
  ];
}

function xenAnswers({ list, long, xm, cfg = {}, capabilities = 'control_d\n' }: XenAnswers): string[] {
  return [
    ...content('bytes head', '/sys/hypervisor/type', 'xen\n'),
    ...(capabilities === null
      ? ['absent bytes head /proc/xen/capabilities']
      : content('bytes head', '/proc/xen/capabilities', capabilities)),
    ...answer('xl list', list),
    ...answer('xl list -l', long),
    ...answer('xm list', xm),
    ...folder('/etc/xen', cfg, 'cfg'),
    'ok each /etc/xen/auto/*',
  ];
}

function content(question: string, path: string, text: string): string[] {
  return [`ok ${question} ${path}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
}

function answer(command: string, given: Answer | undefined): string[] {
  if (given === undefined) return [`absent run ${command}`, '  #no such command'];
  const { status = 0, out = '', err = '' } = given;
  return [
    `ok run ${command}`,
    `  exit ${status}`,
    ...printContent(Buffer.from(out)).map((line) => `  out ${line}`),
    ...printContent(Buffer.from(err)).map((line) => `  err ${line}`),
  ];
}

function commandLine(pid: number, argv: readonly string[] | Buffer | null): string[] {
  if (argv === null) return [`denied bytes head /proc/${pid}/cmdline`];
  const content = Buffer.isBuffer(argv) ? argv : Buffer.from(argv.map((word) => `${word}\0`).join(''));
  return [`ok bytes head /proc/${pid}/cmdline`, ...printContent(content).map((line) => `  ${line}`)];
}

function folder(path: string, files: Readonly<Record<string, string>>, type = 'xml'): string[] {
  const names = Object.keys(files).sort();
  return [
    `ok each ${path}/*.${type}`,
    ...names.map((name) => `  match ${path}/${name}.${type}`),
    ...names.flatMap((name) => [
      `ok bytes whole ${path}/${name}.${type}`,
      ...printContent(Buffer.from(files[name] ?? '')).map((line) => `  ${line}`),
    ]),
  ];
}

function virshAnswers(answers: NonNullable<GuestHost['virsh']>): string[] {
  const read = 'run virsh -q -r -c qemu:///system';
  if (Object.keys(answers).length === 0) return [`absent ${read} list --all --uuid`, '  #no such command'];
  return Object.entries(answers).flatMap(([args, { status = 0, out = '', err = '' }]) => [
    `ok ${read} ${args}`,
    `  exit ${status}`,
    ...printContent(Buffer.from(out)).map((line) => `  out ${line}`),
    ...printContent(Buffer.from(err)).map((line) => `  err ${line}`),
  ]);
}

/** A definition as libvirt writes it (virDomainDefFormat), with the given cpu element and whatever else. */
export function definition(name: string, cpu: string, more = '', uuid = uuidOf(name)): string {
  return `<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh edit ${name}
or other application using the libvirt API.
-->

<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
  </os>
  ${cpu}
  ${more}
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
  </devices>
</domain>
`;
}

/** A uuid that is the same for the same name. */
export function uuidOf(name: string): string {
  const hex = Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12);
  return `4507aaf2-e0db-005c-e863-${hex}`;
}
