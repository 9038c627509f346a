/** What all parsers share: bytes to text, whole numbers, and the one error that they throw. */

/**
 * The input is not what its format says. `message` names the place, what was expected there and, where the input may
 * be shown, the beginning of what stands there instead: one printable line, whatever the input holds.
 */
export class FormatError extends Error {
  override readonly name = 'FormatError';

  /**
   * @param place the file, field or element: `field 3 (state)`
   * @param problem what is wrong with it, or what was expected
   * @param text what stands there; leave it out where it may be secret
   */
  constructor(place: string, problem: string, text?: string) {
    super(
      `${escapeText(place)}: ${escapeText(problem)}${text === undefined ? '' : `, found ${quote(text)}`}`,
    );
  }
}

const QUOTED_CHARACTERS = 80;

/** In double quotes, cut to 80 characters, what cannot be printed as `\u{HEX}`. */
export function quote(text: string): string {
  // Twice as many UTF-16 units hold at least as many characters: a text of megabytes is not taken apart.
  const characters = Array.from(text.slice(0, 2 * QUOTED_CHARACTERS + 2));
  const isCut = characters.length > QUOTED_CHARACTERS;
  return `"${escapeText(characters.slice(0, QUOTED_CHARACTERS).join(''))}${isCut ? '…' : ''}"`;
}

function escapeText(text: string): string {
  // Control and format characters, halves of surrogate pairs, separators of lines; here, since each such expression costs
  // 0.3 ms when it is made, and most runs need none.
  const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The bytes as UTF-8; each sequence that is none becomes U+FFFD. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/**
 * The elements that a NUL ends, or separates: exactly one empty element at the end is dropped, empty ones elsewhere are
 * elements. No bytes, no elements.
 */
export function splitNul(bytes: Uint8Array): string[] {
  // No UTF-8 sequence contains a NUL, so decoding first cannot move a border.
  const elements = decodeUtf8(bytes).split('\0');
  if (elements.at(-1) === '') elements.pop();
  return elements;
}

/** Null where it is none, or one that a number does not hold exactly: to JSON.parse, 1e999 is Infinity. */
export function integerOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
