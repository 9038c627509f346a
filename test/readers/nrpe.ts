/** What arrives through NRPE: a C string, cut without a mark where the protocol ends (include/common.h.in, src/nrpe.c). */

/**
 * Of protocol 2 the packet's buffer of 1024 with its NUL, and of 3 no more; of 4, which Debian's client asks for by itself, 64 KiB
 * less 32. Measured with NRPE 4.1.0 (test/lab/nrpe.test.ts).
 */
export const USABLE_BYTES = { 2: 1023, 3: 1023, 4: 65_504 } as const;

/** A character that was cut in two arrives as U+FFFD. */
export function throughNrpe(output: string, protocol: keyof typeof USABLE_BYTES): string {
  const bytes = Buffer.from(output);
  const nul = bytes.indexOf(0);
  const end = nul === -1 ? bytes.length : nul;
  return bytes.toString('utf8', 0, Math.min(end, USABLE_BYTES[protocol]));
}
