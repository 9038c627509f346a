/** The file that is called, before the check itself: old nodes, incomplete installations, and what V8 kept of the code. */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { scratch } from './lab.ts';
import { runPlugin } from './process.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const recordings = join(top, 'test/recordings');
const incident = ['--replay', join(recordings, 'check_invtsc/incident.txt')];
const node = process.execPath;

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = join(scratch(), 'installed');
  await bundleAll('check_invtsc', folder);
  plugin = join(folder, 'bin/check_invtsc');
});

const inLib = (ending: RegExp): readonly string[] =>
  readdirSync(join(folder, 'lib'))
    .filter((name) => name.startsWith('check_invtsc-') && ending.test(name))
    .map((name) => join(folder, 'lib', name));

describe('a node that is too old', () => {
  it.each(['0.10.48', '12.22.12', '18.20.4'])(
    '%s: is UNKNOWN, not the WARNING of a syntax error',
    async (version) => {
      const old = join(scratch(), 'old.cjs');
      const versions = `{ value: { node: '${version}' } }`;
      writeFileSync(
        old,
        `Object.defineProperty(process, 'versions', ${versions});
       Object.defineProperty(process, 'version', { value: 'v${version}' });`,
      );
      const ran = await runPlugin([node, '-r', old, plugin], []);
      expect(ran).toEqual({
        ...ran,
        code: 3,
        stderr: '',
        stdout: `INVTSC UNKNOWN - needs Node.js 20 or later, this is v${version}\n`,
      });
    },
  );

  it('can read the whole file: it is in the language of 2009', () => {
    const text = readFileSync(plugin, 'utf8');
    expect(text).not.toMatch(
      /=>|`|\?\.|\?\?|\.\.\.|\b(?:const|let|class|async|await|import|of)\b|catch \{|require\('node:/,
    );
  });
});

describe('an incomplete installation', () => {
  it.each([
    ['without the folder lib', (at: string) => rmSync(join(at, 'lib'), { recursive: true })],
    [
      'of two versions',
      (at: string) => {
        for (const name of readdirSync(join(at, 'lib')))
          if (/^check_invtsc-.*\.js$/.test(name)) rmSync(join(at, 'lib', name));
      },
    ],
  ])('%s is UNKNOWN and says so', async (_, spoil) => {
    const at = join(scratch(), 'broken');
    await bundleAll('check_invtsc', at);
    spoil(at);
    const { code, stdout, stderr } = await runPlugin(join(at, 'bin/check_invtsc'), []);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout).toMatch(/^INVTSC UNKNOWN - not installed completely, the folder lib must stand beside /);
    expect(stdout.split('\n')).toHaveLength(2);
  });

  it('with a body that is cut off is UNKNOWN too', async () => {
    const at = join(scratch(), 'cut');
    await bundleAll('check_invtsc', at);
    const [body = ''] = readdirSync(join(at, 'lib')).filter((name) => /^check_invtsc-.*\.js$/.test(name));
    truncateSync(join(at, 'lib', body), 20_000);
    const { code, stdout } = await runPlugin(join(at, 'bin/check_invtsc'), []);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^INVTSC UNKNOWN - internal error while starting: /);
  });
});

/** One byte changed; at 8 from the beginning of each half stands the length of the code that it is for. */
function damaged(kept: Buffer, part: number, offset = 0): Buffer {
  const copy = Buffer.from(kept);
  const at = Math.floor(copy.length * part) + offset;
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

describe('what V8 kept of the code', () => {
  it('is made for this node, taken by it, and changes nothing', async () => {
    const before = await runPlugin(plugin, incident);
    const warm = await runPlugin([node, join(folder, 'lib/warm.cjs')], []);
    expect(warm).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const [body = ''] = inLib(/\.js$/);
    const kept = inLib(new RegExp(`-${process.version}-[0-9]+$`));
    expect(kept).toHaveLength(1);
    const [twice = ''] = kept;
    const half = readFileSync(twice).length / 2;
    expect(readFileSync(twice).subarray(0, half).equals(readFileSync(twice).subarray(half))).toBe(true);
    const script = `const fs = require('fs');
      const kept = fs.readFileSync(process.argv[2]);
      const cachedData = kept.subarray(0, kept.length / 2);
      const script = new (require('vm').Script)(fs.readFileSync(process.argv[1], 'latin1'), { cachedData });
      console.log(script.cachedDataRejected);`;
    const { stdout } = await runPlugin([node, '-e', script, body, twice], []);
    expect(stdout).toBe('false\n');
    const after = await runPlugin(plugin, incident);
    expect([after.code, after.stdout]).toEqual([before.code, before.stdout]);
  });

  it('is made again in place of an older one, and nothing is left beside it', async () => {
    await runPlugin([node, join(folder, 'lib/warm.cjs')], []);
    await runPlugin([node, join(folder, 'lib/warm.cjs')], []);
    expect(inLib(/(?:-[0-9]+|\.new)$/)).toHaveLength(1);
  });

  it.each([
    ['empty', () => Buffer.alloc(0)],
    ['garbage', () => Buffer.alloc(100_000, 'x')],
    ['cut off', (kept: Buffer) => kept.subarray(0, kept.length - 1000)],
    ['cut off in its head', (kept: Buffer) => kept.subarray(0, 10)],
    ['damaged in one place', (kept: Buffer) => damaged(kept, 0.7)],
    ['damaged in another', (kept: Buffer) => damaged(kept, 0.2)],
    ['that of other code', (kept: Buffer) => damaged(damaged(kept, 0, 8), 0.5, 8)],
  ])('is left alone where it is %s', async (_, spoil) => {
    await runPlugin([node, join(folder, 'lib/warm.cjs')], []);
    const [kept = ''] = inLib(/-[0-9]+$/);
    const good = await runPlugin(plugin, incident);
    writeFileSync(kept, spoil(readFileSync(kept)));
    const { code, stdout, stderr } = await runPlugin(plugin, incident);
    expect({ code, stdout, stderr }).toEqual({ code: good.code, stdout: good.stdout, stderr: '' });
    expect(code).toBe(1);
  });

  it('cannot be kept where the folder is read only, and that is said', async () => {
    const at = join(scratch(), 'other');
    mkdirSync(at);
    await bundleAll('check_invtsc', at);
    // A folder in the way of the new file: permissions would not stop root.
    const [body = ''] = readdirSync(join(at, 'lib')).filter((name) => /^check_invtsc-.*\.js$/.test(name));
    mkdirSync(join(at, 'lib', body.replace(/js$/, 'new')));
    const { code, stderr } = await runPlugin([node, join(at, 'lib/warm.cjs')], []);
    expect(code).toBe(1);
    expect(stderr).toContain('not kept: check_invtsc-');
    expect((await runPlugin(join(at, 'bin/check_invtsc'), incident)).code).toBe(1);
  });
});
