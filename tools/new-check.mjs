// npm run new check_NAME: a check that compiles and does not pass its tests yet; the contract test says what it lacks.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { top } from './bundle.mjs';

const name = process.argv[2] ?? '';
if (!/^check_[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: npm run new check_NAME, with a NAME of small letters, digits and underscores');
  process.exit(1);
}
const plugin = join(top, `plugins/${name}.ts`);
if (existsSync(plugin)) {
  console.error(`plugins/${name}.ts is there already`);
  process.exit(1);
}

const thing = name.replace(/^check_/, '');
const files = {
  [`plugins/${name}.ts`]: `/** TODO: what is found, in one sentence. */
import { bytes } from '../lib/host/ask.ts';
import { definePlugin } from '../lib/plugin.ts';
import { inWords } from '../lib/reading.ts';

export default definePlugin({
  name: '${name}',
  summary: 'TODO: finds what, in one sentence without a full stop',
  description: ['TODO: what goes wrong when nobody looks, and how the check sees it.'],
  options: {},
  kinds: {
    'too-big': { state: 'warning', meaning: 'TODO: what is the case when this is found' },
  },
  metrics: {
    ${thing}_uptime: { unit: 's', meaning: 'TODO: what the number is', min: 0 },
  },
  main: '${thing}_uptime',
  looksFor: 'TODO: things',
  interval: '5m',
  access: { unprivileged: 'everything', root: '', reads: [], secrets: [], runs: [] },
  examples: [{ args: '', does: 'TODO: what this shows' }],

  async gather(host) {
    // One batch of questions; the answers are readings: a value, or why there is none.
    const { uptime, now } = await host.ask({ uptime: bytes('/proc/uptime') });
    return { uptime, now };
  },

  judge({ uptime }) {
    if (!uptime.ok) {
      return {
        findings: [{ kind: 'unseen', subject: '', text: inWords(uptime), timedOut: uptime.why === 'timedOut' }],
        summary: 'nothing seen',
        measurements: [],
        items: [],
      };
    }
    const seconds = Number.parseFloat(Buffer.from(uptime.value.bytes).toString());
    return {
      findings: seconds > 1e9 ? [{ kind: 'too-big', subject: '', text: 'TODO: what is wrong, its value, what was expected' }] : [],
      summary: \`TODO: \${seconds} s\`,
      measurements: [{ metric: '${thing}_uptime', value: seconds }],
      items: [],
    };
  },
});
`,
  [`plugins/${name}.md`]: `# ${name}

TODO: what it catches, how it looks, when it is wrong, how to repair what it finds.

<!-- declaration: generated, do not edit -->
<!-- end of declaration -->
`,
  [`test/plugins/${name}.test.ts`]: `import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/${name}.ts';
import { replay } from '../plugin-test.ts';

describe('${name}', () => {
  it('TODO: says what is the case on a recorded host', async () => {
    const { code, text } = await replay(plugin, [
      'hypervisor-checks recording 1',
      'look 1',
      'clock 1764000000 uptime=100 boot=b',
      'who uid=0 gid=0 node=kvm1',
      'ok bytes whole /proc/uptime',
      '  |100.00 50.00',
    ]);
    expect(code).toBe(0);
    expect(text).toContain('TODO: what is really said');
  });
});
`,
};
for (const [path, text] of Object.entries(files)) writeFileSync(join(top, path), text);

const registry = join(top, 'plugins/index.ts');
const source = readFileSync(registry, 'utf8');
const lines = source.split('\n');
const entries = lines.filter((line) => /^ {2}check_/.test(line));
const sorted = [...entries, `  ${name}: () => import('./${name}.ts'),`].sort();
const first = lines.findIndex((line) => /^ {2}check_/.test(line));
lines.splice(first, entries.length, ...sorted);
writeFileSync(registry, lines.join('\n'));

console.log(`made: ${Object.keys(files).join(' ')}, and a line in plugins/index.ts
next: npx vitest run test/contract.test.ts says in plain words what the check still lacks`);
