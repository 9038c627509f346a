/** Whether this machine should be rebooted, for how long that has been so, and whether it would come back. */
import { GUEST_READS, GUEST_RUNS, GUEST_SECRETS } from '../lib/facts/guest-access.ts';
import { KERNEL_READS, KERNEL_RUN, KERNEL_SEARCHES } from '../lib/facts/kernel-access.ts';
import { gatherReboot } from '../lib/facts/reboot.ts';
import { flag, names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { seesAll } from '../lib/rules/guests.ts';
import { parseKernelAge } from '../lib/rules/kernel-age.ts';
import { judgeBoot } from '../lib/rules/kernel-boot.ts';
import { judgeKernel } from '../lib/rules/kernel.ts';
import { chosen } from '../lib/rules/names.ts';
import { judgeOldCode } from '../lib/rules/old-code.ts';
import {
  costOf,
  daysOf,
  itemsOf,
  namesOf,
  summaryOf,
  toRemember,
  unseenKernels,
} from '../lib/rules/reboot.ts';
import { judgeClock, measureUptime, remembered, seenOf, unseenUptime } from '../lib/rules/uptime.ts';

export default definePlugin({
  name: 'check_uptime_kernel',
  summary:
    'finds machines that should be rebooted: kernel updates that wait, old code in memory, untested boots',
  description: [
    'An updated kernel protects nobody until the machine is rebooted, an updated library not before every process that uses ' +
      'it is started again, and an updated qemu not before every guest has been moved or power-cycled. A server that has not ' +
      'been rebooted for a year has a boot that nobody has tried: the day of the next power failure is a bad day to find out.',
    'The check compares the running kernel with the installed ones of its flavour, in the order of the distribution, and ' +
      'says for how long the first newer one has been waiting; looks for processes that execute deleted or replaced files; ' +
      'looks whether the newest kernel has all that it needs to boot, and is the one that the next boot takes; and names ' +
      'the guests that must be moved before a reboot.',
  ],
  options: {
    'kernel-age': {
      type: 'value',
      placeholder: 'RANGES',
      byDefault: '14,60',
      help: 'for how many days a newer kernel may wait: a range for WARNING, and behind a comma one for CRITICAL',
      parse: parseKernelAge,
    },
    'no-old-code': flag('do not look for old code in memory'),
    ignore: names('leave old code of these services or programs out, name or glob'),
  },
  kinds: {
    pending: { state: 'ok', meaning: 'a newer kernel is installed, and has not waited for long yet' },
    waiting: {
      state: 'warning',
      meaning: 'a newer kernel has been waiting for longer than --kernel-age, or for an unknown time',
    },
    overdue: {
      state: 'critical',
      meaning: 'a newer kernel has been waiting for longer than the second range of --kernel-age',
    },
    'running-newer': {
      state: 'warning',
      meaning: 'a kernel runs that is newer than all installed ones: a reboot goes back',
    },
    unpackaged: {
      state: 'ok',
      meaning: 'the running kernel is of no package here, so that no other can be called newer',
    },
    'modules-gone': {
      state: 'warning',
      meaning: 'the modules of the running kernel are gone: nothing can be loaded any more',
    },
    'reboot-required': {
      state: 'warning',
      meaning: 'other packages than the kernel have asked for a reboot (/run/reboot-required)',
    },
    hypervisor: { state: 'warning', meaning: 'a newer Xen is installed than the one that runs' },
    boot: {
      state: 'warning',
      meaning:
        'the next boot may fail, or take an older kernel: no initrd, no image, /boot full, another default',
    },
    'boot-denied': { state: 'ok', meaning: 'this user may not read which kernel the next boot takes' },
    'old-code': {
      state: 'warning',
      meaning: 'processes execute programs or libraries that were deleted or replaced, by service',
    },
    'old-guests': {
      state: 'warning',
      meaning:
        'guests run on a replaced qemu, or on replaced libraries of it: they need migration or a power cycle',
    },
    'old-containers': {
      state: 'ok',
      meaning: 'processes in containers, which their owners update, execute deleted or replaced files',
    },
    'old-code-denied': {
      state: 'ok',
      meaning: 'old code could not be looked for in the processes of other users',
    },
    clock: { state: 'ok', meaning: 'the clock was set, or clock, uptime and boot time do not fit together' },
  },
  metrics: {
    uptime: { unit: 's', meaning: 'time since the last boot', min: 0 },
    kernel_waits: { unit: '', meaning: 'days that a newer kernel has been waiting, 0 where none is', min: 0 },
    old_processes: {
      unit: '',
      meaning: 'processes that execute deleted or replaced files, without containers',
      min: 0,
    },
    old_guests: { unit: '', meaning: 'of these, guests', min: 0 },
    guests: { unit: '', meaning: 'guests that must be moved before a reboot', min: 0 },
  },
  main: 'uptime',
  thresholds: { unit: 's', warning: '365d' },
  looksFor: 'kernels of its own (a container)',
  interval: '1h',
  access: {
    unprivileged: 'kernels, uptime, guests; old code in processes of its own user only',
    root: 'old code in all processes; which kernel the next boot takes, where the files of the boot loader are closed',
    reads: [...GUEST_READS, ...KERNEL_READS],
    searches: KERNEL_SEARCHES,
    secrets: GUEST_SECRETS,
    runs: [KERNEL_RUN, ...GUEST_RUNS],
  },
  remembers: true,
  examples: [
    {
      args: '',
      does: 'WARNING after a year without a reboot, or when a newer kernel has waited for 14 days',
    },
    { args: '-w 180d -c 365d --kernel-age 7,30', does: 'a stricter policy' },
    { args: '-w 1h:', does: 'WARNING in the first hour after a reboot that nobody has announced' },
    {
      args: '--state-dir /var/lib/hypervisor-checks',
      does: 'also remember when the first newer kernel came',
    },
    {
      args: "--ignore 'user@*' --old-guests critical",
      does: 'leave services out; guests on an old qemu are CRITICAL',
    },
    { args: '-v', does: 'the kernels, and what a reboot costs' },
  ],

  gather: (host, options) => gatherReboot(host, !options['no-old-code']),

  judge(facts, options, memory) {
    const { kernel, guests, oldCode } = facts;
    const before = remembered(memory);
    const verdict = judgeKernel(kernel, options['kernel-age'], seenOf(before, kernel), costOf(facts));
    const isIgnored = options.ignore.length === 0 ? () => false : chosen(options.ignore, []);
    const old = oldCode === null ? null : judgeOldCode(oldCode, guests, isIgnored);
    return {
      findings: [
        ...verdict.findings,
        ...judgeBoot(kernel, verdict.view),
        ...(old?.findings ?? []),
        ...judgeClock(kernel, before, memory),
        ...unseenUptime(kernel),
        ...unseenKernels(facts),
      ],
      summary: summaryOf(facts, old),
      measurements: [
        ...measureUptime(kernel),
        ...(kernel.container === null ? [{ metric: 'kernel_waits', value: daysOf(verdict) } as const] : []),
        { metric: 'old_processes', value: old?.processes ?? null },
        { metric: 'old_guests', value: old?.guests ?? null },
        {
          metric: 'guests',
          value: seesAll(guests) ? namesOf(facts).length : null,
        },
      ],
      items: itemsOf(facts, verdict),
      remember: toRemember(facts, verdict, before),
      ...(kernel.container === null
        ? {}
        : { none: `a container (${kernel.container}), its kernel is the host's` }),
    };
  },
});
