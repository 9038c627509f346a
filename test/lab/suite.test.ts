/** The built command for all checks, as it is installed, on this machine. */
import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { SCENES } from '../../lib/cli/suite/scenes.ts';
import { installAll, NAMES } from './all-checks.ts';
import { lab, scratch } from './lab.ts';
import { runPlugin } from './process.ts';

const NOBODY = { uid: 65534, gid: 65534 };
let bin: string;
let program: string;

beforeAll(async () => {
  bin = await installAll();
  // As a package has it: a link where commands are looked for.
  program = join(scratch(), 'hypervisor-checks');
  symlinkSync(join(bin, 'hypervisor-checks'), program);
});

describe('the installed command', () => {
  it('says one line for each check and a verdict, and ends with the code of the worst', async () => {
    const { stdout, stderr, code } = await runPlugin(program, []);
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    const names = lines.slice(0, NAMES.length).map((line) => /^(?:[A-Z]+|-) +(\w+) {3}/.exec(line)?.[1]);
    expect(names.map((name) => `check_${name ?? ''}`).sort()).toEqual([...NAMES].sort());
    const worst = /: ([A-Z]+)\. /.exec(lines.at(-2) ?? '')?.[1] ?? '';
    expect(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'].indexOf(worst)).toBe(code);
  });

  it.each(NAMES)('explains %s with its page', async (name) => {
    const { stdout, code } = await runPlugin(program, ['explain', name.replace('check_', '')]);
    expect(stdout).toMatch(new RegExp(`^# ${name}\n`));
    expect(stdout).not.toContain('<!--');
    expect(code).toBe(0);
  });

  it('plays every incident, and says that it is a replay', async () => {
    const { stdout, code } = await runPlugin(program, ['demo']);
    expect(stdout).toMatch(/^What follows are replays of recordings; this machine is not looked at\.\n/);
    for (const { name } of SCENES) expect(stdout).toContain(`== ${name}: `);
    expect(stdout.match(/^replay of .*, before:\n {4}\S+ (?:WARNING|CRITICAL) - /gm)).toHaveLength(
      SCENES.length,
    );
    expect(stdout.match(/^replay of .*, after .*:\n {4}\S+ OK - /gm)).toHaveLength(SCENES.length);
    expect(code).toBe(0);
  });

  it('prints the completion that bash can read', async () => {
    const { stdout } = await runPlugin(program, ['completion']);
    const read = await runPlugin(['bash', '-n'], [], { input: stdout });
    expect(read).toMatchObject({ code: 0, stderr: '' });
    expect(stdout).toContain('complete -o filenames');
  });

  it.each([
    [['--help'], /^hypervisor-checks \[COMMAND\] \[OPTIONS\] - /],
    [['--nonsense'], /"nonsense" is not an option/],
    [['--replay', 'all.txt'], /^UNKNOWN {3}all [0-9]+ checks {3}all\.txt: is not there\n/],
  ])('%j knows what to say in a folder that was removed', async (args, said) => {
    const script = 'mkdir "$D/gone" && cd "$D/gone" && rmdir "$D/gone" && exec "$@"';
    const { stdout, code } = await runPlugin(['sh', '-c', script, 'sh', program], args, {
      env: { D: scratch() },
    });
    expect(stdout).toMatch(said);
    expect(code).toBe(3);
  });

  it('shows colours on a terminal', async () => {
    const { stdout } = await runPlugin(['script', '-qec', `${program} demo slow-slave`, '/dev/null'], [], {
      env: { TERM: 'xterm', NO_COLOR: undefined },
    });
    expect(stdout).toContain('\x1b[33mWARNING\x1b[0m');
    expect(stdout).toContain('\x1b[1m== slow-slave');
    // Coloured or not, the lines break at the same places.
    const plain = await runPlugin(program, ['demo', 'slow-slave']);
    expect(stdout.replaceAll('\r', '').replace(/\x1b\[[0-9]*m/g, '')).toBe(plain.stdout);
  });
});

lab(['root'], 'as root and as nobody', () => {
  it('writes one file with what all checks saw, and each of them says the same from it', async () => {
    const file = join(scratch(), 'all.txt');
    const written = await runPlugin(program, ['record', file]);
    expect(written.stdout).toMatch(/^\S+all\.txt: [0-9]+ bytes, known passwords are left out\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const all = await runPlugin(program, ['--replay', file, '--format', 'json']);
    const { checks } = JSON.parse(all.stdout) as { checks: { plugin: string }[] };
    for (const name of NAMES) {
      const alone = await runPlugin(join(bin, name), ['--replay', file, '--format', 'json']);
      expect(JSON.parse(alone.stdout), name).toEqual(checks.find(({ plugin }) => plugin === name));
    }
    expect(readFileSync(file, 'utf8')).not.toContain('is not in the recording');
  });

  it('doctor gives root no lines for sudo', async () => {
    const { stdout } = await runPlugin(join(bin, 'hypervisor-checks'), ['doctor']);
    expect(stdout).toMatch(/^(?:check_\w+:|Every check can see)/);
    expect(stdout).not.toContain('NOPASSWD');
  });

  it('doctor tells a user without rights what is closed to it, and the lines for sudoers', async () => {
    chmodSync(scratch(), 0o755);
    const { stdout, code } = await runPlugin(join(bin, 'hypervisor-checks'), ['doctor'], NOBODY);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^check_uptime_kernel:\n(?: .*\n)*? {2}\/proc\/\*\/maps may not be read$/m);
    expect(stdout).toContain(
      `  nobody ALL=(root) NOPASSWD: ${bin}/check_uptime_kernel --record - --timeout 6\n`,
    );
    const rules = [...stdout.matchAll(/^ {2}(nobody ALL=.*)$/gm)].map(([, line]) => line).join('\n');
    const checked = await runPlugin(['visudo', '-cf', '-'], [], { input: `${rules}\n` });
    expect(checked.code, checked.stderr).toBe(0);
  });
});
