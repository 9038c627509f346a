/** Looks for a text in a file that is read piece by piece: what is kept is what was found, and the line that is not yet whole. */
import { failed, found, type Reading } from '../reading.ts';

/** What is searched at most: 65530 mappings of a process (vm.max_map_count) with paths of 1000 bytes. */
const MAX_SEARCHED_BYTES = 64 * 1024 * 1024;

const PIECE = Buffer.allocUnsafe(64 * 1024);

/**
 * The lines that contain `containing`, without their line breaks.
 *
 * @param read puts the next bytes into the buffer, and says how many; 0 at the end
 * @param max bytes that the lines may have together
 * @param piece holds what is searched at once
 */
export function searchLines(
  read: (into: Buffer) => number,
  path: string,
  containing: string,
  max: number,
  piece = PIECE,
): Reading<readonly string[]> {
  const tooBig = failed('tooBig', path, tooMany(max));
  const text = Buffer.from(containing);
  const lines: string[] = [];
  let begun: Buffer = Buffer.alloc(0);
  /** The line that is begun has lost its beginning, which was too long to be kept. */
  let isShortened = false;
  let foundBytes = 0;
  for (let searched = 0; searched <= MAX_SEARCHED_BYTES;) {
    const count = fill(read, piece);
    searched += count;
    const isLast = count < piece.length;
    const fresh = piece.subarray(0, count);
    const block = begun.length === 0 ? fresh : Buffer.concat([begun, fresh]);
    const end = isLast ? block.length : block.lastIndexOf(NEWLINE) + 1;
    for (let at = block.indexOf(text); at >= 0 && at < end;) {
      const start = block.lastIndexOf(NEWLINE, at) + 1;
      const newline = block.indexOf(NEWLINE, at);
      const stop = newline < 0 ? end : newline;
      foundBytes += stop - start + 1;
      if (foundBytes > max || (isShortened && start === 0)) return tooBig;
      lines.push(block.toString('utf8', start, stop));
      at = block.indexOf(text, stop);
    }
    if (isLast) return found(lines);
    if (end > 0) isShortened = false;
    begun = Buffer.from(block.subarray(end));
    if (begun.length <= max) continue;
    if (begun.includes(text)) return tooBig;
    isShortened = true;
    begun = begun.subarray(begun.length - text.length + 1);
  }
  return failed('tooBig', path, `more than ${MAX_SEARCHED_BYTES} bytes to search`);
}

/** Files of /proc come in pieces of 4 KiB at most: put together first, and searched at once. */
function fill(read: (into: Buffer) => number, piece: Buffer): number {
  let filled = 0;
  while (filled < piece.length) {
    const count = read(filled === 0 ? piece : piece.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

const NEWLINE = 10;

/** Lines that somebody else has found, held to the same bound. */
export function boundedLines(
  path: string,
  lines: readonly string[],
  max: number,
): Reading<readonly string[]> {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return bytes > max ? failed('tooBig', path, tooMany(max)) : found(lines);
}

function tooMany(max: number): string {
  return `more than ${max} bytes in such lines`;
}
