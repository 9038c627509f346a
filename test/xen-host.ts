/** What the tools of a Xen host print, for tests. */

/** Printed by xl of Xen 4.17.7 (Debian 12), whose calls to the hypervisor were answered by a preloaded library. */
export const XL_LIST = [
  'Name                                        ID   Mem VCPUs\tState\tTime(s)',
  'Domain-0                                     0  1024     2     r-----    1234.5',
  'acrux                                        1  1024     2     -b----    2469.0',
  'dubhe                                        2  1024     2     -b----    3703.5',
  '',
].join('\n');

/** Of libxl's configuration, what decides. */
export interface Built {
  readonly disable_migrate?: string;
  /** Bit 8 of EDX in leaf 0x80000007. */
  readonly cpuid?: 0 | 1;
  readonly tsc_mode?: string;
  readonly name?: string;
  readonly uuid?: string;
  /** Lists of the domain's devices, as libxl has them. */
  readonly devices?: Readonly<Record<string, readonly object[]>>;
}

/**
 * As `xl list -l` (list_domains_details in tools/xl/xl_list.c) prints domains: each with its number, and the configuration as
 * `xl -N create` of Xen 4.17.7 printed it, abridged.
 */
export function xlListLong(domains: Readonly<Record<number, Built>>): string {
  const all = Object.entries(domains).map(([domid, { cpuid, name, uuid, devices = {}, ...built }]) => ({
    domid: Number(domid),
    config: {
      c_info: {
        type: 'hvm',
        name: name ?? `g${domid}`,
        uuid: uuid ?? `07AE8823-eaba-4d1b-b52e-${domid.padStart(12, '0')}`,
        run_hotplug_scripts: 'True',
      },
      b_info: {
        max_vcpus: 2,
        max_memkb: 524288,
        target_memkb: 524288,
        ...built,
        ...(cpuid === undefined
          ? {}
          : {
              cpuid: {
                cpuid: [{ leaf: 2147483655, edx: `${'x'.repeat(23)}${cpuid}${'x'.repeat(8)}` }],
                msr: [],
              },
            }),
        sched_params: {},
        claim_mode: 'True',
        'type.hvm': { vga: {}, vnc: { enable: 'True', passwd: 'hunter2' }, spice: {} },
      },
      ...devices,
      on_reboot: 'restart',
    },
  }));
  return `${JSON.stringify(all)}\n`;
}

/** `xl list` of Domain-0 and of these. */
export function xlList(names: Readonly<Record<number, string>>, state = '-b----'): string {
  const rows = Object.entries(names).map(
    ([domid, name]) => `${name.padEnd(40)} ${domid.padStart(5)}   512     2     ${state}     100.0`,
  );
  return [...XL_LIST.split('\n').slice(0, 2), ...rows, ''].join('\n');
}
