/**
 * The command line of a qemu process (system/vl.c, qemu-options.hx, util/qemu-option.c).
 *
 *     /usr/bin/qemu-system-x86_64 -name guest=web,debug-threads=on -S -machine pc,accel=kvm -cpu Haswell,invtsc=on -uuid ...
 *
 * Options begin with one dash or two; what follows most of them is their value, whatever it looks like. `-cpu` given
 * twice: the last counts and the first is forgotten; `-name` and `-machine` given twice are merged. Options that a file
 * may hold (-readconfig) are not seen here: its path is returned.
 */

export interface QemuCommandLine {
  /**
   * `probe`: libvirt asking qemu what it can do (-machine none). `xen`: device model of a Xen guest. `other`: another
   * program, or a qemu that runs no machine.
   */
  readonly kind: 'guest' | 'probe' | 'xen' | 'other';
  /** Base name of the program as it was called. */
  readonly program: string;
  /** Null where no -name is given; Proxmox's guests without one are called vmID. */
  readonly name: string | null;
  readonly uuid: string | null;
  /** Proxmox's number of the guest (-id). */
  readonly proxmoxId: number | null;
  readonly pidfile: string | null;
  readonly machine: string | null;
  /** The value of the last -cpu, as it was written. */
  readonly cpu: string | null;
  /** -global: a property of every device of a type. */
  readonly globals: readonly Global[];
  /** `kvm`, `tcg`, ...: the first choice of a list; null where qemu chooses. */
  readonly accel: string | null;
  /** Waits, or waited at its start, for a guest that migrates to here. Stays there for the life of the process. */
  readonly incoming: boolean;
  readonly configFiles: readonly string[];
}

export interface Global {
  readonly driver: string;
  readonly property: string;
  readonly value: string;
}

/** Base names of programs that run guests; for `processes`. */
export const QEMU_PROGRAMS: readonly string[] = [
  'qemu-system-*',
  'qemu-kvm',
  'kvm',
  'qemu',
  'qemu-dm',
  // NixOS wraps the program and hides the real one.
  '.qemu-system-*-wrapped',
  '.qemu-kvm-wrapped',
];

const IS_QEMU =
  /^(?:qemu-system-[^/]+|\.qemu-system-[^/]+-wrapped|\.?qemu-kvm(?:-wrapped)?|kvm|qemu|qemu-dm)$/;

export function isQemuProgram(baseName: string): boolean {
  return IS_QEMU.test(baseName);
}

/** The options without a value (those without HAS_ARG in qemu-options.hx, of qemu 0.12 to 10). */
const WITHOUT_VALUE = new Set(
  (
    'h help version S enable-kvm no-kvm nodefaults no-user-config nographic daemonize snapshot no-reboot no-shutdown ' +
    'no-acpi no-hpet no-fd-bootchk win2k-hack rtc-td-hack usb usbdevice-none no-kvm-irqchip no-kvm-pit ' +
    'no-kvm-pit-reinjection no-kvm-irqchip enable-nesting singlestep one-insn-per-tb only-migratable nouserconfig ' +
    'full-screen no-frame alt-grab ctrl-grab no-quit sdl curses portrait show-cursor mem-prealloc xen-create ' +
    'xen-attach xen-domid-restrict enable-sync-profile semihosting old-param no-pci async-teardown localtime ' +
    'startdate-none tdf no-kqemu kernel-kqemu enable-fips preconfig s'
  ).split(' '),
);

export function parseQemuArgv(argv: readonly string[]): QemuCommandLine {
  const values = optionsOf(argv);
  const last = (name: string): string | null => values.get(name)?.at(-1) ?? null;
  const program = baseNameOf(argv[0] ?? '');
  const machine = new Map(
    [...(values.get('M') ?? []), ...(values.get('machine') ?? [])].flatMap((text) =>
      parseQemuOpts(text, 'type'),
    ),
  );
  const machineType = machine.get('type') ?? null;
  const names = new Map((values.get('name') ?? []).flatMap((text) => parseQemuOpts(text, 'guest')));
  const proxmoxId = numberOf(last('id'));
  return {
    kind: kindOf(program, machineType, values, argv.length),
    program,
    name: names.get('guest') ?? (proxmoxId === null ? null : `vm${proxmoxId}`),
    uuid: last('uuid'),
    proxmoxId,
    pidfile: last('pidfile'),
    machine: machineType,
    cpu: last('cpu'),
    globals: (values.get('global') ?? []).flatMap((text) => parseGlobal(text) ?? []),
    accel: accelOf(values, machine),
    incoming: values.has('incoming'),
    configFiles: values.get('readconfig') ?? [],
  };
}

function baseNameOf(path: string): string {
  return path.replace(/ \(deleted\)$/, '').replace(/^.*\//s, '');
}

function kindOf(
  program: string,
  machine: string | null,
  values: ReadonlyMap<string, readonly string[]>,
  length: number,
): QemuCommandLine['kind'] {
  if (values.has('xen-domid') || values.has('xen-attach') || (program === 'qemu-dm' && values.has('d')))
    return 'xen';
  if (machine === 'none') return 'probe';
  // qemu -version, qemu -cpu help: they answer and end.
  const isQuestion = ['version', 'help', 'h'].some((name) => values.has(name)) || isHelp(values);
  return isQuestion || length < 2 ? 'other' : 'guest';
}

function isHelp(values: ReadonlyMap<string, readonly string[]>): boolean {
  return ['cpu', 'machine', 'M', 'device', 'accel'].some((name) =>
    /^(?:help|\?)(?:,|$)/.test(values.get(name)?.at(-1) ?? ''),
  );
}

/** The values given for each option, in order; '' for one without a value. */
function optionsOf(argv: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (let index = 1; index < argv.length; index += 1) {
    const name = /^--?(.+)$/s.exec(argv[index] ?? '')?.[1];
    // A disk image without an option.
    if (name === undefined) continue;
    const value = WITHOUT_VALUE.has(name) ? '' : argv[(index += 1)];
    const list = values.get(name);
    if (list === undefined) values.set(name, [value ?? '']);
    else list.push(value ?? '');
  }
  return values;
}

/** `-accel kvm`, `-machine accel=kvm:tcg` (the first that works), `-enable-kvm`. */
function accelOf(
  values: ReadonlyMap<string, readonly string[]>,
  machine: ReadonlyMap<string, string>,
): string | null {
  const [first] = values.get('accel') ?? [];
  if (first !== undefined) return parseQemuOpts(first, 'accel')[0]?.[1].split(':')[0] ?? null;
  const ofMachine = machine.get('accel');
  if (ofMachine !== undefined) return ofMachine.split(':')[0] ?? null;
  return values.has('enable-kvm') ? 'kvm' : null;
}

/** `driver.property=value`, where the driver has no dot, or `driver=..,property=..,value=..` (qemu_global_option). */
function parseGlobal(text: string): Global | null {
  const short = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text);
  if (short !== null) return { driver: short[1] ?? '', property: short[2] ?? '', value: short[3] ?? '' };
  const long = new Map(parseQemuOpts(text, 'driver'));
  const [driver, property, value] = [long.get('driver'), long.get('property'), long.get('value')];
  return driver === undefined || property === undefined || value === undefined
    ? null
    : { driver, property, value };
}

function numberOf(text: string | null): number | null {
  return text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}

/**
 * QemuOpts (util/qemu-option.c): `value,key=value,flag,noflag`. A comma in a value is written twice. The first element
 * without `=` is the value of `impliedKey`, any other is on, or off if it begins with "no".
 */
export function parseQemuOpts(text: string, impliedKey: string): (readonly [string, string])[] {
  const options: (readonly [string, string])[] = [];
  let rest = text;
  while (rest !== '') {
    const key = /^[^=,]*/.exec(rest)?.[0] ?? '';
    if (rest[key.length] === '=') {
      const { value, after } = valueAt(rest, key.length + 1);
      options.push([key, value]);
      rest = after;
    } else if (options.length === 0) {
      const { value, after } = valueAt(rest, 0);
      options.push([impliedKey, value]);
      rest = after;
    } else {
      options.push(key.startsWith('no') && key.length > 2 ? [key.slice(2), 'off'] : [key, 'on']);
      rest = rest.slice(key.length + 1);
    }
  }
  return options;
}

function valueAt(text: string, start: number): { readonly value: string; readonly after: string } {
  let value = '';
  let at = start;
  for (; at < text.length; at += 1) {
    if (text[at] === ',') {
      if (text[at + 1] !== ',') break;
      at += 1;
    }
    value += text[at] ?? '';
  }
  return { value, after: text.slice(at + 1) };
}

/** The inverse of `parseQemuOpts`. */
export function printQemuOpts(options: readonly (readonly [string, string])[]): string {
  return options.map(([key, value]) => `${key}=${value.replaceAll(',', ',,')}`).join(',');
}
