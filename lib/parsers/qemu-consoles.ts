/**
 * Where qemu writes what a guest prints: the files of its serial ports and character devices (qemu(1), chardev/char.c,
 * chardev/char-file.c).
 *
 *     -serial file:/var/log/web1.console
 *     -chardev file,id=charserial0,path=/var/lib/nova/instances/UUID/console.log,append=on
 *     -chardev pty,id=charserial0,logfile=/dev/fdset/1,logappend=on
 *
 * - A file is emptied when it is opened, unless `append=on` (of a copy of the output `logappend=on`); only then each write
 *   goes to the end (O_APPEND). Else qemu writes on where it was, even if somebody has emptied the file.
 * - libvirt hands over open files: /dev/fdset/N is no file, and behind it stands virtlogd, or the file itself.
 * - `-serial file:` is followed by the name up to the end, commas and all; `mon:` may stand before it.
 * - Skipped: debug output (-D), and what -readconfig brings.
 */
import type { QemuOption } from './qemu-options.ts';
import { isOn, lastOpt, parseQemuOpts } from './qemu-opts.ts';

export interface QemuConsoleFile {
  readonly path: string;
  /** Whether each write goes to the end of the file, however it got there. */
  readonly appends: boolean;
  /** True: not a file but the number of one that somebody else has opened. */
  readonly isFdset: boolean;
}

const COMPAT = ['serial', 'parallel', 'virtioconsole', 'debugcon'];

/** Total; in the order of the command line. */
export function qemuConsoleFiles(options: readonly QemuOption[]): QemuConsoleFile[] {
  return options.flatMap(({ name, value }) => {
    if (value === null) return [];
    if (COMPAT.includes(name)) {
      const path = /^(?:mon:)?file:(.+)/s.exec(value)?.[1];
      return path === undefined ? [] : [fileOf(path, false)];
    }
    return name === 'chardev' ? chardevFiles(value) : [];
  });
}

function chardevFiles(value: string): QemuConsoleFile[] {
  const opts = parseQemuOpts(value, 'backend');
  const path = lastOpt(opts, 'backend') === 'file' ? lastOpt(opts, 'path') : null;
  const logfile = lastOpt(opts, 'logfile');
  return [
    ...(path === null || path === '' ? [] : [fileOf(path, isOn(lastOpt(opts, 'append')))]),
    ...(logfile === null || logfile === '' ? [] : [fileOf(logfile, isOn(lastOpt(opts, 'logappend')))]),
  ];
}

function fileOf(path: string, appends: boolean): QemuConsoleFile {
  return { path, appends, isFdset: path.startsWith('/dev/fdset/') };
}
