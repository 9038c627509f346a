/**
 * The kernel that runs, and those that are installed: what a check has to know to say whether a reboot is due, for how
 * long, and whether it would succeed. Which of the installed ones replaces the running one is for the rules to say.
 */
import type { Stat, Statfs } from '../host/ask.ts';
import type { Clock, Identity } from '../host/host.ts';
import type { Failure, Reading } from '../reading.ts';

/** The kernel of this boot. */
export interface RunningKernel {
  /** `uname -r` */
  readonly release: string;
  /** `uname -v` */
  readonly build: string;
}

/** A kernel that is on disk. */
export interface InstalledKernel {
  /** What `uname -r` will say when it runs. */
  readonly release: string;
  /** Kernels of one flavour replace each other. */
  readonly flavour: string;
  /** In the order of its distribution: of the package where there is one, else of the release. */
  readonly version: string;
  /** Null: no package is known to have brought it. */
  readonly package: string | null;
  /** Its package is not, or not any more, wholly installed: dpkg's word for that. */
  readonly broken: string | null;
  /** Seconds since 1970; null: not known. A later update of the same package may have changed it. */
  readonly installedAt: number | null;
}

/** Where installed kernels are known from; it also says how versions are ordered. */
export type KernelSource = 'dpkg' | 'rpm' | 'files';

export interface InstalledKernels {
  readonly source: KernelSource;
  readonly found: readonly InstalledKernel[];
  /** What could not be read, so that there may be more. */
  readonly unread: readonly Failure[];
}

/** One file of /boot. */
export interface BootFile {
  readonly name: string;
  /** Where its links lead; the failure where they lead nowhere. */
  readonly stat: Reading<Stat>;
}

export interface Boot {
  readonly files: Reading<readonly BootFile[]>;
  /** Of the file system that /boot is on. */
  readonly space: Reading<Statfs>;
  /** Null: nothing tells which kernel the next boot takes. */
  readonly defaultRelease: string | null;
  /** What tells it: a file, for people. */
  readonly defaultFrom: string;
  /** Who boots; GRUB too where nothing tells. */
  readonly loader: 'GRUB' | 'systemd-boot';
  /** Each entry of its menu is a file of its own (Boot Loader Specification), which kernel-install writes. */
  readonly hasEntryFiles: boolean;
  /** Releases that the menu of the boot loader names, first one first; null: it could not be read or there is none. */
  readonly menu: readonly string[] | null;
  /** True: somebody has chosen that kernel for every boot (proxmox-boot-tool kernel pin). */
  readonly isPinned: boolean;
  /** Files of the boot loader that are there and could not be read. */
  readonly unread: readonly Failure[];
}

/** A time at which a version of a kernel package was installed, from a log: earlier ones of the same package too. */
export interface Installation {
  readonly release: string;
  readonly version: string;
  readonly at: number;
}

/** The system that was booted and the one that the next boot takes, on NixOS: paths of the store. */
export interface NixKernels {
  readonly booted: string;
  readonly next: string;
  /** When that system was made the current one; null: not known. */
  readonly switchedAt: number | null;
}

export interface KernelFacts {
  readonly now: Clock;
  readonly who: Identity;
  readonly running: Reading<RunningKernel>;
  /** The kind of container, in words; null: a machine. */
  readonly container: string | null;
  /** Seconds since this boot, or since the container was started. */
  readonly uptimeSeconds: Reading<number>;
  /** Seconds since 1970 at which the kernel believes to have been booted; null: not known. */
  readonly bootedAt: number | null;
  /** Null: in a container, whose kernel is not its own. */
  readonly installed: InstalledKernels | null;
  readonly nix: NixKernels | null;
  readonly history: readonly Installation[];
  /** False: no log tells when a kernel was installed first. */
  readonly isHistoryWhole: boolean;
  /** Releases with a directory of modules. */
  readonly modules: Reading<readonly string[]>;
  readonly boot: Boot;
  /** What /run/reboot-required asks for: its packages, perhaps none; null: no such file. */
  readonly rebootRequired: Reading<readonly string[] | null>;
  /** Names of live patches in force. */
  readonly livePatches: readonly string[];
  readonly hypervisor: Hypervisor | null;
}

/** Xen, on its dom0. */
export interface Hypervisor {
  readonly running: string;
  /** The newest package's version; null: none known. */
  readonly installed: string | null;
  readonly package: string | null;
}
