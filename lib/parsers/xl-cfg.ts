/**
 * The configuration that a guest of Xen is created from: /etc/xen/NAME.cfg (xl.cfg(5); tools/libs/util/libxlu_cfg_l.l and
 * libxlu_cfg_y.y).
 *
 *     name = "acrux"
 *     type = "hvm"; memory = 512      # two settings on a line
 *     nomigrate = 1
 *     cpuid = "host,invtsc=1,tm=0"
 *     disk = [ 'phy:/dev/vg/acrux,xvda,w',
 *              'phy:/dev/vg/swap,xvdb,w' ]
 *
 * - Given twice, the last counts. `+=` adds to a string or a list; to a number it does nothing (measured with xl 4.17).
 * - A number may be in quotes, octal (01) or hexadecimal. `True` is no value: xl refuses the file, and so does this.
 * - A comment without a line break behind it at the end of the file makes xl refuse it; here it is a comment.
 * - Python, which xm (to 4.4) took, is refused as xl refuses it.
 * - cpuid comes in two forms; one that is a string and does not begin with `host` is ignored by xl.
 * - Skipped: everything that is not in the record below.
 *
 * No error shows what stands in the file: it can hold the password of a console (vncpasswd).
 */
import { FormatError } from './text.ts';
import { libxlConfig } from './xl-devices.ts';
import { xenHardware } from './xen-hardware.ts';
import { INVTSC_EDX, INVTSC_LEAF, type XenConfig } from './xen-config.ts';

/** Throws FormatError for everything that xl would not take, and where no name is given. */
export function parseXlCfg(text: string): XenConfig {
  const settings = new Settings(tokensOf(text)).read();
  const name = stringOf(settings, 'name');
  if (name === null || name === '') throw new FormatError('name', 'none is given');
  return {
    name,
    uuid: stringOf(settings, 'uuid')?.toLowerCase() ?? null,
    isNoMigrate: isNumberAbove0(settings, 'nomigrate'),
    cpuidInvtsc: cpuidOf(settings.get('cpuid')),
    isTscEmulated: isEmulated(settings),
    isCpuidSet: settings.has('cpuid'),
    hardware: xenHardware(libxlConfig(settings)),
  };
}

type Value = string | Value[];
interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

function tokensOf(text: string): Token[] {
  const one =
    /[ \t]+|#[^\n]*|([A-Za-z_]\w*)|('(?:[^'\\\n]|\\[^\n])*'|"(?:[^"\\\n]|\\[^\n])*")|([0-9][0-9a-fA-FxX]*)|(\+=|[=[\],])|([\n;])/y;
  const tokens: Token[] = [];
  let line = 1;
  while (one.lastIndex < text.length) {
    const match = one.exec(text);
    if (match === null) throw new FormatError(`line ${line}`, 'not a setting that xl would take');
    const [, name, quoted, number, sign, end] = match;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, line });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unquoted(quoted), line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line });
    else if (end !== undefined) tokens.push({ kind: 'end', text: end, line });
    if (end === '\n') line += 1;
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, '$1');
}

const MAX_DEPTH = 16;

class Settings {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): ReadonlyMap<string, Value> {
    const settings = new Map<string, Value>();
    while (this.#at < this.#tokens.length) {
      const token = this.#next();
      if (token.kind === 'end') continue;
      const sign = this.#next();
      if (token.kind !== 'name' || (sign.text !== '=' && sign.text !== '+=') || sign.kind !== 'sign') {
        throw refused(token);
      }
      const isNumber = this.#tokens[this.#at]?.kind === 'number';
      const value = this.#value(0);
      const end = this.#next();
      if (end.kind !== 'end') throw refused(end);
      if (sign.text === '=') settings.set(token.text, value);
      else if (!isNumber) settings.set(token.text, added(settings.get(token.text), value, token));
    }
    return settings;
  }

  #value(depth: number): Value {
    const token = this.#next();
    if (token.kind === 'text' || token.kind === 'number') return token.text;
    if (token.text !== '[' || depth >= MAX_DEPTH) throw refused(token);
    const list: Value[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#isSign(']')) return list;
      list.push(this.#value(depth + 1));
      this.#skipLines();
      if (this.#isSign(']')) return list;
      if (!this.#isSign(',')) throw refused(this.#next());
    }
  }

  #skipLines(): void {
    while (this.#tokens[this.#at]?.text === '\n') this.#at += 1;
  }

  #isSign(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #next(): Token {
    const token = this.#tokens[this.#at] ?? { kind: 'end', text: '', line: 0 };
    this.#at += 1;
    return token;
  }
}

function refused({ line }: Token): FormatError {
  return new FormatError(`line ${line}`, 'not a setting that xl would take');
}

/** A list to a text, or a text to a list, is refused (xlu__cfg_concat_vals in tools/libs/util/libxlu_cfg.c). */
function added(before: Value | undefined, more: Value, token: Token): Value {
  if (before === undefined) return more;
  if (typeof before === 'string' && typeof more === 'string') return before + more;
  if (typeof before === 'string' || typeof more === 'string') throw refused(token);
  return [...before, ...more];
}

/** Null: not given, or a list, which xl passes over where it expects a string. */
function stringOf(settings: ReadonlyMap<string, Value>, key: string): string | null {
  const value = settings.get(key);
  return typeof value === 'string' ? value : null;
}

/** A number in any form of strtol() with base 0; false where it is not given or is none, which xl passes over. */
function isNumberAbove0(settings: ReadonlyMap<string, Value>, key: string): boolean {
  const text = stringOf(settings, key) ?? '';
  return /^(?:0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.test(text) && Number(text) > 0;
}

/** `always_emulate`, 1 as a number (libxl_tsc_mode in libxl_types.idl). */
function isEmulated(settings: ReadonlyMap<string, Value>): boolean {
  const mode = stringOf(settings, 'tsc_mode');
  return mode === 'always_emulate' || mode === '1';
}

/** libxl_cpuid_parse_config and libxl_cpuid_parse_config_xend in tools/libs/light/libxl_cpuid.c. */
function cpuidOf(value: Value | undefined): boolean | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') return fromRegisters(value);
  const [first, ...features] = value.split(',');
  if (first !== 'host') return null;
  let isOn: boolean | null = null;
  for (const feature of features) {
    const [, given] = /^(?:invtsc|itsc)=([0-9]\w*|[xks])/.exec(feature) ?? [];
    if (given !== undefined) isOn = bitOf(given);
  }
  return isOn;
}

/** A number, of which the lowest bit counts, whatever its base; `x`: Xen's default; `k` and `s`: what the host has. */
function bitOf(given: string): boolean | null {
  if (given === 'x') return null;
  return given === 'k' || given === 's' || Number.parseInt(given, 16) % 2 === 1;
}

/** `0x80000007:edx=xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx`: a character for each bit, the highest first. */
function fromRegisters(list: readonly Value[]): boolean | null {
  let isOn: boolean | null = null;
  for (const item of list) {
    const [, leaf, registers = ''] =
      typeof item === 'string' ? (/^([^,:]+)(?:,[^:]*)?:(.*)/s.exec(item) ?? []) : [];
    if (Number(leaf) !== INVTSC_LEAF) continue;
    const edx = /(?:^|,[ \n]*)edx=([^,]{32})(?:,|$)/.exec(registers)?.[1];
    const bit = edx?.[INVTSC_EDX];
    if (bit !== undefined) isOn = bit === 'x' ? null : bit !== '0';
  }
  return isOn;
}
