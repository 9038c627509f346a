/** The quotings that meet in the talk with `program.sh`: its own fields, and names in the messages of its tools. */

/** A path as one field of a line: tabs separate fields, newlines lines. */
export function escapeField(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

export function unescapeField(text: string): string {
  return text.replace(/\\([\\nt])/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : '\\'));
}

/** The first word of a shell command line, as coreutils quote names in messages (gnulib, shell-escape-always). */
export function unquote(text: string): string {
  const piece = /^(?:'([^']*)'|"([^"]*)"|\$'((?:[^'\\]|\\.)*)'|\\(.))/s;
  let word = '';
  for (let rest = text; ;) {
    const match = piece.exec(rest);
    if (match === null) return word;
    const [whole, single, double, dollar, escaped] = match;
    word += single ?? double ?? escaped ?? unescapeC(dollar ?? '');
    rest = rest.slice(whole.length);
  }
}

function unescapeC(text: string): string {
  const named: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
  };
  return text.replace(/\\([0-7]{1,3}|.)/gs, (_, c: string) =>
    /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (named[c] ?? c),
  );
}
