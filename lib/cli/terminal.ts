import { fstatSync } from 'node:fs';

/** Whether colours are of use there. Asked of the file, since node:tty takes a millisecond to load. */
export function isTerminal(fd: 1 | 2): boolean {
  const { NO_COLOR, TERM } = process.env;
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || TERM === undefined || TERM === 'dumb') return false;
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}
