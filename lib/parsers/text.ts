/** What the parsers share: bytes to text, and the one error that says that something is not what it should be. */

/** A text is not of the format; the message quotes the place. */
export class FormatError extends Error {
  override readonly name = 'FormatError';

  /**
   * @param what what was expected
   * @param text the offending text, quoted up to 80 characters
   */
  constructor(what: string, text = '') {
    super(text === '' ? what : `${what}: "${quoted(text)}"`);
  }
}

const MAX_QUOTED = 80;

function quoted(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
  return cut.replace(
    /[\p{Cc}\p{Cs}"]/gu,
    (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

/** Bytes that are no UTF-8 become U+FFFD: names of guests are bytes to the kernel, and must still be printable. */
export function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Texts that end in NUL, as the kernel strings arguments together; a missing NUL at the very end is no error. */
export function splitNul(bytes: Uint8Array): string[] {
  if (bytes.length === 0) return [];
  const parts = decodeUtf8(bytes).split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
