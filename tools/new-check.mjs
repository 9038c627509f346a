// npm run new check_NAME: a check that runs, and does not pass its tests yet; the contract test says what it lacks.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { top } from './bundle.mjs';

const name = process.argv[2] ?? '';
if (!/^check_[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: npm run new check_NAME, with a NAME of small letters, digits and underscores');
  process.exit(1);
}

const thing = name.replace(/^check_/, '');
const module = thing.replaceAll('_', '-');
const type = thing.replace(/(?:^|_)([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const word = thing.toUpperCase();
const files = {
  [`plugins/${name}.ts`]: `/** TODO: what is found, in one sentence. */
import { parsedText } from '../lib/facts/parsed.ts';
import { bytes } from '../lib/host/ask.ts';
import { parse${type} } from '../lib/parsers/${module}.ts';
import { definePlugin } from '../lib/plugin.ts';
import { inWords } from '../lib/reading.ts';
import type { Finding } from '../lib/report/finding.ts';

// TODO: it stands in for what the check reads.
const PATH = '/proc/uptime';

export default definePlugin({
  name: '${name}',
  summary: 'TODO: finds what, in one sentence without a full stop',
  description: ['TODO: what goes wrong when nobody looks, and how the check sees it.'],
  // TODO: flag, names, oneOf and others of lib/option.ts. -w, -c, --host and their like are there by themselves.
  options: {},
  // TODO: each kind is an option too, --too-long STATE.
  kinds: {
    'too-long': { state: 'warning', meaning: 'TODO: what is the case when this is found' },
  },
  metrics: {
    ${thing}_uptime: { unit: 's', meaning: 'TODO: what the number is', min: 0 },
  },
  main: '${thing}_uptime',
  // TODO: as in "there are no ... at all".
  looksFor: 'TODO: things',
  interval: '5m',
  // TODO: what is read and run, for sudo. What gathers for several checks has lists of it: lib/facts/*-access.ts.
  access: { unprivileged: 'everything', root: '', reads: [PATH], secrets: [], runs: [] },
  examples: [{ args: '', does: 'TODO: what this shows' }],

  async gather(host) {
    // One batch of questions. Each answer is a reading: a value, or why there is none.
    const { text } = await host.ask({ text: bytes(PATH) });
    return { uptime: parsedText(text, PATH, parse${type}) };
  },

  judge({ uptime }) {
    const findings: Finding<'too-long' | 'unseen'>[] = [];
    if (!uptime.ok) {
      const text = inWords(uptime);
      findings.push({ kind: 'unseen', subject: '', text, timedOut: uptime.why === 'timedOut' });
    } else if (uptime.value.uptimeSeconds > 1e9) {
      findings.push({
        kind: 'too-long',
        subject: 'TODO: the thing',
        text: 'TODO: what is the case, its value, what was expected',
        repair: { how: 'TODO: what to do, and what it costs', commands: ['TODO: a line to copy'] },
      });
    }
    return {
      findings,
      summary: uptime.ok ? \`TODO: up for \${uptime.value.uptimeSeconds} s\` : '',
      measurements: [{ metric: '${thing}_uptime', value: uptime.ok ? uptime.value.uptimeSeconds : null }],
      items: [],
    };
  },
});
`,
  [`plugins/${name}.md`]: `# ${name}

TODO: what it finds, in one sentence.

## What it catches

TODO: what happens when nobody looks, why, and how the check sees it.

## How it looks

    $ ${name} --replay test/recordings/${name}/incident.txt
    ${word} WARNING - TODO: what it really says; "..." stands for lines that are left out

<!-- declaration: generated, do not edit -->
<!-- end of declaration -->

## When it is wrong

- TODO: what it cannot see, and what only looks like the fault.

## Repair

TODO: what to do about what it finds, and what that costs.
`,
  [`lib/parsers/${module}.ts`]: `/**
 * TODO: which file or command, and who writes it (a file of the kernel, a manual page).
 *
 *     350735.47 234388.90
 *
 * - TODO: what is odd about it, and in which versions.
 */
import { FormatError } from './text.ts';

export interface ${type} {
  readonly uptimeSeconds: number;
}

/** Throws FormatError. */
export function parse${type}(text: string): ${type} {
  const [, seconds] = /^([0-9]{1,15}\\.[0-9]{2}) [0-9.]{1,20}\\n?$/.exec(text) ?? [];
  if (seconds === undefined) throw new FormatError('uptime', 'expected two numbers', text);
  return { uptimeSeconds: Number(seconds) };
}
`,
  [`test/parsers/${module}.test.ts`]: `import { describe, expect, it } from 'vitest';

import { parse${type} } from '../../lib/parsers/${module}.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('TODO: the file', () => {
  it('is understood', () => {
    expect(parse${type}('350735.47 234388.90\\n')).toEqual({ uptimeSeconds: 350735.47 });
  });

  it.each(['', '1', 'x 2.00', '1.00 2.00\\n3.00'])('is refused: %j', (text) => {
    expect(() => parse${type}(text)).toThrow(FormatError);
  });
});
`,
  [`test/plugins/${name}.test.ts`]: `/** What no host has shown so far. What some did is in test/recordings/${name}, and tested by test/recordings.test.ts. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/${name}.ts';
import { replay } from '../plugin-test.ts';

/** A host, as --record writes it. Of one that was recorded: recorded(plugin.name, 'incident') of test/recordings.ts. */
const host = (...answers: string[]): string[] => [
  'hypervisor-checks recording 1',
  'look 1',
  'clock 1764000000 uptime=100 boot=b',
  'who uid=0 gid=0 node=kvm1',
  ...answers,
];

describe('${name}', () => {
  it('TODO: does what an option says', async () => {
    const uptime = host('ok bytes whole /proc/uptime', '  |2000000000.00 50.00');
    expect((await replay(plugin, uptime)).code).toBe(1);
    expect((await replay(plugin, uptime, '--too-long', 'critical')).code).toBe(2);
  });

  it.each([
    ['is not there', ['absent bytes whole /proc/uptime']],
    ['may not be read', ['denied bytes whole /proc/uptime']],
    ['is empty', ['ok bytes whole /proc/uptime']],
    ['is something else', ['ok bytes whole /proc/uptime', '  |nonsense']],
  ])('is UNKNOWN where its file %s', async (_, answers) => {
    const { code, text } = await replay(plugin, host(...answers));
    expect(code).toBe(3);
    expect(text).toContain('/proc/uptime');
  });
});
`,
};
for (const path of Object.keys(files)) {
  if (!existsSync(join(top, path))) continue;
  console.error(`${path} is there already`);
  process.exit(1);
}
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
}
mkdirSync(join(top, 'test/recordings', name), { recursive: true });

edit('plugins/index.ts', (source) => {
  const lines = source.split('\n');
  const entries = lines.filter((line) => /^ {2}check_/.test(line));
  const sorted = [...entries, `  ${name}: () => import('./${name}.ts'),`].sort();
  const first = lines.findIndex((line) => /^ {2}check_/.test(line));
  lines.splice(first, entries.length, ...sorted);
  return lines.join('\n');
});
// Feeds the parser to the fuzzer, with what was recorded of that file.
edit('test/fuzz/parsers.ts', (source) =>
  source
    .replace(
      /^import .* from '\.\.\/\.\.\/lib\/parsers\//m,
      (line) => `import { parse${type} } from '../../lib/parsers/${module}.ts';\n${line}`,
    )
    .replace(
      /^const PARSERS.*$/m,
      (line) => `${line}\n  ${thing}: text('${module}', parse${type}, /uptime/),`,
    ),
);
spawnSync(
  join(top, 'node_modules/.bin/prettier'),
  ['--log-level', 'warn', '--write', ...Object.keys(files)],
  {
    cwd: top,
    stdio: 'inherit',
  },
);

console.log(`made: ${Object.keys(files).join(' ')}
and a line in plugins/index.ts and in test/fuzz/parsers.ts
next: npx vitest run test/contract.test.ts says in plain words what the check still lacks`);

function edit(path, change) {
  writeFileSync(join(top, path), change(readFileSync(join(top, path), 'utf8')));
}
