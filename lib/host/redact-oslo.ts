/**
 * Takes the values out of the configuration of OpenStack's services (oslo.config), which hold passwords under many names and
 * in URLs: kept are only those that say on which network devices something is, and what these name with `$`.
 */
const HIDDEN = '***';

const IS_OSLO = /^\/etc\/(?:nova|neutron|quantum|kolla)\//;

/** Options of network devices: vlan_interface, physical_interface_mappings, bridge_mappings, my_interface. */
const OF_DEVICES = /(?:^|_)(?:interface|mappings)$/;

const REFERENCE = /\$\{?(?:[_a-z][_a-z0-9]*\.)?([_a-z][_a-z0-9]*)/gi;

export function isOsloConfig(path: string): boolean {
  return IS_OSLO.test(path);
}

/** The same lines with the same names, groups and blanks; comments, other values and what is no assignment are gone. */
export function redactOslo(text: string): string {
  const lines = text.split('\n');
  const names = namesOf(lines);
  const kept = keptNames(lines, names);
  return lines.map((line, i) => redactLine(line, names[i] ?? null, kept)).join('\n');
}

/** The option that each line belongs to; null: to none. */
function namesOf(lines: readonly string[]): readonly (string | null)[] {
  let current: string | null = null;
  return lines.map((line) => {
    if (line.trim() === '' || /^[[#;]/.test(line)) current = null;
    else if (!/^[ \t]/.test(line)) current = /^(?:--)?([^=:]+)[=:]/.exec(line)?.[1]?.trimEnd() ?? null;
    return current;
  });
}

function keptNames(lines: readonly string[], names: readonly (string | null)[]): ReadonlySet<string> {
  const kept = new Set(names.filter((name) => name !== null && OF_DEVICES.test(name)));
  // A set goes on with what is added to it meanwhile.
  for (const name of kept) {
    for (const [i, line] of lines.entries()) {
      if (names[i] !== name) continue;
      for (const [, reference = ''] of line.matchAll(REFERENCE)) kept.add(reference);
    }
  }
  return kept as ReadonlySet<string>;
}

function redactLine(line: string, name: string | null, kept: ReadonlySet<string>): string {
  if (line.trim() === '' || (name !== null && kept.has(name))) return line;
  if (/^[#;]/.test(line)) return `${line.charAt(0)} ${HIDDEN}`;
  if (/^\[[^\]]*\][ \t\r]*$/.test(line)) return line;
  const [start = ''] = /^(?:[ \t]+|[^=: \t][^=:]*[=:][ \t]*)/.exec(line) ?? [];
  return start + HIDDEN;
}
