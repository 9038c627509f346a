/** Every documented example is run: those of the pages, with the output that they show, and those of the help. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { top } from '../../tools/bundle.mjs';
import { declarationOf, installAll, NAMES } from './all-checks.ts';
import { lab, LAB_PATH } from './lab.ts';
import { runPlugin, type Ran } from './process.ts';

/** Pages with commands in them; each check has one. */
const PAGES = ['README.md', ...NAMES.map((name) => `plugins/${name}.md`)];

interface Shown {
  readonly page: string;
  readonly command: string;
  /** What the page shows below it. */
  readonly lines: readonly string[];
}

const shown: readonly Shown[] = PAGES.flatMap((page) => {
  const text = readFileSync(join(top, page), 'utf8');
  return [...text.matchAll(/^ {4}\$ (.*--replay.*)\n((?: {4}(?!\$ ).*\n)*)/gm)].map(
    ([, command = '', output = '']) => ({
      page,
      command: command.replace(/^dist[/]bin[/]/, ''),
      lines: output
        .split('\n')
        .slice(0, -1)
        .map((line) => line.slice(4)),
    }),
  );
});

/** `...` stands for the rest of a line, and on a line by itself for any number of lines. */
function asPattern(lines: readonly string[]): RegExp {
  const parts = lines.map((line) => {
    if (line.trim() === '...') return '(?:.*\\n)*?';
    const isCut = line.endsWith(' ...');
    const literal = (isCut ? line.slice(0, -4) : line).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return `${literal}${isCut ? '.*' : ''}\\n`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

let bin: string;

beforeAll(async () => {
  bin = await installAll();
});

/** As typed into a shell in the folder of the project. */
function typed(command: string): Promise<Ran> {
  return runPlugin(['sh', '-c', command], [], { cwd: top, env: { PATH: `${bin}${delimiter}${LAB_PATH}` } });
}

describe('a page', () => {
  it.each(NAMES)('of %s shows how it looks', (name) => {
    const own = shown.filter(
      ({ page, command }) => page === `plugins/${name}.md` && command.startsWith(`${name} `),
    );
    expect(own.map(({ command }) => command)).not.toEqual([]);
  });

  it.each(shown)('$page shows what is printed: $command', async ({ command, lines }) => {
    const { stdout, stderr } = await typed(command);
    expect(stderr).toBe('');
    // Where they differ, the difference is what is wanted to be seen.
    if (!asPattern(lines).test(stdout)) expect(stdout.split('\n')).toEqual([...lines, '']);
  });

  it.each([
    ['one line\n', ['one line'], true],
    ['one line\n', ['one ...'], true],
    ['one\ntwo\nthree\n', ['one', '...', 'three'], true],
    ['one\ntwo\nthree\n', ['one', '...'], true],
    ['one\ntwo\nthree\n', ['one', 'three'], false],
    ['one\ntwo\n', ['one'], false],
    ['a.c\n', ['abc'], false],
  ])('is compared line by line: %j %j', (output, lines, isLike) => {
    expect(asPattern(lines).test(output)).toBe(isLike);
  });
});

lab(
  ['root', 'unshare', 'mount', 'sudo', 'visudo', 'setpriv', '/usr/lib/nagios/plugins'],
  'an installation',
  () => {
    it('is made by the commands of the pages, and its checks look as root for nagios', async () => {
      const indented = (page: string): string =>
        readFileSync(join(top, page), 'utf8')
          .match(/^ {4,}(?:cp|ln|node|install|visudo) .*$/gm)
          ?.join('\n') ?? '';
      const empty = [
        '/usr/local/lib',
        '/usr/local/sbin',
        '/usr/lib/nagios/plugins',
        '/etc/sudoers.d',
        '/var/lib',
      ];
      const script = [
        'mount --make-rprivate /',
        ...empty.map((folder) => `mount -t tmpfs -o mode=755 tmpfs ${folder}`),
        `mkdir /var/lib/dist; mount --bind ${dirname(dirname(realpathSync(join(bin, 'check_invtsc'))))} /var/lib/dist`,
        'cd /var/lib',
        indented('icinga-conf/icinga2/README.md'),
        `cd ${join(top, 'icinga-conf/sudo')}`,
        indented('icinga-conf/sudo/README.md'),
        'cd /',
        'as() { setpriv --reuid nagios --regid nagios --init-groups -- "$@"; }',
        'as test -w /var/lib/hypervisor-checks',
        'as /usr/lib/nagios/plugins/check_invtsc --sudo -vv || test $? -eq 1',
      ].join('\n');
      const { code, stdout, stderr } = await runPlugin(['unshare', '-m', 'sh', '-euc', script]);
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('parsed OK');
      expect(stdout).toMatch(/\nINVTSC (?:OK|WARNING) - [^]*\nasked \S+ as uid 0:/);
    });
  },
);

describe('an example of the help', () => {
  it.each(NAMES)('of %s can be typed into a shell as it stands, and is judged', async (name) => {
    const { examples } = await declarationOf(name);
    const folder = join(top, 'test/recordings', name);
    const [recording] = existsSync(folder) ? readdirSync(folder) : [];
    expect(recording).toBeDefined();
    const isElsewhere = /(?:^| )(?:-H|--host|--root|--record|--replay|--sudo|--state-dir)(?: |=|$)/;
    for (const { args } of examples) {
      // One that looks elsewhere would look there: the help comes instead, after the arguments were understood.
      const where = isElsewhere.test(args) ? '--version' : `--replay '${folder}/${recording ?? ''}'`;
      const { code, stdout, stderr } = await typed(`${name} ${args} ${where}`);
      expect({ code: (code ?? 9) <= 3, stderr }, args).toEqual({ code: true, stderr: '' });
      expect(stdout, args).toMatch(
        isElsewhere.test(args) ? /^check_\w+ [0-9]/ : /^[A-Z_0-9]+ (?:OK|WARNING|CRITICAL|UNKNOWN) - /,
      );
      expect(stdout, args).not.toContain('lists the options');
    }
  });
});
