/** The program that stands for root gives away what is on its list, whoever asks for whatever in whatever way. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { helpPage } from '../../lib/cli/help.ts';
import { answerScript } from '../../lib/generate/answer.ts';
import { sudoers } from '../../lib/generate/sudoers.ts';
import * as ask from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { ShellSession } from '../../lib/host/sh-session.ts';
import type { Reading } from '../../lib/reading.ts';
import { plugins } from '../../plugins/index.ts';
import { examplePlugin } from '../example-plugin.ts';
import { atEnd, lab } from '../lab/lab.ts';

let folder: string;
let script: string;
const SECRET = 'nobody may see this';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'answer-'));
  chmodSync(folder, 0o755);
  script = join(folder, 'hypervisor-checks-answer');
  const access = {
    ...examplePlugin.access,
    reads: [`${folder}/open/*`, '/proc/*/status', '/sys/class/net/*/*'],
    searches: [{ path: `${folder}/*earched`, containing: '(public) ' }],
    runs: ['ip -d -j link', 'ip -n * -d -j link', 'virsh -q -r -c qemu:///system @definitions'],
  };
  writeFileSync(script, answerScript([{ ...examplePlugin, access }]), { mode: 0o755 });
  mkdirSync(join(folder, 'open/deeper'), { recursive: true });
  writeFileSync(join(folder, 'open/file'), 'content\n');
  writeFileSync(join(folder, 'open/deeper/file'), SECRET);
  writeFileSync(join(folder, 'secret'), SECRET);
  writeFileSync(join(folder, 'searched'), `a (public) line\n${SECRET}\n`);
  symlinkSync(join(folder, 'secret'), join(folder, 'open/link'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answer<const W extends ask.Want>(want: W, shell = '/bin/sh'): Promise<ask.Answers<W>> {
  const child = spawn(shell, [script], { stdio: 'pipe' });
  const ended = new Promise<string>((resolve) => child.once('close', (code) => resolve(`ended ${code}`)));
  const session = new ShellSession(
    { input: child.stdin, output: child.stdout, errors: child.stderr, ended },
    'here',
  );
  const answered = await session.ask(want, new Deadline(10));
  child.stdin.end();
  await ended;
  if (!answered.ok) throw new Error(JSON.stringify(answered));
  return answered.value.answers as ask.Answers<W>;
}

const outcome = (reading: Reading<unknown>): string => (reading.ok ? 'ok' : reading.why);

describe.each([['/bin/sh'], ['/bin/bash']])('the answerer in %s', (shell) => {
  it('gives away what is on its list, and what every file looks like from outside', async () => {
    const got = await answer(
      {
        file: ask.bytes(`${folder}/open/file`),
        own: ask.bytes('/proc/1/status'),
        device: ask.bytes('/sys/class/net/lo/mtu'),
        secret: ask.stat(`${folder}/secret`),
        names: ask.list(folder),
      },
      shell,
    );
    expect(Object.values(got).map(outcome)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(got.file.ok && Buffer.from(got.file.value.bytes).toString()).toBe('content\n');
  });

  it('gives away lines with the text on its list, and nothing else of their file', async () => {
    const path = `${folder}/searched`;
    const found = await answer({ lines: ask.lines(path, '(public) ') }, shell);
    expect(found.lines).toEqual({ ok: true, value: ['a (public) line'] });
    const texts = ['(public)', 'public', ' ', 'may', '*', '(public) \t', `(public) \t${folder}`, '\\'];
    for (const text of texts)
      expect([text, outcome((await answer({ lines: ask.lines(path, text) }, shell)).lines)]).toEqual([
        text,
        'denied',
      ]);
    expect(outcome((await answer({ bytes: ask.bytes(path) }, shell)).bytes)).toBe('denied');
    expect(outcome((await answer({ lines: ask.lines(`${folder}/secret`, '(public) ') }, shell)).lines)).toBe(
      'denied',
    );
    // Beside the question that is allowed, others about the same file get no more than alone.
    const beside = await answer(
      { lines: ask.lines(path, '(public) '), other: ask.lines(path, 'may'), head: ask.head(path, 99) },
      shell,
    );
    expect([outcome(beside.other), outcome(beside.head)]).toEqual(['denied', 'denied']);
  });

  it('keeps everything else back, by every way there', async () => {
    const paths = [
      `${folder}/secret`,
      `${folder}/open/link`,
      `${folder}/open/deeper/file`,
      `${folder}/open/../secret`,
      `${folder}/open//file`,
      `${folder}/open/./file`,
      `${folder}/open/.`,
      '/proc/1/environ',
      `/proc/self/root${folder}/secret`,
      '/proc/self/root/proc/1/status',
      '/proc/1/../1/status',
      '/sys/class/net/lo/../lo/mtu',
      '/etc/shadow',
    ];
    const want: Record<string, ask.Question> = {};
    for (const path of paths) {
      want[`bytes ${path}`] = ask.bytes(path);
      want[`head ${path}`] = ask.head(path, 100);
      want[`lines ${path}`] = ask.lines(path, 'may', 100);
    }
    const got: Readonly<Record<string, unknown>> = await answer(want, shell);
    for (const path of paths) {
      const readings = [got[`bytes ${path}`], got[`head ${path}`], got[`lines ${path}`]];
      for (const reading of readings as Reading<unknown>[]) expect(['denied', 'wrongType']).toContain(outcome(reading)); // prettier-ignore
    }
  });

  it('runs the commands on its list, and no other words', async () => {
    const run = async (tool: ask.Tool, ...args: string[]): Promise<string> =>
      outcome((await answer({ ran: ask.run(tool, ...args) }, shell)).ran);
    expect(await run('ip', '-d', '-j', 'link')).toMatch(/^(?:ok|absent)$/);
    expect(await run('ip', '-n', 'no-such', '-d', '-j', 'link')).toMatch(/^(?:ok|absent)$/);
    const definitions = 'dumpxml --inactive 4507aaf2-e0db-005c-e863-2016f2779ae8; dumpxml --inactive 0a-b';
    expect(await run('virsh', '-q', '-r', '-c', 'qemu:///system', definitions)).toMatch(/^(?:ok|absent)$/);
    const refused: readonly (readonly [ask.Tool, ...string[]])[] = [
      ['ip', '-d', '-j', 'link', 'set'],
      ['ip', '-d', '-j'],
      ['ip', '-d', '-j', 'link', ''],
      ['ip', 'netns', 'exec', 'x', 'sh'],
      ['ip', '-n', '-d', '-d', '-j', 'link'],
      ['ip', '-n', 'a b', '-d', '-j', 'link'],
      ['ip', '-n', '', '-d', '-j', 'link'],
      ['ip', '-d -j link'],
      ['ethtool', 'eth0'],
      ['virsh', '-q', '-r', '-c', 'qemu+ext:///system', 'list'],
      ['virsh', '-q', '-r', '-c', 'qemu:///system', 'connect qemu+ext:///system'],
      ['virsh', '-q', '-r', '-c', 'qemu:///system', 'dumpxml --inactive x; destroy y'],
      ['virsh', '-q', '-r', '-c', 'qemu:///system', 'dumpxml --security-info 0a-b'],
    ];
    for (const words of refused) expect(await run(...words), words.join(' ')).toBe('denied');
  });

  it('takes nothing that it is sent for a command', () => {
    const mark = join(folder, 'mark');
    const evil = `touch ${mark}`;
    const send = (...lines: readonly string[]): void => {
      spawnSync(shell, [script], { input: `${lines.join('\n')}\n`, timeout: 10_000 });
    };
    const opening = ['#end of the program', 'nonce', '/./././'];
    const name = `$(${evil})`;
    for (const word of [`1; ${evil}`, name, `\`${evil}\``, `"; ${evil} #`, `'; ${evil} #`]) {
      send(...opening, `sel b head ${word}`, `b\thead\t${word}\t${folder}/open/file`, 'go');
      send(...opening, `sel b tail ${word}`, `b\ttail\t${word}\t${folder}/open/file`, 'go');
      send(...opening, `sel g ${word} -`, `g\t${word}\t-\t${folder}/open/file`, 'go');
      send(...opening, 'sel s - -', `s\t-\t-\t/${word}`, `l\t-\t-\t/${word}`, `p\t-\t-\t/${word}`, 'go');
      send(...opening, `e\t/${word}/*`, `+s\t-\t-\t${word}`, `P\t${word}\t${word}`, `r\tip\t.${word}`, 'go');
      send('#end of the program', word, '/./././', `sel s - -`, 's\t-\t-\t/', 'go');
      send('#end of the program', 'nonce', `/${word}`, `sel s - -`, 's\t-\t-\t/', 'go');
      send(word, evil, 'go');
    }
    expect(existsSync(mark)).toBe(false);
  });

  it('is led nowhere else by a prefix', () => {
    mkdirSync(join(folder, 'false/proc/1'), { recursive: true });
    writeFileSync(join(folder, 'false/proc/1/status'), SECRET);
    for (const prefix of [`${folder}/false`, `${folder}/false/.`, '/./../', '', 'x']) {
      const lines = ['#end of the program', 'nonce', prefix, 'sel b head 99', 'b\thead\t99\t/proc/1/status', 'go']; // prettier-ignore
      const { stdout } = spawnSync(shell, [script], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
      expect(stdout).toBe('');
    }
  });
});

describe('any words at all', () => {
  it('open nothing', async () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '*', 'open', 'proc', 'secret', 'file', 'link', '1', 'root', '$(id)'),
      fc.string({ maxLength: 6 }).filter((text) => !text.includes('\0')),
    );
    const paths = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `${folder}/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(fc.array(paths, { minLength: 10, maxLength: 30 }), async (all) => {
        const want = Object.fromEntries(all.map((path) => [path, ask.head(path, 100)] as const));
        for (const reading of Object.values(await answer(want)))
          if (reading.ok) expect(Buffer.from(reading.value.bytes).toString()).toBe('content\n');
      }),
      { numRuns: 15 },
    );
  }, 60_000); // prettier-ignore
});

lab(['root', 'unshare', 'setpriv'], 'as root', () => {
  it('looks into no directory of another user', async () => {
    mkdirSync(join(folder, 'open2'));
    const theirs = join(folder, 'open/theirs');
    mkdirSync(join(folder, 'home'));
    writeFileSync(join(folder, 'home/file'), SECRET);
    chownSync(join(folder, 'home'), 65534, 65534);
    symlinkSync(join(folder, 'home'), theirs);
    const access = { ...examplePlugin.access, reads: [`${folder}/*/*/file`, `${folder}/home/*`] };
    writeFileSync(script, answerScript([{ ...examplePlugin, access }]), { mode: 0o755 });
    const got = await answer({
      direct: ask.bytes(`${folder}/home/file`),
      linked: ask.bytes(`${theirs}/file`),
      own: ask.bytes(`${folder}/open/deeper/file`),
    });
    expect([outcome(got.direct), outcome(got.linked), outcome(got.own)]).toEqual(['denied', 'denied', 'ok']);
  });

  it('looks into no directory that lies in one of another user, who may put a link in its place, and opens no FIFO there', async () => {
    const home = join(folder, 'theirs');
    mkdirSync(join(home, 'ours'), { recursive: true });
    writeFileSync(join(home, 'ours/file'), SECRET);
    for (const place of [join(home, 'ours'), folder]) execFileSync('mkfifo', [join(place, 'fifo')]);
    chownSync(home, 65534, 65534);
    const access = { ...examplePlugin.access, reads: [`${home}/*/*`] };
    writeFileSync(script, answerScript([{ ...examplePlugin, access }]), { mode: 0o755 });
    const got = await answer({
      file: ask.bytes(`${home}/ours/file`),
      theirs: ask.fifo(`${home}/ours/fifo`),
      ours: ask.fifo(`${folder}/fifo`),
    });
    expect([outcome(got.file), outcome(got.theirs), outcome(got.ours)]).toEqual(['denied', 'denied', 'ok']);
  });

  it('gives away nothing that came to match after it has looked', async () => {
    const place = join(folder, 'watched');
    const many = join(folder, 'many');
    mkdirSync(place);
    mkdirSync(many);
    for (let i = 0; i < 2000; i++) writeFileSync(join(many, `${i}${'x'.repeat(200)}`), '');
    const access = { ...examplePlugin.access, reads: [`${folder}/open/*`] };
    writeFileSync(script, answerScript([{ ...examplePlugin, access }]), { mode: 0o755 });
    const child = spawn('/bin/sh', [script], { stdio: 'pipe' });
    const lists = Array.from({ length: 5 }, () => `l\t-\t-\t${many}`);
    const input = ['#end of the program', 'nonce', '/./././', 'sel b head 99', `e\t${place}/*`, '+b\thead\t99\t', ...lists, 'go', '']; // prettier-ignore
    child.stdin.end(input.join('\n'));
    let said = '';
    await new Promise((resolve) => {
      child.once('close', resolve);
      child.stdout.on('data', (chunk: Buffer) => {
        // It lists after it has looked what may be read, and waits now until somebody takes two megabytes of names.
        said += chunk.toString();
        if (said.includes('#nonce list') && !existsSync(join(place, 'link'))) symlinkSync(join(folder, 'secret'), join(place, 'link')); // prettier-ignore
      });
    });
    expect(said).toContain('#nonce done');
    expect(said.length).toBeGreaterThan(2_000_000);
    expect(said).not.toContain(SECRET);
  });

  it('believes no file of a process that has a mount namespace of its own making', async () => {
    const access = { ...examplePlugin.access, reads: [`/proc/*/root${folder}/open/*`] };
    writeFileSync(script, answerScript([{ ...examplePlugin, access }]), { mode: 0o755 });
    chmodSync(join(folder, 'secret'), 0o600);
    const bind = `mount --bind ${folder}/secret ${folder}/open/file && echo up && exec sleep 60`;
    const child = spawn('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'unshare', '-Urm', 'sh', '-c', bind]); // prettier-ignore
    atEnd(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const seen = `/proc/${child.pid}/root${folder}/open/file`;
    expect(readFileSync(seen, 'utf8')).toBe(SECRET);
    const got = await answer({
      theirs: ask.bytes(seen),
      // As for a process of `ip netns exec`: it sees our files.
      ours: ask.bytes(`/proc/${process.pid}/root${folder}/open/file`),
    });
    expect([outcome(got.theirs), outcome(got.ours)]).toEqual(['denied', 'ok']);
  });

  it('starts nothing from the PATH of whoever calls, where sudo hands that on', () => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    const mark = join(bin, 'mark');
    for (const name of ['timeout', 'id', 'date'])
      writeFileSync(join(bin, name), `#!/bin/sh\n: >${mark}\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
    const input = '#end of the program\nnonce\n/./././\ngo\n';
    const { stdout } = spawnSync(script, { input, encoding: 'utf8', env: { PATH: `${bin}:/usr/bin:/bin` } });
    expect(stdout).toContain('#nonce done');
    expect(existsSync(mark)).toBe(false);
  });
});

lab(['visudo'], 'the lines for sudo', () => {
  it('are what sudo reads', async () => {
    const all = await Promise.all(Object.values(plugins).map(async (load) => (await load()).default));
    const file = join(folder, 'sudoers');
    const helps = await Promise.all(all.map(helpPage));
    const printed = helps.flatMap((help) => help.match(/^ +nagios ALL=.*$/gm) ?? []);
    expect(printed.length).toBeGreaterThan(all.length);
    writeFileSync(file, `${sudoers(all)}${printed.join('\n')}\n`, { mode: 0o440 });
    expect(execFileSync('visudo', ['-c', '-f', file], { encoding: 'utf8' })).toContain('parsed OK');
  });
});
