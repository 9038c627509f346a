/** Metrics for real: what Icinga's Graphite writer sends of each check, on what was recorded of real hosts. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { run } from '../../lib/cli/run.ts';
import { performanceItems } from '../../lib/report/perfdata.ts';
import { parseRange } from '../../lib/report/range.ts';
import { parseCheckOutput, parseValue, splitPerfdata } from '../readers/icinga2-perfdata.ts';
import { declarationOf, generated, installAll, labelsOf, metricOf, NAMES, serviceOf } from './all-checks.ts';
import { ICINGA, startIcinga, type Icinga } from './icinga2.ts';
import { atFileEnd, lab, scratch, until } from './lab.ts';

const RECORDINGS = join(dirname(dirname(fileURLToPath(import.meta.url))), 'recordings');
const THRESHOLDS = ['-w', '5', '-c', '7'];

interface Replayed {
  readonly name: string;
  readonly host: string;
  readonly recording: string;
  /** Options that the recording was made with. */
  readonly args: readonly string[];
  /** The performance data that the check prints. */
  readonly items: readonly string[];
}

/**
 * As few recordings of a check as show every metric that any of them shows. Those that none of them shows, since they come only
 * with a memory of earlier runs, are printed as the check would print them.
 */
async function choose(name: string): Promise<readonly Replayed[]> {
  const plugin = await declarationOf(name);
  const metrics = Object.keys(plugin.metrics);
  const folder = join(RECORDINGS, name);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const chosen: Replayed[] = [];
  const wanted = new Set(metrics);
  for (const [args, file] of optionsOnPage(name).flatMap((args) =>
    files.map((file) => [args, file] as const),
  )) {
    if (wanted.size === 0) break;
    const recording = join(folder, file);
    const { text } = await run(plugin, ['--replay', recording, ...args, ...THRESHOLDS]);
    const items = splitPerfdata(parseCheckOutput(text).perfdata);
    const found = labelsOf(items).map((label) => {
      const metric = metricOf(label, plugin);
      if (metric === undefined) throw new Error(`${label} in ${file} is no metric of ${name}`);
      return metric;
    });
    if (!found.some((metric) => wanted.has(metric))) continue;
    for (const metric of found) wanted.delete(metric);
    chosen.push({ name, host: `${serviceOf(name)}-${chosen.length}`, recording, args, items });
  }
  const [warning, critical] = [parseRange('5'), parseRange('7')];
  const items = performanceItems(
    [...wanted].map((label) => ({
      label,
      value: 6.5,
      unit: '',
      ...plugin.metrics[label],
      warning,
      critical,
    })),
  );
  if (items.length === 0) return chosen;
  const recording = join(scratch(), 'not-recorded');
  writeFileSync(recording, `${name} OK - | ${items.join(' ')}\n`);
  return [...chosen, { name, host: `${serviceOf(name)}-not-recorded`, recording, args: [], items }];
}

/** None, and those that its page replays recordings with: what was recorded with an option is found with it. */
function optionsOnPage(name: string): readonly (readonly string[])[] {
  const page = readFileSync(join(RECORDINGS, '../../plugins', `${name}.md`), 'utf8');
  const commands = [...page.matchAll(/^ {4}\$ \S+ (.*)$/gm)].map(([, args = '']) => args);
  return [
    [],
    ...commands.map((args) =>
      args
        .replace(/--replay \S+/, '')
        .trim()
        .split(/ +/),
    ),
  ];
}

/** Options as variables of a host: `--directory /service --no-definitions`. */
function asVariables(name: string, args: readonly string[]): string {
  return args
    .flatMap((word, i) => {
      const option = /^--(.*)/.exec(word)?.[1];
      const next = args[i + 1] ?? '--';
      const value = next.startsWith('--') ? 'true' : `"${next}"`;
      return option === undefined
        ? []
        : [`  vars.${serviceOf(name)}_${option.replaceAll('-', '_')} = ${value}`];
    })
    .join('\n');
}

/** What is to arrive of an item: `LABEL.value` and so on, with its number. */
function pathsOf(item: string): [string, number][] {
  const { label, value, warning, critical, min, max } = parseValue(item);
  const all = { value, warn: warning, crit: critical, min, max };
  return Object.entries(all).flatMap(([key, number]): [string, number][] =>
    number === null ? [] : [[`${label}.${key}`, number]],
  );
}

const chosen = (await Promise.all(NAMES.map(choose))).flat();

lab(ICINGA, "Icinga's Graphite writer", () => {
  let icinga: Icinga;
  const arrived = new Map<string, number>();
  let connections = 0;

  beforeAll(async () => {
    const bin = await installAll();
    const stand = scratch();
    for (const name of NAMES) {
      // No definition has --replay. What it calls --root, and gives a recording, is replayed.
      const script = `for word; do shift; [ "$word" = --root ] && word=--replay; set -- "$@" "$word"; done`;
      const printed = `for word; do case $word in *-not-recorded) exec cat "$word" ;; esac; done`;
      writeFileSync(join(stand, name), `#!/bin/sh\n${script}\n${printed}\nexec ${join(bin, name)} "$@"\n`);
      chmodSync(join(stand, name), 0o755);
    }
    const recordings = scratch();
    const hosts = chosen.map(({ name, host, recording, args }) => {
      const copy = join(recordings, host);
      writeFileSync(copy, readFileSync(recording));
      const variable = `vars.${serviceOf(name)}`;
      return `object Host "${host}" {
  check_command = "dummy"
  vars.hypervisor = "local"
  ${variable}_root = "${copy}"
  ${variable}_warning = 5
  ${variable}_critical = 7
${asVariables(name, args)}
}`;
    });
    icinga = await startIcinga({
      pluginDir: stand,
      files: generated('hypervisor-checks'),
      config: [
        'include "hypervisor-checks/hypervisor-checks.conf"',
        ...hosts,
        'object GraphiteWriter "graphite" {',
        '  host = "127.0.0.1"',
        `  port = ${await listen(arrived, () => connections++)}`,
        '  enable_send_thresholds = true',
        '}',
      ].join('\n'),
    });
    // What comes before it is connected is dropped by the writer.
    await until(() => connections > 0, { seconds: 30, what: () => `the writer to connect\n${icinga.log()}` });
  });

  it.each(chosen)(
    'is sent every metric of $name as $host shows it, with value and thresholds',
    async ({ name, host, items }) => {
      const service = serviceOf(name);
      const { performance_data } = await icinga.check(`${host}!${service}`);
      expect(performance_data).toEqual(items);
      const prefix = `icinga2.${host}.services.${service}.${service}.perfdata.`;
      const expected = items.flatMap(pathsOf).map(([path, number]) => [`${prefix}${path}`, number] as const);
      expect(expected.length).toBeGreaterThan(0);
      const missing = (): unknown[] => expected.filter(([path, number]) => !near(arrived.get(path), number));
      await until(() => missing().length === 0, {
        seconds: 20,
        what: () =>
          `${JSON.stringify(missing())} among ${[...arrived.keys()].filter((path) => path.startsWith(prefix)).join(' ')}`,
      });
      const paths = [...arrived.keys()].filter((path) => path.startsWith(prefix));
      expect(paths.sort()).toEqual(expected.map(([path]) => path).sort());
    },
  );

  it('has both thresholds of a main metric', () => {
    expect([...arrived].filter(([path]) => path.endsWith('.warn')).map(([, number]) => number)).toContain(5);
    expect([...arrived].filter(([path]) => path.endsWith('.crit')).map(([, number]) => number)).toContain(7);
  });
});

/** Icinga prints six decimals. */
function near(got: number | undefined, wanted: number): boolean {
  return got !== undefined && Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
}

/** A port of this machine where Graphite's lines, `path number time`, are put into `arrived`. */
async function listen(arrived: Map<string, number>, connected: () => void): Promise<number> {
  const server = createServer((socket) => {
    connected();
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const [path = '', number = ''] = line.split(' ');
        arrived.set(path, Number(number));
      }
    });
    socket.on('error', () => undefined);
  });
  atFileEnd(() => void server.close());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
