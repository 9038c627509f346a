/**
 * The words of a dhclient.leases file (dhclient.leases(5), common/conflex.c of ISC DHCP): free-form, so that a line means
 * nothing. `{`, `}`, `;` and `,` stand alone, `#` begins a comment up to the end of the line, and a string in double
 * quotes may hold all of these, with `\"` and octal escapes. What such a string says is a server's, or a guest's, so that a
 * line that looks like a lease inside of one must not become one.
 */
import { FormatError } from './text.ts';

export interface Token {
  /** Strings without their quotes. */
  readonly text: string;
  readonly isString: boolean;
}

const PLACE = 'dhclient.leases';
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b' };

/** In their order. A string that is not ended is where the writer was interrupted: it and what follows are left out. */
export function dhclientTokens(text: string): readonly Token[] {
  if (text.includes('\0')) throw new FormatError(PLACE, 'holds NUL bytes, it is no text');
  const tokens: Token[] = [];
  // Words begin where the last one ended: one pass, whatever the file holds.
  const words = /\s+|#[^\n]*|([{};,])|"((?:[^"\\]|\\[\s\S])*)"|([^\s#{};,"]+)|"/g;
  for (const [all, mark, quoted, word] of text.matchAll(words)) {
    if (all === '"') break;
    const plain = mark ?? word;
    if (quoted !== undefined) tokens.push({ text: unescaped(quoted), isString: true });
    else if (plain !== undefined) tokens.push({ text: plain, isString: false });
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_all, code: string) =>
    /[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (ESCAPES[code] ?? code),
  );
}

/** One statement: the words up to its `;`, or up to the `{` of its block, with what stands in that. */
export interface Statement {
  readonly words: readonly Token[];
  readonly block: readonly Statement[] | null;
}

interface Open {
  readonly words: readonly Token[];
  readonly statements: Statement[];
}

/** More than any lease has; a file of braces would otherwise be a tree of its own size. */
const MAX_DEPTH = 16;

/**
 * The statements of the file. A block that is not closed at its end was being written when the file was read, or when the disk
 * was full: it is left out, as dhclient does. Throws FormatError where the braces cannot be of this format.
 */
export function dhclientStatements(text: string): readonly Statement[] {
  const all: Statement[] = [];
  const open: Open[] = [];
  let words: Token[] = [];
  for (const token of dhclientTokens(text)) {
    const inner = open.at(-1)?.statements ?? all;
    if (token.isString || !/[{};]/.test(token.text)) {
      words.push(token);
    } else if (token.text === ';') {
      if (words.length > 0) inner.push({ words, block: null });
      words = [];
    } else if (token.text === '{') {
      if (open.length >= MAX_DEPTH)
        throw new FormatError(PLACE, `more than ${MAX_DEPTH} blocks in each other`);
      open.push({ words, statements: [] });
      words = [];
    } else {
      const closed = open.pop();
      if (closed === undefined) throw new FormatError(PLACE, 'a "}" that closes nothing');
      (open.at(-1)?.statements ?? all).push({ words: closed.words, block: closed.statements });
      words = [];
    }
  }
  return all;
}
