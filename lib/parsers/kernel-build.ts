/**
 * `uname -v` (/proc/sys/kernel/version): how and when a kernel was built, and by whom (init/Makefile, scripts/mkcompile_h
 * before 6.1). At most 64 bytes; what is longer is cut.
 *
 *     #1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)
 *     #1 SMP Debian 4.9.144-3.1 (2019-02-19)
 *     #117~20.04.1-Ubuntu SMP Tue Apr 30 10:35:57 UTC 2024
 *     #1 SMP PREEMPT_DYNAMIC PMX 6.8.12-9 (2025-03-16T19:18Z)
 *
 * Debian, Ubuntu and Proxmox put the version of the package in: within one ABI, and so one `uname -r`, there can be several.
 */

/** What is known of the package version of a running kernel; null: it does not say. */
export interface KernelBuild {
  readonly version: string;
  /** True: only the beginning, the rest did not fit. */
  readonly cut: boolean;
}

/**
 * @param build `uname -v`
 * @param release `uname -r`
 */
export function buildVersion(build: string, release: string): KernelBuild | null {
  const [, version, blank] = / (?:Debian|PMX|PVE) ([0-9][^ ]*)( ?)/.exec(build) ?? [];
  if (version !== undefined) return { version, cut: blank === '' && build.length >= 63 };
  const upload = /^#([0-9.]+(?:~[0-9.]+)?(?:\+[\w.]+)?)-Ubuntu\b/.exec(build)?.[1];
  const abi = /^([0-9.]+-[0-9]+)-/.exec(release)?.[1];
  return upload === undefined || abi === undefined ? null : { version: `${abi}.${upload}`, cut: false };
}
