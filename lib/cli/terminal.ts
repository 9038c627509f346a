import { fstatSync } from 'node:fs';

/** Whether colours are of use there. Asked of the file, since node:tty takes a millisecond to load. */
export function isTerminal(fd: 1 | 2): boolean {
  const { NO_COLOR, TERM } = process.env;
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || TERM === undefined || TERM === 'dumb') return false;
  return isDevice(fd);
}

/** How wide the terminal is, with colours or without; null where there is none. */
export function columnsOf(): number | null {
  const columns = isDevice(1) ? process.stdout.columns : 0;
  return columns > 0 ? columns : null;
}

function isDevice(fd: 1 | 2): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}
