/**
 * What `xl list` and `xl list -l` print (list_domains and list_domains_details in tools/xl/xl_list.c, xl_info.c in newer ones).
 *
 *     Name                                        ID   Mem VCPUs	State	Time(s)
 *     Domain-0                                     0  1024     2     r-----    1234.5
 *     acrux                                        1   512     1     -b----      68.7
 *
 *     [ { "domid": 1, "config": { "c_info": { "name": "acrux", "uuid": "07ae8823-..." },
 *         "b_info": { "disable_migrate": "True", "tsc_mode": "always_emulate",
 *                     "cpuid": { "cpuid": [ { "leaf": 2147483655, "edx": "xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx" } ], "msr": [] } } } } ]
 *
 * - Columns move with long names: a row is read from its end. A domain whose name is gone is `(null)`.
 * - The fifth sign of the state is why it was shut down: `-`, r, s, c, w, S or `?` (`-rscwS`); the sixth is d while it dies.
 * - With -l, a domain whose configuration libxl does not know is left out, and `cpuid` was a bare list to 4.17.
 * - xl 4.1 to 4.3 print s-expressions for -l, which are refused.
 */
import { FormatError, integerOf } from './text.ts';
import { listOf, objectOf, xenHardware, type Json } from './xen-hardware.ts';
import { INVTSC_EDX, INVTSC_LEAF, type XenConfig } from './xen-config.ts';

export interface XenDomain {
  readonly domid: number;
  /** Null: xenstore does not know it any more. */
  readonly name: string | null;
  /** Six signs. */
  readonly state: string;
  readonly memoryMib: number;
  readonly vcpus: number;
  readonly cpuSeconds: number;
}

const HEADING = 'Name ID Mem VCPUs State Time(s)';
const ROW = /^(.*?)(?<! ) +([0-9]+) +([0-9]+) +([0-9]+) +([r-][b-][p-][s-][-rscwS?][d-]) +([0-9]+\.[0-9])$/;

/** Throws FormatError where the heading is missing or a row is none. Domain-0 is among them. */
export function parseXlList(text: string): readonly XenDomain[] {
  return domainRows(text).map(domainOf);
}

/** The rows below the heading; xm prints the same. */
export function domainRows(text: string): readonly string[] {
  const [heading = '', ...rows] = text.split('\n');
  if (heading.replace(/\s+/g, ' ').replace('(MiB)', '') !== HEADING) {
    throw new FormatError('line 1', `expected the heading ${HEADING}`, heading);
  }
  // The last row ends with a line break: without one, the output was cut off.
  if (rows.pop() !== '') throw new FormatError('its end', 'the last line is not whole');
  // Whoever asks is in one himself.
  if (rows.length === 0) throw new FormatError('line 2', 'no domain, not even Domain-0');
  return rows;
}

/** Of a row; `index` counts from the one below the heading. Throws FormatError. */
export function domainOf(row: string, index: number): XenDomain {
  const match = ROW.exec(row);
  if (match === null) throw new FormatError(`line ${index + 2}`, 'not a row of a domain', row);
  const [, name = '', domid, mem, vcpus, state = '', seconds] = match;
  return {
    domid: Number(domid),
    name: name === '(null)' ? null : name,
    state,
    memoryMib: Number(mem),
    vcpus: Number(vcpus),
    cpuSeconds: Number(seconds),
  };
}

/** Configurations by domid. Throws FormatError for everything that is not such a list. */
export function parseXlListLong(text: string): ReadonlyMap<number, XenConfig> {
  const found = new Map<number, XenConfig>();
  const domains = jsonOf(text);
  if (!Array.isArray(domains)) throw new FormatError('the output', 'expected a list');
  for (const [index, item] of domains.entries()) {
    const place = `domain ${index + 1}`;
    const domain = objectOf(item, place);
    const domid = integerOf(domain['domid']);
    if (domid === null) throw new FormatError(place, 'no domid');
    found.set(domid, configOf(objectOf(domain['config'], `${place}, config`), place));
  }
  return found;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FormatError('the output', 'not JSON', text);
  }
}

function configOf(config: Json, place: string): XenConfig {
  const created = objectOf(config['c_info'], `${place}, c_info`);
  const built = objectOf(config['b_info'], `${place}, b_info`);
  const { name, uuid } = created;
  return {
    name: typeof name === 'string' ? name : '',
    uuid: typeof uuid === 'string' ? uuid.toLowerCase() : null,
    isNoMigrate: booleanOf(built['disable_migrate'], `${place}, disable_migrate`),
    cpuidInvtsc: cpuidOf(built['cpuid'], `${place}, cpuid`),
    isTscEmulated: built['tsc_mode'] === 'always_emulate',
    isCpuidSet: cpuidList(built['cpuid'], place).length > 0,
    hardware: xenHardware(config),
  };
}

/** A libxl_defbool: "True", "False" or "<default>", which is left out (libxl_defbool_gen_json). */
function booleanOf(value: unknown, place: string): boolean {
  if (value === undefined || value === 'False' || value === '<default>') return false;
  if (value === 'True') return true;
  throw new FormatError(place, 'expected True or False');
}

function cpuidList(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : listOf(objectOf(value, place)['cpuid'], place);
}

function cpuidOf(value: unknown, place: string): boolean | null {
  let isOn: boolean | null = null;
  for (const item of cpuidList(value, place)) {
    const { leaf, edx } = objectOf(item, place);
    if (leaf !== INVTSC_LEAF || edx === undefined) continue;
    if (typeof edx !== 'string' || edx.length !== 32)
      throw new FormatError(place, 'expected 32 signs of edx');
    const bit = edx[INVTSC_EDX];
    isOn = bit === 'x' ? null : bit !== '0';
  }
  return isOn;
}
