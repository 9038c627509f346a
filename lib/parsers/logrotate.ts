/**
 * Which files logrotate works on: /etc/logrotate.d/* (logrotate(8); readConfigFile in config.c).
 *
 *     /var/log/libvirt/qemu/*.log "/var/log/with space.log" {
 *             weekly
 *             copytruncate
 *     }
 *
 * Only the names before each brace and the words alone on a line inside are wanted; scripts between `postrotate` and
 * `endscript` are skipped, as are settings outside of braces.
 */
export interface LogrotateRule {
  /** Paths and globs, as they stand there. */
  readonly globs: readonly string[];
  /** It copies the log and empties it under its writer's feet, instead of renaming it. */
  readonly copies: boolean;
}

/** Total: what is no rule is passed over. */
export function parseLogrotate(text: string): LogrotateRule[] {
  const rules: LogrotateRule[] = [];
  let names: string[] = [];
  let directives: string[] | null = null;
  let isScript = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (isScript) {
      isScript = line !== 'endscript';
    } else if (/^(?:prerotate|postrotate|firstaction|lastaction|preremove)$/.test(line)) {
      isScript = true;
    } else if (directives !== null && !line.startsWith('}')) {
      directives.push(line);
    } else if (line.startsWith('}')) {
      const copies = directives?.some((word) => word === 'copytruncate' || word === 'copy') ?? false;
      if (names.length > 0) rules.push({ globs: names, copies });
      [names, directives] = [[], null];
    } else if (line.startsWith('/') || line.startsWith('"') || (names.length > 0 && line === '{')) {
      for (const name of namesIn(line)) names.push(name);
      if (line.endsWith('{')) directives = [];
    }
  }
  return rules;
}

function namesIn(line: string): string[] {
  const words = line.match(/"[^"]*"|[^\s"{]+/g) ?? [];
  return words.map((word) => word.replaceAll('"', '')).filter((word) => word.startsWith('/'));
}
