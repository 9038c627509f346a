/**
 * supervise/death_tally of s6: when the service died last, 14 bytes a death (s6_dtally_pack.c), at most 4096 of them
 * (--max-death-tally, 100 by default).
 *
 *     40000000 6b0180e0 096cd1e0  01  00
 *     TAI64N                      exit code, signal
 *
 * The time as in supervise/status of s6: + 2^62 + 37 since 2017.
 */
import { taiSeconds } from './supervise-status.ts';
import { FormatError } from './text.ts';

const RECORD_BYTES = 14;
const LEAP_SECONDS = 37;

/** As much of the file's end as is worth reading: whole records. */
export const TALLY_BYTES = 512 * RECORD_BYTES;

/** When it died: seconds since 1970, oldest first. Throws FormatError. */
export function parseDeathTally(bytes: Uint8Array): readonly number[] {
  if (bytes.length % RECORD_BYTES !== 0) {
    throw new FormatError(
      'supervise/death_tally',
      `${bytes.length} bytes, expected records of ${RECORD_BYTES}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const deaths: number[] = [];
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) deaths.push(taiSeconds(view, at) - LEAP_SECONDS);
  return deaths;
}
