/**
 * Which options qemu-system-* has, and which of them take a value, so that no value is mistaken for an option
 * (qemu-options.hx and lookup_opt in softmmu/vl.c; the lists are those of 7.2, with what older and newer ones, the
 * qemu-kvm of RHEL 6 and the qemu of Proxmox have besides).
 */

/** Options that stand alone. */
const ALONE = `
  S s h help version usb snapshot nographic portrait full-screen win2k-hack old-param semihosting singlestep preconfig
  audio-help mem-prealloc no-fd-bootchk no-acpi no-hpet no-reboot no-shutdown no-user-config nodefaults
  nodefconfig daemonize only-migratable enable-kvm enable-sync-profile async-teardown xen-attach xen-domid-restrict
  one-insn-per-tb jitdump perfmap
  curses sdl alt-grab ctrl-grab no-frame no-quit show-cursor tdf localtime std-vga rtc-td-hack
  enable-fips enable-hax enable-nesting no-kvm no-kvm-irqchip no-kvm-pit no-kvm-pit-reinjection no-kqemu xen-create`;

/** Options with a value, which is the next argument whatever it looks like. */
const VALUED = `
  D L M accel acpitable action add-fd append audio audiodev bios blockdev boot cdrom chardev chroot compat cpu d debugcon
  device dfilter display drive dtb dump-vmstate echr fda fdb fsdev fw_cfg g gdb global hda hdb hdc hdd icount incoming
  initrd iscsi k kernel loadvm m machine mem-path mon monitor msg mtdblock name net netdev nic numa object option-rom
  overcommit parallel pflash pidfile plugin prom-env qmp qmp-pretty qtest qtest-log readconfig rotate rtc run-with runas
  sandbox sd seed semihosting-config serial set shim smbios smp spice tpmdev trace usbdevice uuid vga virtfs vnc
  watchdog-action xen-domid
  balloon bootp bt clock domain-name hdachs id kvm-shadow-memory pcidevice redir smb soundhw startdate tb-size tftp vcpus
  virtioconsole watchdog writeconfig`;

export interface QemuOption {
  /** Without its dash or dashes. */
  readonly name: string;
  /** Null: an option that stands alone. */
  readonly value: string | null;
}

/**
 * The options of a command line, in order, from its second element on. An argument that is no option (the image of the
 * first disk) is left out. Options that are not known here take the next argument unless it begins with a dash.
 */
export function walkQemuOptions(argv: readonly string[]): QemuOption[] {
  const options: QemuOption[] = [];
  const { alone, valued } = known();
  for (let i = 1; i < argv.length; i++) {
    const name = /^--?([^-].*)/s.exec(argv[i] ?? '')?.[1];
    if (name === undefined) continue;
    const next = argv[i + 1];
    const takesNext = valued.has(name) || (!alone.has(name) && next?.startsWith('-') === false);
    options.push({ name, value: takesNext ? (next ?? '') : null });
    if (takesNext) i++;
  }
  return options;
}

let sets: { readonly alone: ReadonlySet<string>; readonly valued: ReadonlySet<string> } | null = null;

/** Made for the first guest: a host may have none. */
function known(): NonNullable<typeof sets> {
  sets ??= { alone: words(ALONE), valued: words(VALUED) };
  return sets;
}

/** Split at one character: with an expression it would be a tenth of what a check of one guest costs. */
function words(text: string): ReadonlySet<string> {
  return new Set(text.replaceAll('\n', ' ').split(' '));
}
