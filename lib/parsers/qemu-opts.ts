/**
 * The value of an option of qemu: `key=value,key=value` (util/qemu-option.c, get_opt_name_value).
 *
 *     guest=foo=1,,bar=2,debug-threads=on
 *
 * - The first `=` ends the key; `,,` in a value is a comma; there are no quotes.
 * - Options have a key that may be left out in the first element: `-name acrux` is `guest=acrux`.
 * - An element without `=` is a boolean, `x` or `nox`; deprecated since 6.0, still understood.
 *
 * Not for -cpu, whose commas cannot be escaped, nor for values in JSON (they begin with `{`).
 */
export type QemuOpt = readonly [key: string, value: string];

/** Total: in the order of the text; keys may repeat, then the last one counts. */
export function parseQemuOpts(text: string, impliedKey: string | null = null): QemuOpt[] {
  const opts: QemuOpt[] = [];
  let at = 0;
  while (at < text.length) {
    const keyEnd = endOfKey(text, at);
    if (text[keyEnd] === '=') {
      const [value, end] = valueAt(text, keyEnd + 1);
      opts.push([text.slice(at, keyEnd), value]);
      at = end + 1;
    } else if (at === 0 && impliedKey !== null) {
      const [value, end] = valueAt(text, 0);
      opts.push([impliedKey, value]);
      at = end + 1;
    } else {
      opts.push(flag(text.slice(at, keyEnd)));
      at = keyEnd + 1;
    }
  }
  return opts;
}

/** The inverse: `parseQemuOpts(printQemuOpts(opts))` is `opts`, for keys without `=` and `,`. */
export function printQemuOpts(opts: readonly QemuOpt[]): string {
  return opts.map(([key, value]) => `${key}=${value.replaceAll(',', ',,')}`).join(',');
}

/** The value that counts; null where the key is not there. */
export function lastOpt(opts: readonly QemuOpt[], key: string): string | null {
  return opts.findLast(([name]) => name === key)?.[1] ?? null;
}

/** Words of qapi_bool_parse (qapi/qapi-util.c); before 6.0 `on` and `off` only. */
const ON = ['on', 'yes', 'true', 'y'];
const OFF = ['off', 'no', 'false', 'n'];

/** Whether a boolean is said to be on; anything else, and what is not there, is not. */
export function isOn(value: string | null | undefined): boolean {
  return ON.includes(value ?? '');
}

export function isBoolean(value: string): boolean {
  return ON.includes(value) || OFF.includes(value);
}

function flag(text: string): QemuOpt {
  return text.startsWith('no') ? [text.slice(2), 'off'] : [text, 'on'];
}

/** Where `=` or `,` stands, or the end. */
function endOfKey(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '=' && text[at] !== ',') at++;
  return at;
}

/** The value that begins at `from`, and where it ends: at a single comma, or behind the text. */
function valueAt(text: string, from: number): [value: string, end: number] {
  let end = text.indexOf(',', from);
  while (end >= 0 && text[end + 1] === ',') end = text.indexOf(',', end + 2);
  if (end < 0) end = text.length;
  return [text.slice(from, end).replaceAll(',,', ','), end];
}
