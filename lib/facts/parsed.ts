/** What was read, as what its format says: the failure where it could not be read, or is something else. */
import type { Content } from '../host/ask.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Reading } from '../reading.ts';

export function parsedBytes<T>(
  reading: Reading<Content>,
  path: string,
  parse: (bytes: Uint8Array) => T,
): Reading<T> {
  if (!reading.ok) return reading;
  try {
    return found(parse(reading.value.bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', path, error.message);
  }
}

export function parsedText<T>(
  reading: Reading<Content>,
  path: string,
  parse: (text: string) => T,
): Reading<T> {
  return parsedBytes(reading, path, (bytes) => parse(decodeUtf8(bytes)));
}
