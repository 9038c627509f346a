/** What is asked of every host about its kernels. */
import {
  bytes,
  each,
  files,
  head,
  lines,
  link,
  stat,
  statfs,
  type AnswerOf,
  type Content,
} from '../host/ask.ts';
import type { Clock, Identity } from '../host/host.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { mapReading, type Reading } from '../reading.ts';

const MIB = 1024 * 1024;
/** 20 000 packages with their descriptions; a server has 1000 in 1 MB. */
const MAX_DPKG_STATUS = 32 * MIB;

const efi = (name: string): string =>
  `/sys/firmware/efi/efivars/${name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`;

/** By which systemd-boot and the system talk (https://systemd.io/BOOT_LOADER_INTERFACE). */
export const LOADER_VARIABLES = {
  loaderInfo: efi('LoaderInfo'),
  loaderOnce: efi('LoaderEntryOneShot'),
  loaderPreferred: efi('LoaderEntryPreferred'),
  loaderDefault: efi('LoaderEntryDefault'),
  loaderSaved: efi('LoaderEntryLastBooted'),
} as const;

const MAX_ENTRY = 64 * 1024;
const entriesIn = (folder: string) => each(`${folder}/loader/entries/*.conf`, { text: bytes('', MAX_ENTRY) });
const confIn = (folder: string) => bytes(`${folder}/loader/loader.conf`, MAX_ENTRY);

/** How the menu of GRUB begins a choice (util/grub.d/00_header.in). */
export const SET_DEFAULT = 'set default="';

/** What is asked of every host. */
export const QUESTIONS = {
  osrelease: head('/proc/sys/kernel/osrelease', 256),
  version: head('/proc/sys/kernel/version', 256),
  uptime: head('/proc/uptime', 64),
  btime: lines('/proc/stat', 'btime '),
  init: head('/proc/1/stat', 512),
  container: head('/run/systemd/container', 64),
  docker: stat('/.dockerenv'),
  podman: stat('/run/.containerenv'),
  namespace: link('/proc/self/ns/pid'),
  vz: stat('/proc/vz'),
  vzHost: stat('/proc/bc'),
  dpkg: bytes('/var/lib/dpkg/status', MAX_DPKG_STATUS),
  rpmOld: stat('/var/lib/rpm', { follow: true }),
  rpmNew: stat('/usr/lib/sysimage/rpm', { follow: true }),
  modules: each('/lib/modules/*', {
    stat: stat('', { follow: true }),
    order: stat('modules.order'),
    builtin: stat('modules.builtin'),
    package: stat('pkgbase'),
    image: stat('vmlinuz'),
  }),
  boot: each('/boot/*', { stat: stat('', { follow: true }) }),
  space: statfs('/boot'),
  grub: lines('/boot/grub/grub.cfg', 'vmlinuz-', MIB),
  grub2: lines('/boot/grub2/grub.cfg', 'vmlinuz-', MIB),
  grubChoice: lines('/boot/grub/grub.cfg', SET_DEFAULT, 4096),
  grubChoice2: lines('/boot/grub2/grub.cfg', SET_DEFAULT, 4096),
  grubDefault: bytes('/etc/default/grub', 64 * 1024),
  grubenv: head('/boot/grub/grubenv', 1024),
  grubenv2: head('/boot/grub2/grubenv', 1024),
  entries: entriesIn('/boot'),
  esp: entriesIn('/efi'),
  bootEsp: entriesIn('/boot/efi'),
  images: files('/boot/EFI/Linux/*.efi', '/efi/EFI/Linux/*.efi', '/boot/efi/EFI/Linux/*.efi'),
  conf: confIn('/boot'),
  espConf: confIn('/efi'),
  bootEspConf: confIn('/boot/efi'),
  loaderInfo: head(LOADER_VARIABLES.loaderInfo, 1024),
  loaderOnce: head(LOADER_VARIABLES.loaderOnce, 1024),
  loaderPreferred: head(LOADER_VARIABLES.loaderPreferred, 1024),
  loaderDefault: head(LOADER_VARIABLES.loaderDefault, 1024),
  loaderSaved: head(LOADER_VARIABLES.loaderSaved, 1024),
  pin: head('/etc/kernel/proxmox-boot-pin', 256),
  nextPin: head('/etc/kernel/next-boot-pin', 256),
  required: each('/run/reboot-required*', { text: bytes('', 64 * 1024) }),
  patches: each('/sys/kernel/livepatch/*', { enabled: head('enabled', 8) }),
  nixBooted: link('/run/booted-system/kernel'),
  nixCurrent: link('/run/current-system/kernel'),
  xenCapabilities: head('/proc/xen/capabilities', 256),
  xenMajor: head('/sys/hypervisor/version/major', 16),
  xenMinor: head('/sys/hypervisor/version/minor', 16),
  xenExtra: head('/sys/hypervisor/version/extra', 64),
  nixCurrentSystem: stat('/run/current-system'),
  nixNext: link('/nix/var/nix/profiles/system/kernel'),
  nixProfile: stat('/nix/var/nix/profiles/system'),
} as const;

type Questions = typeof QUESTIONS;
export type KernelAnswers = { readonly [K in keyof Questions]: AnswerOf<Questions[K]> } & {
  readonly now: Clock;
  readonly who: Identity;
};

export function textOf(reading: Reading<Content>): Reading<string> {
  return mapReading(reading, ({ bytes: content }) => decodeUtf8(content).trimEnd());
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
