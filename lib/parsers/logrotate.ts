/**
 * Which files logrotate works on: /etc/logrotate.d/* (logrotate(8); readConfigFile in config.c).
 *
 *     /var/log/libvirt/qemu/*.log "/var/log/with space.log" {
 *             size 2097153
 *             copytruncate
 *     }
 *
 * - Of the lines inside only `copytruncate`, `size` and `minsize` are wanted; a size is in bytes, or ends in k, M or G.
 * - Scripts between `postrotate` and `endscript` are skipped, as are settings outside of braces.
 */
export interface LogrotateRule {
  /** Paths and globs, as they stand there. */
  readonly globs: readonly string[];
  /** It empties the log under its writer, instead of renaming it: that limits a writer that goes on in the renamed file. */
  readonly empties: boolean;
  /** Logs that are not larger are left alone; null: size does not matter to it. */
  readonly largerThanBytes: number | null;
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
      if (names.length > 0) rules.push(ruleOf(names, directives ?? []));
      [names, directives] = [[], null];
    } else if (/^[/"']/.test(line) || line === '{') {
      for (const name of namesIn(line)) names.push(name);
      if (line.endsWith('{')) directives = [];
    }
  }
  return rules;
}

function ruleOf(globs: readonly string[], directives: readonly string[]): LogrotateRule {
  const sizes = directives.flatMap((line) => {
    const [, number, unit = ''] = /^(?:size|minsize)(?:\s+|\s*=\s*)([0-9]{1,15})([kMG]?)$/.exec(line) ?? [];
    return number === undefined ? [] : Number(number) * 1024 ** ' kMG'.indexOf(unit);
  });
  return { globs, empties: directives.includes('copytruncate'), largerThanBytes: sizes.at(-1) ?? null };
}

function namesIn(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"'{]+/g) ?? [];
  return words.map((word) => word.replace(/^["']|["']$/g, '')).filter((word) => word.startsWith('/'));
}
