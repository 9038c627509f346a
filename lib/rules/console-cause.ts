/** Why a console log could become so big, how to empty it while it is open, and how to keep it small from then on. */
import { globMatcher } from '../glob.ts';
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { backupsOf, maxSizeOf } from '../facts/console-settings.ts';
import { inUnits } from '../report/units.ts';
import type { Repair } from '../report/finding.ts';
import type { LogrotateRule } from '../parsers/logrotate.ts';
import { shellQuote } from '../report/text.ts';
import { seesAll } from './guests.ts';
import type { ConsoleLog } from './console-sizes.ts';

/** - `qemu`, `xenconsoled`, `virtlogd-unlimited`: nothing ends it by itself; `logrotate`: only that does
 *  - `virtlogd`: begins a new one in time; `unknown`: who writes it could not be seen */
export type Cause = 'qemu' | 'xenconsoled' | 'virtlogd-unlimited' | 'virtlogd' | 'logrotate' | 'unknown';

export function causeOf({ writer, path }: ConsoleLog, { settings }: ConsoleLogs): Cause {
  if (writer === null) return 'unknown';
  const { program } = writer;
  if (program === 'virtlogd' && maxSizeOf(settings) !== 0) return 'virtlogd';
  // xenconsoled opens its logs anew when it is told to (SIGHUP); the others go on in a file that was renamed.
  const rules = rulesFor(path, settings);
  const isLimited = program === 'xenconsoled' ? rules.length > 0 : rules.some(({ empties }) => empties);
  if (isLimited) return 'logrotate';
  return program === 'virtlogd' ? 'virtlogd-unlimited' : program;
}

function rulesFor(path: string, { logrotate }: ConsoleLogs['settings']): readonly LogrotateRule[] {
  return logrotate.filter(({ globs }) => globs.some((glob) => globMatcher(glob)(path)));
}

export function isUnlimited(cause: Cause): boolean {
  return cause === 'qemu' || cause === 'xenconsoled' || cause === 'virtlogd-unlimited';
}

/** One clause on who writes the log and what limits it. */
export function inWords(cause: Cause, log: ConsoleLog, { settings, guests, closed }: ConsoleLogs): string {
  const by = log.writer === null ? '' : `${log.writer.program} (pid ${log.writer.pid})`;
  switch (cause) {
    case 'qemu':
      return rulesFor(log.path, settings).length === 0
        ? `${by} writes it: nothing limits it`
        : `${by} writes it, and goes on when logrotate has renamed it: nothing limits it`;
    case 'xenconsoled':
      return `${by} writes it: nothing limits it`;
    case 'virtlogd-unlimited':
      return `${by} writes it, with max_size = 0 in /etc/libvirt/virtlogd.conf: nothing limits it`;
    case 'virtlogd': {
      const max = maxSizeOf(settings);
      if (max === null)
        return `${by} writes it, and /etc/libvirt/virtlogd.conf, which limits it, could not be read`;
      const limit = `${by} writes it, and begins a new one at ${inUnits('B', max)}`;
      return isFoughtOver(log, settings) ? `${limit}, while logrotate works on it too` : limit;
    }
    case 'logrotate':
      return `${by} writes it, only logrotate limits it`;
    case 'unknown':
      if (guests.who.uid !== 0) return 'who writes it only root can see';
      return seesAll(guests) && closed.length === 0
        ? 'no guest, virtlogd or xenconsoled has it open'
        : 'who writes it could not be seen';
  }
}

/**
 * Each thinks that the file is its own: virtlogd counts what it has written, and logrotate empties it meanwhile. Not where the
 * rule is for larger logs than virtlogd makes, as in the one that libvirt installs (/etc/logrotate.d/libvirtd.qemu).
 */
function isFoughtOver({ path }: ConsoleLog, settings: ConsoleLogs['settings']): boolean {
  const max = maxSizeOf(settings);
  if (max === null) return false;
  return rulesFor(path, settings).some(({ largerThanBytes }) => (largerThanBytes ?? 0) < max);
}

/** Nothing is removed: the file of a writer that has it open would go on growing without a name. */
export function repairOf(cause: Cause, log: ConsoleLog, facts: ConsoleLogs): Repair {
  const { how, command } = limiting(cause, log, facts);
  const empty = emptying(log);
  return {
    how: [empty.how, ...(how === '' ? [] : [how])].join('. '),
    commands: [...empty.commands, ...(command === null ? [] : [command])],
  };
}

/** A file with less of its log than this share is not worth a command of its own. */
const WORTH = 0.1;

function emptying({ files, deleted, writer }: ConsoleLog): Repair {
  const ranked = [...files].sort((a, b) => b.allocatedBytes - a.allocatedBytes);
  const all = ranked.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0);
  const worth = ranked.filter(({ allocatedBytes }, rank) => rank === 0 || allocatedBytes > WORTH * all);
  const appends = writer?.appends;
  const then =
    appends === true
      ? 'its writer goes on at the new end'
      : appends === false
        ? 'its writer goes on at its old place, which leaves a sparse file: small on disk, and as long as before to who reads it'
        : 'a writer that does not append goes on at its old place, which leaves a sparse file';
  return {
    how: `Empty the log where it is (save what is still wanted of it first). Deleting it while it is open frees nothing. When it is empty, ${then}`,
    commands: [...worth.map((file) => file.path), ...deleted.map(({ link }) => link)].map(
      (file) => `truncate -s 0 ${shellQuote(file)}`,
    ),
  };
}

function limiting(
  cause: Cause,
  log: ConsoleLog,
  { settings, guests }: ConsoleLogs,
): { readonly how: string; readonly command: string | null } {
  const { owner } = log;
  switch (cause) {
    case 'qemu': {
      const isLibvirts =
        guests.definitions?.found.some(({ name }) => name === owner.guest) === true ||
        guests.running.some(
          ({ name, live, commandLine: line }) =>
            name === owner.guest && (live !== null || (line.ok && line.value.isOfLibvirt)),
        );
      if (!isLibvirts || owner.guest === null) {
        return {
          how: 'Then start the guest with append=on (of a logfile: logappend=on) at its chardev, and have logrotate copy and truncate it (copytruncate, maxsize)',
          command: null,
        };
      }
      return {
        how:
          `Then let virtlogd write it, ${virtlogdsLimit(settings)}: stdio_handler = "logd" in /etc/libvirt/qemu.conf, a log ` +
          "element with append='on' at the serial port; it takes effect when the guest is shut down on the host and started",
        command: `virsh edit ${shellQuote(owner.guest)}`,
      };
    }
    case 'virtlogd-unlimited':
      return {
        how: 'Then set max_size in /etc/libvirt/virtlogd.conf (2097152 by default); virtlogd reads it when it re-executes itself, which keeps all logs open',
        command: 'systemctl reload virtlogd',
      };
    case 'xenconsoled':
      return { how: 'Then have logrotate copy and truncate it (copytruncate, maxsize)', command: null };
    case 'virtlogd': {
      const how =
        'Then take it out of the rule for logrotate, or let the rule begin above max_size of virtlogd (size 2097153 by default): virtlogd alone limits it';
      return { how: isFoughtOver(log, settings) ? how : '', command: null };
    }
    case 'logrotate':
    case 'unknown':
      return { how: '', command: null };
  }
}

function virtlogdsLimit(settings: ConsoleLogs['settings']): string {
  const max = maxSizeOf(settings);
  if (max === null) return 'which keeps to what /etc/libvirt/virtlogd.conf says';
  if (max === 0) return 'once max_size = 0 is gone from /etc/libvirt/virtlogd.conf';
  return `which keeps ${backupsOf(settings) + 1} files of ${inUnits('B', max)}`;
}
