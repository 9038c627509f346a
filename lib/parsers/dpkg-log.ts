/**
 * /var/log/dpkg.log: what dpkg did, by the wall clock of the machine (dpkg's lib/dpkg/log.c, statusfd in src/main/).
 *
 *     2025-05-23 06:12:41 status installed linux-image-6.1.0-37-amd64:amd64 6.1.140-1
 *
 * The time is local time without a zone. It is read as UTC, which is at most 14 hours wrong, for a file that is asked about days.
 */

export interface DpkgInstalled {
  readonly name: string;
  readonly version: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** Null: a line about something else. */
export function parseInstalled(line: string): DpkgInstalled | null {
  const match = /^([0-9-]+) ([0-9:]+) status installed ([^ :]+)(?::\S*)? (\S+)/.exec(line);
  if (match === null) return null;
  const at = Date.parse(`${match[1] ?? ''}T${match[2] ?? ''}Z`) / 1000;
  return Number.isNaN(at) ? null : { name: match[3] ?? '', version: match[4] ?? '', at };
}
