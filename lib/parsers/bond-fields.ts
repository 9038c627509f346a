/** What /proc/net/bonding is made of: lines of a name and a value, in blocks. */
import { FormatError } from './text.ts';

export type Fields = ReadonlyMap<string, string>;

/** Those of the LACP units, too, whose names begin with small letters. */
export function fieldsOf(block: string): Fields {
  return new Map(
    block.split('\n').flatMap((line) => {
      const [, key, value = ''] = /^\s*(\S.*?):(?: (.*))?/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value] as const];
    }),
  );
}

export function speedOf(text: string): number | null {
  if (text === 'Unknown') return null;
  const [, number] = /^(-?[0-9]{1,10})(?: Mbps)?$/.exec(text) ?? [];
  if (number === undefined) throw new FormatError('Speed', 'no number of Mbps', text);
  return knownSpeed(Number(number));
}

/** SPEED_UNKNOWN is -1, which was printed as an unsigned number, of 16 bits first. */
export function knownSpeed(mbps: number): number | null {
  return mbps <= 0 || mbps === 0xffff || mbps === 0xffffffff ? null : mbps;
}

export function countOf(text: string): number {
  if (!/^[0-9]{1,10}$/.test(text)) throw new FormatError('bond', 'no number', text);
  return Number(text);
}

export function need(fields: Fields, key: string, place: string): string {
  const value = fields.get(key);
  if (value === undefined) throw new FormatError(place, `has no "${key}", it is cut off`);
  return value;
}

export function needOneOf(fields: Fields, keys: readonly [string, ...string[]]): string {
  const found = keys.map((key) => fields.get(key)).find((value) => value !== undefined);
  return found ?? need(fields, keys[0], 'bond');
}
