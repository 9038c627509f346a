/**
 * Free text on its way into a check's output, where some characters mean something to somebody: `|` begins performance
 * data and has no escape, Nagios turns `;` into `:` (checks.c), one `<name>` makes Icinga DB Web take the whole output for
 * HTML (PluginOutput.php), a carriage return is a second line break to Icinga 2, and NUL ends the string for NRPE. Names of
 * guests and files come from users, so what could hide or turn around its neighbours on a screen is made visible as well.
 */

/** Printable ASCII without `;`, `<`, `\\` and `|`: nearly every text, and nothing to do. */
const PLAIN = /^[ -:=-[\]-{}~]*$/;

/**
 * The text as one line that every consumer shows as it is. Line breaks and tabs become spaces, `;` a comma, `|` a
 * broken bar, `<` before a letter an angle quote, a backslash before `n` or `t` the set minus, what cannot be printed U+FFFD. Cleaning twice changes nothing more.
 *
 * A broken bar and not `!` or a space: it is read as the bar that it stands for, and is no shell syntax that
 * somebody could copy along.
 */
export function cleanText(text: string): string {
  return PLAIN.test(text) ? text : cleaned(text);
}

/** The expressions stand in here because making them costs half a millisecond, and most runs need none. */
function cleaned(text: string): string {
  return (
    text
      .replace(/\r\n|[\t-\r\x85\u2028\u2029]/g, ' ')
      .replace(/;/g, ',')
      .replace(/\|/g, '¦')
      // Control characters, format characters (zero width, soft hyphen, bidirectional overrides, tags), halves of
      // surrogate pairs, and code points that are no characters.
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\uFFFD')
      // Icinga DB Web makes these two characters a line break or a tab, and so does Nagios with passive results.
      // Before the tags: what stands for a backslash is no ASCII, and could begin one.
      .replace(/\\(?=[nt])/g, '∖')
      // `<` where a tag could begin; what follows may be any letter, since `\w` of PCRE depends on the locale.
      .replace(/<+(?=[\w\u0080-\u{10ffff}])/gu, (run) => '‹'.repeat(run.length))
  );
}

/** What a check's output begins with, and what it is called by for short: `invtsc` of `check_invtsc`. */
export function shortName(plugin: string): string {
  return plugin.startsWith(PREFIX) ? plugin.slice(PREFIX.length) : plugin;
}

const PREFIX = 'check_';

/** Bytes in UTF-8: what the limits of NRPE and Nagios count. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

const ELLIPSIS = '…';
const ELLIPSIS_BYTES = 3;

/** The text, or as much of its beginning as fits into `maxBytes` with an ellipsis; never half a character. */
export function cutText(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  if (maxBytes < ELLIPSIS_BYTES) return '';
  const bytes = Buffer.from(text);
  let end = maxBytes - ELLIPSIS_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end) + ELLIPSIS;
}

/** Every shell takes these as they are; `=` not at the beginning, where zsh looks for a command. */
const BARE = /^[A-Za-z0-9_.:@%+/-][A-Za-z0-9_.:@%+/=-]*$/;

/**
 * What Icinga DB Web shows differently (PluginOutput.php), so that it would be copied differently: a zero-width space is put
 * after commas, and `[OK]` and its like become icons.
 */
const REWRITTEN = /,(?=\S)|[[(](?:OK|WARNING|CRITICAL|UNKNOWN|UP|DOWN)[\])]/;

/**
 * The name as one word for a shell, to be copied from the output: `cleanText` does not change it, so that the command still
 * means the same name. Where the name itself holds a character that must not be printed, that character is
 * written as `\xHH` in `$'...'`, which bash, ksh, zsh and POSIX of 2024 read. A NUL cannot be in a name and becomes U+FFFD.
 */
export function shellQuote(name: string): string {
  if (BARE.test(name)) return name;
  if (cleanText(name) === name && !REWRITTEN.test(name)) return `'${name.replaceAll("'", String.raw`'\''`)}'`;
  let quoted = '';
  for (const character of name.replaceAll('\0', '\uFFFD'))
    quoted += needsEscape(character) ? hex(character) : character;
  return `$'${quoted}'`;
}

/** `!` too: an interactive bash may look it up in its history. */
function needsEscape(character: string): boolean {
  return "\\'!<,[(".includes(character) || cleanText(character) !== character;
}

/** Bytes, not `\u`: those would be encoded in the locale of whoever pastes the command. */
function hex(character: string): string {
  return Buffer.from(character)
    .toString('hex')
    .replace(/../g, String.raw`\x$&`);
}
