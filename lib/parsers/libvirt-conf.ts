/**
 * Configuration files of libvirt's daemons, /etc/libvirt/virtlogd.conf and qemu.conf (virConfParse in src/util/virconf.c).
 *
 *     # Maximum file size before rolling over.
 *     #max_size = 2097152
 *     max_backups = 3
 *     stdio_handler = "logd"
 *     cgroup_controllers = [ "cpu", "devices" ]
 *
 * - Strings stand in '...', "..." or """...""" and have no escapes; numbers are whole and may have a sign.
 * - A comment goes from a # outside of a string to the end of the line; a `;` may stand between two assignments.
 * - The first assignment of a name counts: virConfGetValue looks from the beginning of what was read (virtlogd 9.0, seen).
 * - Lists are not taken apart: none is wanted here.
 */
import { FormatError } from './text.ts';

/** Numbers and strings by name; null: a list. */
export type LibvirtConf = ReadonlyMap<string, number | string | null>;

/** Throws FormatError. */
export function parseLibvirtConf(text: string): LibvirtConf {
  const values = new Map<string, number | string | null>();
  const token = /[\s;]+|#[^\n]*|([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y;
  for (let at = 0; at < text.length;) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw new FormatError(placeOf(text, at), 'expected NAME = VALUE', restOf(text, at));
    at = token.lastIndex;
    const [, name] = match;
    if (name === undefined) continue;
    const [value, end] = valueAt(text, at);
    if (!values.has(name)) values.set(name, value);
    at = end;
  }
  return values;
}

const VALUE = /"""([^]*?)"""|'([^'\n]*)'|"([^"\n]*)"|([+-]?[0-9]{1,18})(?![A-Za-z0-9])/y;
/** A comment takes its line break along: one that could end sooner makes a list that does not end exponential. */
const LIST = /\[(?:[^\]"'#]|"[^"\n]*"|'[^'\n]*'|#[^\n]*(?:\n|$))*\]/y;

/** Null: a list. */
function valueAt(text: string, at: number): readonly [value: number | string | null, end: number] {
  VALUE.lastIndex = at;
  const match = VALUE.exec(text);
  if (match !== null) {
    const [, long, single, double, number] = match;
    return [number === undefined ? (long ?? single ?? double ?? '') : Number(number) + 0, VALUE.lastIndex];
  }
  LIST.lastIndex = at;
  if (LIST.test(text)) return [null, LIST.lastIndex];
  throw new FormatError(placeOf(text, at), 'expected a number, a string or a list', restOf(text, at));
}

function placeOf(text: string, at: number): string {
  return `line ${text.slice(0, at).split('\n').length}`;
}

function restOf(text: string, at: number): string {
  return text.slice(at).split('\n')[0] ?? '';
}
