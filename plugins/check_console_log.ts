/** Guests' console logs that are too big, grow too fast, or fill their file system. */
import { GUEST_READS, GUEST_RUNS, GUEST_SECRETS } from '../lib/facts/guest-access.ts';
import { NOVA_CONF } from '../lib/facts/console-places.ts';
import { gatherConsoleLogs } from '../lib/facts/console-logs.ts';
import { names, oneOf, rangeIn, UsageError } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { judgeFilling, judgeGrowth, judgeTotal } from '../lib/rules/console-bounds.ts';
import { isChosenBy, missingLogs, ownLinks, splitShared } from '../lib/rules/console-choice.ts';
import {
  judgeClosed,
  judgeDeleted,
  judgeGuests,
  judgeLinks,
  judgeOrphans,
  judgeUnlimited,
  judgeUnseen,
} from '../lib/rules/console-findings.ts';
import { fillings, growthOf } from '../lib/rules/console-growth.ts';
import {
  itemsOf,
  noneOf,
  pacesOf,
  sizesOf,
  summaryOf,
  sumsOf,
  totalsOf,
} from '../lib/rules/console-measures.ts';
import { logsOf, SIZES_BY } from '../lib/rules/console-sizes.ts';
import { unreadDefinitions } from '../lib/rules/guests.ts';

export default definePlugin({
  name: 'check_console_log',
  summary: 'finds console logs of guests that are too big, grow too fast, or fill the disk',
  description: [
    'What a guest prints on its serial console is kept on the host. A guest that writes errors for ever writes gigabytes, ' +
      'and who opens its console in a web page carries them through all services in between, again at each refresh. ' +
      'Nobody looks at these files before the disk is full.',
    'The check looks at the logs of OpenStack, libvirt and Xen, and at those that running guests and definitions name, each ' +
      'file once, and says whose they are and who writes them. It reads none of them. A log counts with its rotated ones. ' +
      'Where the directory of instances is shared between hosts, only the guests of this host are judged.',
  ],
  options: {
    guest: names('look only at the logs of these guests, name, uuid, path or glob'),
    ignore: names('leave the logs of these guests out, name, uuid, path or glob'),
    path: {
      ...names('look at these files too, path or glob', 'GLOB'),
      parse: (text: string): string => {
        if (/^\/./.test(text)) return text;
        throw new UsageError(`"${text}" does not begin with a /`);
      },
    },
    size: oneOf(
      'which size counts: what the disk pays, what a reader carries, or the larger; sparse files differ in that',
      SIZES_BY,
      'allocated',
    ),
    total: rangeIn('B', 'alert when all logs together leave this range'),
    growth: rangeIn('B', 'alert when what a log grows in an hour leaves this range; needs --state-dir'),
    'full-in': {
      ...rangeIn(
        's',
        'alert when the time until logs have filled a file system leaves this range; needs --state-dir',
      ),
      byDefault: '12h:',
    },
  },
  kinds: {
    'over-total': { state: 'warning', meaning: 'all console logs together leave the range of --total' },
    'over-growth': { state: 'warning', meaning: 'a console log grows by what leaves the range of --growth' },
    filling: {
      state: 'warning',
      meaning: 'logs fill their file system in a time that leaves the range of --full-in',
    },
    link: {
      state: 'unknown',
      meaning: 'a symbolic link stands where a log should be; it is not followed, its target is not judged',
    },
    deleted: {
      state: 'ok',
      meaning:
        'a deleted log takes space, since a guest or virtlogd still has it open; it counts in the sizes as well',
    },
    unlimited: {
      state: 'ok',
      meaning:
        'nothing keeps a console log from growing: qemu or xenconsoled writes it itself, or max_size of virtlogd is 0',
    },
    orphan: {
      state: 'ok',
      meaning: 'the folder of an instance belongs to no guest that runs or is defined here',
    },
    'growth-unknown': {
      state: 'ok',
      meaning: 'a range on growth was given, and how fast logs grow is not known yet',
    },
    'open-files-denied': {
      state: 'ok',
      meaning:
        'open files of guests and virtlogd cannot be seen by this user: which deleted logs are open, and who writes a log',
    },
    'guests-denied': {
      state: 'ok',
      meaning:
        'running guests cannot be seen by this user, or there are no processes under --root: logs are told by their paths',
    },
    'definitions-denied': {
      state: 'ok',
      meaning: 'definitions of guests cannot be read by this user: logs that only they name are missed',
    },
    missing: {
      state: 'unknown',
      meaning: 'a guest given by its whole name to --guest has no console log here',
    },
  },
  metrics: {
    size: { unit: 'B', of: 'guest', meaning: 'size of a console log', min: 0 },
    largest: { unit: 'B', meaning: 'size of the largest one', min: 0 },
    total: { unit: 'B', meaning: 'all console logs together', min: 0 },
    to_read: { unit: 'B', meaning: 'all of them as a reader sees them, holes of sparse files too', min: 0 },
    logs: { unit: '', meaning: 'console logs, each with its rotated ones', min: 0 },
    deleted: { unit: 'B', meaning: 'deleted logs that are still open', min: 0 },
    growth: { unit: 'B', meaning: 'what the fastest of them grows in an hour', min: 0 },
    full_in: { unit: 's', meaning: 'until the first file system is full, at the pace its logs grow', min: 0 },
    others: { unit: '', meaning: 'logs on shared file systems that belong to guests of other hosts', min: 0 },
  },
  main: 'size',
  thresholds: { unit: 'B', warning: '100MiB', critical: '1GiB' },
  looksFor: 'console logs',
  access: {
    unprivileged: 'logs in directories that are open to it, and what the definitions name through virsh -r',
    root: 'all directories, deleted logs that are still open, and who writes each log',
    elsewhere: '--path /srv/guests/console.log',
    reads: [...GUEST_READS, '/proc/*/fdinfo/*', '/etc/libvirt/virtlogd.conf', '/etc/logrotate.d/*'],
    // The passwords of consoles and services.
    secrets: [...GUEST_SECRETS, ...NOVA_CONF],
    runs: GUEST_RUNS,
  },
  interval: '5m',
  remembers: true,
  examples: [
    { args: '', does: 'all console logs of this host: WARNING above 100 MiB, CRITICAL above 1 GiB' },
    { args: '-w 20MiB -c 200MiB --total 5GiB', does: 'smaller limits, and one for all together' },
    {
      args: '--state-dir /var/lib/hypervisor-checks --growth 200MiB --full-in 1d:',
      does: 'also find logs that grow by more than 200 MiB an hour, and a disk that they fill within a day',
    },
    { args: "--path '/srv/guests/*/serial.log'", does: 'logs in another place too' },
    { args: '--size larger', does: 'judge sparse logs by what a reader carries' },
    { args: '-v', does: 'one line for each of the largest logs' },
  ],

  gather: (host, options) => gatherConsoleLogs(host, options.path),

  judge(facts, options, memory) {
    const { guests, unseen } = facts;
    const all = logsOf(facts, options.size);
    const { judged, others } = splitShared(all.filter(isChosenBy(options)), facts);
    const growth = growthOf(judged, facts.epochSeconds, memory);
    const filling = fillings(judged, facts.fileSystems, growth);
    const totals = totalsOf(judged);
    const findings = [
      ...judgeTotal(totals.sizeBytes, options.total),
      ...judgeGrowth(judged, options.growth, growth, facts),
      ...judgeFilling(filling, options['full-in'], facts),
      ...judgeDeleted(judged),
      ...judgeUnlimited(judged, facts),
      ...judgeOrphans(judged, facts),
      ...judgeLinks(ownLinks(facts, options, others)),
      ...missingLogs(options, judged),
      ...judgeUnseen(unseen, guests.who.uid),
      ...judgeGuests(facts, others.length),
      ...judgeClosed(facts),
      ...unreadDefinitions(guests),
    ];
    const isNothing = judged.length === 0 && findings.length === 0;
    return {
      findings,
      summary: isNothing ? '' : summaryOf(judged, others, totals),
      measurements: isNothing
        ? []
        : [
            ...sizesOf(judged, growth, facts),
            ...sumsOf(judged, others, totals, facts),
            ...pacesOf(judged, growth, filling),
          ],
      items: itemsOf(judged),
      remember: growth.remember,
      ...(isNothing ? { none: noneOf(others) } : {}),
    };
  },
});
