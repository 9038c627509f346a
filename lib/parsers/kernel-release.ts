/**
 * The names of kernels: what `uname -r` says (/proc/sys/kernel/osrelease; EXTRAVERSION and LOCALVERSION of the kernel's
 * Makefile), and which package of a distribution brings which.
 *
 *     6.1.0-37-amd64               Debian, version and ABI number, flavour
 *     6.1.0-0.deb11.21-amd64       its backports
 *     6.12.38+deb13-cloud-amd64    since 13
 *     5.15.0-107-generic           Ubuntu
 *     6.8.12-9-pve                 Proxmox
 *     5.14.0-427.13.1.el9_4.x86_64+debug   RHEL, Fedora
 *     6.4.0-150600.23.25-default   SUSE; the package has one number more
 *     6.9.3-arch1-1  6.6.32-1-lts  Arch Linux, packages linux and linux-lts
 *     6.6.30-0-lts                 Alpine
 */

export interface KernelRelease {
  /** What is compared between kernels of one flavour. */
  readonly version: string;
  /** What must be the same for two kernels to replace each other; '' where the name has none. */
  readonly flavour: string;
}

/** Any text is some release: one that no distribution makes is version and flavour as far as it can be told. */
export function splitRelease(release: string): KernelRelease {
  const [, version, flavour = ''] =
    /^(\S+?)\.(?:x86_64|aarch64|ppc64le|ppc64|s390x|i[3-6]86|riscv64|loongarch64)(?:\+([\w-]+))?$/.exec(
      release,
    ) ?? [];
  if (version !== undefined) return { version, flavour };
  const words = release.split('-');
  const arch = words.findIndex((word) => /^(?:arch|zen|hardened|xanmod)[0-9.]+$/.test(word));
  if (arch > 0) {
    // The words behind it are its package's release and, but for the plain kernel, its flavour.
    return { version: words.slice(0, arch + 2).join('-'), flavour: words.slice(arch + 2).join('-') };
  }
  let count = 1;
  while (/^(?:[0-9]|rc[0-9])/.test(words[count] ?? '')) count += 1;
  return { version: words.slice(0, count).join('-'), flavour: words.slice(count).join('-') };
}

/** What names of Debian's kernel packages begin with. */
export const DPKG_KERNELS = ['linux-image-', 'pve-kernel-', 'proxmox-kernel-'];

/**
 * The release of the kernel in a package of Debian, Ubuntu or Proxmox, or null: no kernel, but a meta package that asks for one
 * (`linux-image-amd64`, `proxmox-kernel-6.8`) or debugging symbols.
 */
export function releaseOfDpkg(name: string): string | null {
  const [, release, ending] =
    /^(?:linux-image-(?:unsigned-)?|pve-kernel-|proxmox-kernel-)([0-9]+\.[0-9]+(?:\.[0-9]|-rc[0-9]).*?)(-signed|-unsigned|-dbg|-dbgsym)?$/.exec(
      name,
    ) ?? [];
  return release === undefined || ending === '-dbg' || ending === '-dbgsym' ? null : release;
}

const RPM_KERNEL =
  /^kernel(?:-(debug|64kb?|64k-debug|rt|rt-debug|rt-64k|automotive|zfcpdump|PAE|pae|xen|uek|uek-debug|uek64k|lt|ml|plus|lpae|default|azure|preempt|desktop|kvmsmall|longterm|trace|vanilla))?(-core|-base)?$/;

/** The flavour of the kernel in a package of rpm, '' for the plain one, or null: no kernel. */
export function flavourOfRpm(name: string): string | null {
  const match = RPM_KERNEL.exec(name);
  return match === null ? null : (match[1] ?? '');
}
