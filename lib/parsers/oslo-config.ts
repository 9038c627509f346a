/**
 * The configuration files of OpenStack's services, nova.conf and neutron's *.ini (oslo.config, oslo_config/iniparser.py and
 * Template in oslo_config/cfg.py).
 *
 *     [DEFAULT]
 *     my_interface = bond0
 *     vlan_interface = $my_interface
 *     [linux_bridge]
 *     physical_interface_mappings = physnet1:bond0,
 *         physnet2:bond1
 *
 * What comes first, `=` or `:`, ends the name of an option; one pair of quotes around the value is dropped. A line that begins
 * with a blank goes on with the value above it; an empty line or a comment ends it. A comment is a whole line. Of several
 * assignments the last one counts (but for options that may be given many times, which are not wanted here). `$name` and
 * `${group.name}` stand for other options, `$$` for a dollar. Names of groups do not tell capital letters apart, save for
 * DEFAULT. Before 2012 the file was a list of flags without groups, `--vlan_interface=bond0`: taken for those of DEFAULT.
 *
 * The files hold passwords: no error quotes them.
 */
import { FormatError } from './text.ts';

/** The last value of each option by `group option`; lines of one value are parted by newlines, nothing is filled in. */
export type OsloConfig = ReadonlyMap<string, string>;

/** Throws FormatError. */
export function parseOsloConfig(text: string): OsloConfig {
  const values = new Map<string, string>();
  let group = 'DEFAULT';
  let current: string | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const place = `line ${index + 1}`;
    if (line === '') {
      current = null;
    } else if (/^[ \t]/.test(line)) {
      if (current === null) throw new FormatError(place, 'goes on with a value, but there is none above');
      values.set(current, `${values.get(current) ?? ''}\n${line.trimStart()}`);
    } else if (line.startsWith('[')) {
      current = null;
      group = groupOf(line, place);
    } else if (line.startsWith('#') || line.startsWith(';')) {
      current = null;
    } else {
      const [name, value] = assignment(line, place);
      current = keyOf(group, name);
      values.set(current, value);
    }
  }
  return values;
}

/**
 * What the option is set to, with the options that its value names filled in as far as they are set; null where it is not
 * set. Of several files the last one that sets it counts.
 */
export function osloValue(files: readonly OsloConfig[], group: string, option: string): string | null {
  const value = lastOf(files, keyOf(normal(group), option));
  return value === null
    ? null
    : fillIn(files, normal(group), value, { depth: 0, budget: { left: MAX_FILLED } });
}

/** The elements of an option that is a list: parted by commas, each without blanks around it, empty ones left out. */
export function osloList(value: string): readonly string[] {
  return value
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

const REFERENCE = /\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\})/gi;
/** Options may name each other in a circle, each of them many times: then ten names would become gigabytes. */
const MAX_DEPTH = 8;
const MAX_FILLED = 30;
/** As long as a path can be (PATH_MAX). */
const MAX_LENGTH = 4096;

interface Within {
  readonly depth: number;
  /** Of one value with all that it names. */
  readonly budget: { left: number };
}

function fillIn(
  files: readonly OsloConfig[],
  group: string,
  value: string,
  { depth, budget }: Within,
): string {
  return value.replaceAll('\\$', '$$$$').replace(REFERENCE, (whole: string, dollar, bare, braced) => {
    if (dollar !== undefined) return '$';
    const name = String(bare ?? braced);
    const dot = name.indexOf('.');
    const [inGroup, option] = dot < 0 ? [group, name] : [normal(name.slice(0, dot)), name.slice(dot + 1)];
    const found = lastOf(files, keyOf(inGroup, option)) ?? lastOf(files, keyOf('DEFAULT', option));
    if (found === null || found.length > MAX_LENGTH || depth >= MAX_DEPTH || budget.left <= 0) return whole;
    budget.left -= 1;
    return fillIn(files, inGroup, found, { depth: depth + 1, budget });
  });
}

function lastOf(files: readonly OsloConfig[], key: string): string | null {
  return files.findLast((file) => file.has(key))?.get(key) ?? null;
}

function groupOf(line: string, place: string): string {
  if (!line.endsWith(']') || line.length <= 2) throw new FormatError(place, 'no name of a group in brackets');
  return normal(line.slice(1, -1));
}

function normal(group: string): string {
  return group.toUpperCase() === 'DEFAULT' ? 'DEFAULT' : group.toLowerCase();
}

function keyOf(group: string, option: string): string {
  return `${group} ${option}`;
}

function assignment(line: string, place: string): readonly [name: string, value: string] {
  const end = line.search(/[=:]/);
  if (end < 0) throw new FormatError(place, 'no "=" and no ":" in it');
  const name = line.slice(0, end).trim().replace(/^--/, '');
  if (name === '') throw new FormatError(place, 'no name of an option');
  const value = line.slice(end + 1).trim();
  const quoted = /^(["'])([^]*)\1$/.exec(value);
  return [name, quoted?.[2] ?? value];
}
