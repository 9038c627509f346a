/** What arrives through NRPE: a C string, cut without a mark where the protocol ends (include/common.h.in, src/nrpe.c). */

/** Of protocol 2 the packet's buffer of 1024, of 3 and 4 the reader's of 64 KiB, each with a NUL at the end. */
export const USABLE_BYTES = { 2: 1023, 3: 65_535 } as const;

/** A character that was cut in two arrives as U+FFFD. */
export function throughNrpe(output: string, protocol: 2 | 3): string {
  const bytes = Buffer.from(output);
  const nul = bytes.indexOf(0);
  const end = nul === -1 ? bytes.length : nul;
  return bytes.toString('utf8', 0, Math.min(end, USABLE_BYTES[protocol]));
}
