/** Why a console log could become so big, how to empty it while it is open, and how to keep it small from then on. */
import { globMatcher } from '../glob.ts';
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { backupsOf, maxSizeOf } from '../facts/console-settings.ts';
import { inUnits } from '../report/units.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import type { ConsoleLog } from './console-sizes.ts';

/** - `qemu`, `xenconsoled`, `virtlogd-unlimited`: nothing ends it by itself; `logrotate`: only that does
 *  - `virtlogd`: begins a new one in time; `unknown`: who writes it could not be seen */
export type Cause = 'qemu' | 'xenconsoled' | 'virtlogd-unlimited' | 'virtlogd' | 'logrotate' | 'unknown';

export function causeOf({ writer, path }: ConsoleLog, { settings }: ConsoleLogs): Cause {
  if (writer === null) return 'unknown';
  if (writer.program === 'virtlogd') return maxSizeOf(settings) === 0 ? 'virtlogd-unlimited' : 'virtlogd';
  return settings.logrotate.some(({ globs }) => globs.some((glob) => globMatcher(glob)(path)))
    ? 'logrotate'
    : writer.program;
}

export function isUnlimited(cause: Cause): boolean {
  return cause === 'qemu' || cause === 'xenconsoled' || cause === 'virtlogd-unlimited';
}

/** One clause on who writes the log and what limits it. */
export function inWords(cause: Cause, log: ConsoleLog, { settings, guests }: ConsoleLogs): string {
  const by = log.writer === null ? '' : `${log.writer.program} (pid ${log.writer.pid})`;
  switch (cause) {
    case 'qemu':
    case 'xenconsoled':
      return `${by} writes it: nothing limits it`;
    case 'virtlogd-unlimited':
      return `${by} writes it, with max_size = 0 in /etc/libvirt/virtlogd.conf: nothing limits it`;
    case 'virtlogd': {
      const limit = `${by} writes it, and begins a new one at ${inUnits('B', maxSizeOf(settings))}`;
      return isFoughtOver(log, settings) ? `${limit}, while logrotate works on it too` : limit;
    }
    case 'logrotate':
      return `${by} writes it, only logrotate limits it`;
    case 'unknown':
      return guests.who.uid === 0 ? 'no process has it open' : 'who writes it only root can see';
  }
}

/** Each thinks that the file is its own: virtlogd counts what it has written, and logrotate empties it meanwhile. */
function isFoughtOver({ path }: ConsoleLog, { logrotate }: ConsoleLogs['settings']): boolean {
  return logrotate.some(({ globs }) => globs.some((glob) => globMatcher(glob)(path)));
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

function emptying({ path, files, deleted, writer }: ConsoleLog): Repair {
  const largest = [...files].sort((a, b) => b.allocatedBytes - a.allocatedBytes)[0];
  const open = deleted.map(({ link }) => `truncate -s 0 ${shellQuote(link)}`);
  const named = largest === undefined ? [] : [`truncate -s 0 ${shellQuote(largest.path)}`];
  const isOpen = largest?.path === path || largest === undefined;
  const appends = isOpen ? (writer?.appends ?? null) : true;
  const then =
    appends === true
      ? 'its writer goes on at the new end'
      : appends === false
        ? 'its writer goes on at its old place, which leaves a sparse file: small on disk, and as long as before to who reads it'
        : 'a writer that does not append goes on at its old place, which leaves a sparse file';
  return {
    how: `Empty the log where it is (save what is still wanted of it first). Deleting it while it is open frees nothing. When it is empty, ${then}`,
    commands: [...named, ...open],
  };
}

function limiting(
  cause: Cause,
  { owner }: ConsoleLog,
  { settings, guests }: ConsoleLogs,
): { readonly how: string; readonly command: string | null } {
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
      const keeps = `${backupsOf(settings) + 1} files of ${inUnits('B', maxSizeOf(settings))}`;
      return {
        how:
          `Then let virtlogd write it, which keeps ${keeps}: stdio_handler = "logd" in /etc/libvirt/qemu.conf, a log element ` +
          "with append='on' at the serial port; it takes effect when the guest is shut down on the host and started",
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
    case 'logrotate':
    case 'virtlogd':
    case 'unknown':
      return { how: '', command: null };
  }
}
