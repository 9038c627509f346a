/**
 * The names of rotated logs: virtlogd counts from 0, the newest (virRotatingFileWriterRollover in src/util/virrotatingfile.c);
 * logrotate from 1, or by date, and may compress; old logs of xend's time are .old.
 *
 *     console.log  console.log.0  console.log.1
 *     web1.log  web1.log.1  web1.log.2.gz  web1.log-20260131  web1.log-20260131.xz
 */
const ROTATED = /(?:\.[0-9]{1,4}|-[0-9]{8}(?:-?[0-9]{1,10})?|\.old)(?:\.(?:gz|xz|bz2|zst))?$/;

/** The path of the log itself, of which `path` may be a rotated one. */
export function logOf(path: string): string {
  // Most end in `.log`, and there can be ten thousand.
  return path.endsWith('.log') ? path : path.replace(ROTATED, '');
}
