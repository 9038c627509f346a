/** Guests that cannot move to another host, with every reason: can this host be emptied? */
import { GUEST_READS, GUEST_RUNS, GUEST_SECRETS } from '../lib/facts/guest-access.ts';
import type { Guests } from '../lib/facts/guests.ts';
import { gatherMigration } from '../lib/facts/migration.ts';
import { anyMatcher } from '../lib/glob.ts';
import { names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { missingGuests, undecidedProcesses, unreadDefinitions, unseenGuests } from '../lib/rules/guests.ts';
import { judgeGuests, partnerFindings } from '../lib/rules/migration-judge.ts';
import {
  itemsOf,
  judgedGuests,
  measured,
  planOf,
  summaryOf,
  unreadSnapshots,
} from '../lib/rules/migration-report.ts';
import { chosen } from '../lib/rules/names.ts';
import { twinFindings } from '../lib/rules/twins.ts';

export default definePlugin({
  name: 'check_guest_migration',
  summary: 'says whether a host can be emptied, and what keeps each of its guests from moving',
  description: [
    'Before a host is rebooted its guests are moved to another one while they run. Whatever keeps a guest from moving is ' +
      'noticed then, at night: a CPU feature, a device of the host that was passed through, a disk on local storage, an ISO ' +
      'left in the drive. The check lists all reasons of all guests beforehand, so that they can be removed by day.',
    'It looks at the command lines of the running qemu processes, the definitions of libvirt, and at what the disks lie on. ' +
      'It talks to no guest and to no monitor of a guest.',
  ],
  options: {
    guest: names('look only at these guests, name or glob'),
    ignore: names('leave these guests out, name or glob'),
    partner: names('compare with this host, which is to take guests, over SSH', '[USER@]HOST[:PORT]'),
    shared: names('disks that are the same on all hosts although this cannot be seen, path or glob', 'PATH'),
  },
  kinds: {
    invtsc: { state: 'warning', meaning: 'a guest runs with the invtsc CPU feature, see check_invtsc' },
    passthrough: {
      state: 'warning',
      meaning: 'a PCI, mdev or SCSI device of the host was passed through to a guest',
    },
    disk: {
      state: 'warning',
      meaning:
        'a disk of a guest is local (a file on ext4, LVM on a local disk), missing, or not the same on the partner',
    },
    image: { state: 'warning', meaning: 'an ISO or floppy image of a guest is only on this host' },
    cache: {
      state: 'warning',
      meaning:
        'the cache mode of a disk makes it unsafe to move the guest: libvirt before 5.10 does so with --unsafe only',
    },
    folder: { state: 'warning', meaning: 'a folder of the host is shared with a guest (virtiofs, 9p)' },
    device: {
      state: 'warning',
      meaning:
        'a guest has something that qemu does not move: shared memory, encrypted memory (SEV), the TPM of the host, NVMe, a format such as vmdk',
    },
    snapshots: {
      state: 'warning',
      meaning: 'libvirt has snapshots of a guest, and does not move it with them',
    },
    cpu: { state: 'warning', meaning: 'the partner lacks the CPU model or a CPU feature that a guest has' },
    network: {
      state: 'warning',
      meaning: 'the partner lacks a bridge, device or network of libvirt that a guest uses',
    },
    machine: {
      state: 'warning',
      meaning: 'the qemu of the partner does not know the machine type of a guest',
    },
    memory: { state: 'warning', meaning: 'the partner has not enough free memory for a guest' },
    definition: { state: 'warning', meaning: 'the partner has another guest of the same name defined' },
    'host-cpu': {
      state: 'ok',
      meaning: 'a guest has the CPU of this host passed through, and needs the same on another',
    },
    'split-brain': {
      state: 'critical',
      meaning: 'a guest runs here and on a partner at the same time, and both write to its disks',
    },
    twin: {
      state: 'ok',
      meaning:
        'a guest is here and on a partner, and one of the two is paused: a migration under way, or a copy left behind',
    },
    differs: {
      state: 'warning',
      meaning:
        'the definition of a guest is another one on the partner: keeps nothing from moving, and surprises at the next start',
    },
    undefined: {
      state: 'ok',
      meaning: 'a guest is not defined on the partner: a live migration brings the definition along',
    },
    'not-compared': {
      state: 'unknown',
      meaning: 'something of the partner that only libvirt tells is not known',
    },
    'left-behind': { state: 'ok', meaning: 'a guest can move, and loses a USB device of this host' },
    missing: {
      state: 'unknown',
      meaning: 'a guest given by its whole name to --guest is neither running nor defined here',
    },
    undecided: {
      state: 'ok',
      meaning: 'processes that hang in the kernel could not be told to be guests or not',
    },
    'definitions-denied': {
      state: 'ok',
      meaning: 'definitions or snapshots of guests cannot be read by this user',
    },
  },
  metrics: {
    guests: { unit: '', meaning: 'running guests', min: 0 },
    movable: { unit: '', meaning: 'of these, those that nothing keeps from moving', min: 0 },
    blocked: { unit: '', meaning: 'guests that cannot move', min: 0 },
    blocked_invtsc: { unit: '', meaning: 'guests that the feature invtsc keeps from moving', min: 0 },
    blocked_passthrough: {
      unit: '',
      meaning: 'guests that a device passed through keeps from moving',
      min: 0,
    },
    blocked_disk: { unit: '', meaning: 'guests that a disk keeps from moving', min: 0 },
    blocked_image: { unit: '', meaning: 'guests that an ISO or floppy image keeps from moving', min: 0 },
    blocked_cache: { unit: '', meaning: 'guests that a cache mode keeps from moving', min: 0 },
    blocked_folder: { unit: '', meaning: 'guests that a shared folder keeps from moving', min: 0 },
    blocked_device: { unit: '', meaning: 'guests that another device keeps from moving', min: 0 },
    blocked_snapshots: { unit: '', meaning: 'guests that snapshots keep from moving', min: 0 },
    blocked_cpu: { unit: '', meaning: 'guests whose CPU no partner has', min: 0 },
    blocked_network: { unit: '', meaning: 'guests whose network no partner has', min: 0 },
    blocked_machine: { unit: '', meaning: 'guests whose machine type no partner knows', min: 0 },
    blocked_memory: { unit: '', meaning: 'guests that the partners have no memory for', min: 0 },
    blocked_definition: { unit: '', meaning: 'guests that another definition is in the way of', min: 0 },
  },
  main: 'blocked',
  looksFor: 'guests',
  interval: '5m',
  access: {
    unprivileged:
      'the command lines of all guests, what their disks lie on, and what libvirt tells any user (virsh -r)',
    root: 'what was plugged in later, and definitions where libvirt does not answer',
    reads: [...GUEST_READS, '/proc/meminfo', '/proc/self/mountinfo', '/sys/class/block/*/dm/name'],
    // Storages of plug-ins have their keys there.
    secrets: [...GUEST_SECRETS, '/etc/pve/storage.cfg'],
    runs: [
      ...GUEST_RUNS,
      'virsh -q -r -c qemu:///system list --all --uuid --with-snapshot',
      'virsh -q -r -c qemu:///system capabilities',
      'virsh -q -r -c qemu:///system domcapabilities',
      'virsh -q -r -c qemu:///system net-list --name',
      'virsh -q -r -c qemu:///system domstate *',
      'xl info',
    ],
  },
  examples: [
    { args: '', does: 'all guests of this host' },
    { args: '-w 3 -c 10', does: 'WARNING above three guests that cannot move, CRITICAL above ten' },
    {
      args: '--partner root@jill',
      does: 'whether jill can take all guests of this host, and runs none of them',
    },
    {
      args: '--partner jill --partner kaya -v',
      does: 'which guests go where, and whether the memory suffices',
    },
    { args: "--shared '/san/*'", does: 'disks in /san are the same on all hosts' },
  ],

  async gather(host, options, open) {
    const here = await gatherMigration(host, options.partner.length > 0);
    if (options.partner.length === 0) return { here, looks: [] };
    const { gatherPartners } = await import('../lib/facts/partner.ts');
    return { here, looks: await gatherPartners(options.partner, host, here, open) };
  },

  judge({ here, looks }, options) {
    const isChosen = chosen(options.guest, options.ignore);
    const guests = here.movable.filter(({ guest }) => isChosen(guest.name));
    const partners = looks.flatMap(({ look }) => (look.ok ? [look.value] : []));
    const verdict = judgeGuests(guests, here, partners, anyMatcher(options.shared));
    const unseen = unseenGuests(here.guests);
    const isNothing = guests.length + unseen.length === 0;
    return {
      findings: [
        ...partners.flatMap(twinFindings).filter(({ subject }) => isChosen(subject)),
        ...judgedGuests(verdict.judged),
        ...unseen,
        ...partnerFindings(looks, guests, here),
        ...missingGuests(options.guest, here.guests),
        ...undecidedProcesses(here.guests),
        ...unreadDefinitions(here.guests),
        ...unreadSnapshots(here),
      ],
      summary: isNothing ? '' : summaryOf(verdict, here.guests),
      isList: true,
      measurements: measured(verdict.judged, here.guests),
      items: [...itemsOf(verdict.judged), ...planOf(verdict)],
      ...(isNothing ? { none: noneOf(here.guests) } : {}),
    };
  },
});

function noneOf({ running, scanned }: Guests): string {
  if (running.length > 0)
    return `no guests: none of the ${running.length} here is chosen by --guest and --ignore`;
  return `no guests: ${scanned.ok ? scanned.value : 0} processes, none of them a qemu guest`;
}
