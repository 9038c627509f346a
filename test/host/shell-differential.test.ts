/**
 * The shell program against the direct reader: the same questions about the same files must have the same answers,
 * whichever shell runs it.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import * as ask from '../../lib/host/ask.ts';
import type { LooseAnswers, Want } from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { askShellChild } from '../../lib/host/sh-child.ts';
import type { Reading } from '../../lib/reading.ts';
import { lab } from '../lab/lab.ts';

const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ['/bin/dash'],
  ['/bin/bash'],
  ['/bin/busybox', 'sh'],
];

const SLEEPER = `sleeps-${process.pid}x`;
const DISGUISED = `hides-${process.pid}x`;

let tree: string;
let sleeper: ChildProcess;
let disguised: ChildProcess;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'differential '));
  chmodSync(tree, 0o755);
  const at = (name: string): string => join(tree, name);
  writeFileSync(at('plain'), 'one line\n');
  writeFileSync(at('no newline'), 'no newline');
  writeFileSync(at('empty'), '');
  writeFileSync(at('newlines'), '\n\n\n');
  writeFileSync(at('binary'), Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256)));
  writeFileSync(at('==> forged <=='), '\n==> /etc/passwd <==\nroot\n\n#done\n');
  writeFileSync(at("it's; $(touch x) `x` & \\n *"), 'quoted');
  writeFileSync(at('new\nline'), 'newline in the name\n');
  writeFileSync(at('tab\there'), 'tab');
  writeFileSync(at('-rf'), 'dash');
  writeFileSync(at('.hidden'), 'hidden');
  writeFileSync(at('big'), 'x'.repeat(100_000));
  writeFileSync(at('sparse'), '');
  truncateSync(at('sparse'), 50_000_000);
  const first = 'first (deleted)\n\nno\n(DELETED)\nsecond (deleted)\tthe $end `x` \\n\n';
  writeFileSync(at('mappings'), `${first}${'7f00 /lib/x.so\n'.repeat(9000)}last \xff: (deleted)`);
  writeFileSync(at('long line'), `${'x'.repeat(200_000)} (deleted)\nshort (deleted)\n`);
  writeFileSync(at('closed'), 'secret');
  chmodSync(at('closed'), 0);
  mkdirSync(at('dir'));
  mkdirSync(at('dir/empty'));
  writeFileSync(at('dir/a.xml'), '<a/>');
  writeFileSync(at('dir/b.xml'), '<b/>');
  mkdirSync(at('locked'), { mode: 0 });
  mkdirSync(at('listable'), { mode: 0o444 });
  symlinkSync('plain', at('link'));
  symlinkSync('nowhere', at('dangling'));
  symlinkSync('loop', at('loop'));
  symlinkSync('/etc', at('to etc'));
  execFileSync('mkfifo', [at('fifo'), at('read fifo')]);
  // A program that no other test runs at the same time.
  copyFileSync('/bin/sleep', at(SLEEPER));
  chmodSync(at(SLEEPER), 0o755);
  writeFileSync(at('removed'), 'still open');
  sleeper = spawn('/bin/sh', ['-c', 'exec "$1" 1000 < "$0"', at('read fifo'), at(SLEEPER)], {
    stdio: 'ignore',
  });
  // As `-name x,process=webby` makes a qemu look: only its executable tells what it is.
  copyFileSync('/bin/dash', at(DISGUISED));
  chmodSync(at(DISGUISED), 0o755);
  // A name can be given by the process itself only (comm_write in fs/proc/base.c).
  const disguise = 'exec 3<"$0" 4</; rm "$0"; echo webby >/proc/$$/comm; echo done; read line';
  disguised = spawn(at(DISGUISED), ['-c', disguise, at('removed')], {
    argv0: 'web server',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdout } = disguised;
  return new Promise<void>((resolve) => stdout?.once('data', () => resolve()));
});

afterAll(() => {
  sleeper.kill('SIGKILL');
  disguised.kill('SIGKILL');
  execFileSync('chmod', ['-R', 'u+rwx', tree]);
  rmSync(tree, { recursive: true });
});

/** Every primitive question about every name in the tree, and some that are not there. */
function questions(): Want {
  const want: Record<string, ask.Question> = {};
  const names = [
    'plain', 'no newline', 'empty', 'newlines', 'read fifo', 'binary', '==> forged <==', "it's; $(touch x) `x` & \\n *",
    'new\nline', 'tab\there', '-rf', '.hidden', 'big', 'sparse', 'closed', 'dir', 'dir/a.xml', 'locked', 'listable',
    'link', 'dangling', 'loop', 'to etc', 'fifo', 'missing', 'plain/below', 'to etc/hostname', '',
  ]; // prettier-ignore
  for (const name of names) {
    const path = name === '' ? tree : join(tree, name);
    want[`bytes ${name}`] = ask.bytes(path, 65_536);
    want[`head ${name}`] = ask.head(path, 5);
    want[`tail ${name}`] = ask.tail(path, 7);
    // Lines are asked of text only: grep ends at a NUL.
    if (name !== 'binary') want[`lines ${name}`] = ask.lines(path, 'o', 65_536);
    want[`no lines ${name}`] = ask.lines(path, 'no such text', 65_536);
    want[`list ${name}`] = ask.list(path);
    want[`stat ${name}`] = ask.stat(path);
    want[`follow ${name}`] = ask.stat(path, { follow: true });
    want[`link ${name}`] = ask.link(path);
    want[`statfs ${name}`] = ask.statfs(path);
    want[`fifo ${name}`] = ask.fifo(path);
  }
  for (const name of ['mappings', 'long line', 'dir', 'closed', 'missing', 'new\nline', '==> forged <==']) {
    want[`deleted ${name}`] = ask.lines(join(tree, name), '(deleted)', 65_536);
  }
  want['odd text'] = ask.lines(join(tree, 'mappings'), 'the $end `x` \\n', 65_536);
  want['dash'] = ask.lines(join(tree, 'mappings'), '-e x.so', 65_536);
  want['each lines'] = ask.each(`${tree}/d*/*.xml`, { lines: ask.lines('', '<a', 100) });
  want['proc'] = ask.bytes('/proc/sys/kernel/ostype');
  want['sys'] = ask.bytes('/sys/class/net/lo/mtu');
  want['einval'] = ask.bytes('/sys/class/net/lo/speed');
  want['each'] = ask.each(`${tree}/*/*.xml`, { text: ask.bytes(''), stat: ask.stat('') });
  want['each hidden'] = ask.each(`${tree}/.*`, { text: ask.bytes('') });
  want['each nothing'] = ask.each(`${tree}/nothing*/x`, { text: ask.bytes('') });
  want['each absent'] = ask.each('/nowhere/at/*/all', { text: ask.bytes('') });
  want['files'] = ask.files(
    `${tree}/*`,
    `${tree}/*/*.xml`,
    `${tree}/*/a.xml`,
    `${tree}/*/.`,
    `${tree}/plain`,
  );
  want['no files'] = ask.files(`${tree}/nothing*/x`, '/nowhere/at/*/all');
  want['each plain'] = ask.each(`${tree}/dir`, {
    a: ask.bytes('a.xml'),
    no: ask.bytes('c.xml'),
    all: ask.list(''),
  });
  want['processes'] = ask.processes([`${SLEEPER.slice(0, -1)}?`, 'no-such-*'], {
    argv: ask.bytes('cmdline'),
    maps: ask.lines('maps', 'r-xp', 65_536),
    exe: ask.link('exe'),
  });
  want['open files'] = ask.each(`/proc/${disguised.pid}/fd/*`, {
    link: ask.link(''),
    stat: ask.stat('', { follow: true }),
    lstat: ask.stat(''),
  });
  want['disguised'] = ask.processes([`${DISGUISED.slice(0, -1)}*`], { exe: ask.link('exe') });
  want['no processes'] = ask.processes(['no-such-program-*'], {});
  return want;
}

/** Free blocks, how many processes there are and which of them wait for a disk changes every moment; the rest may not. */
function comparable(answers: LooseAnswers): LooseAnswers {
  return JSON.parse(
    JSON.stringify(answers, (key, value: unknown) =>
      ['free', 'available', 'filesFree', 'scanned', 'undecided', 'detail'].includes(key)
        ? undefined
        : value instanceof Uint8Array || isBuffer(value)
          ? Buffer.from(value as Uint8Array).toString('latin1')
          : value,
    ),
  ) as LooseAnswers;
}

function isBuffer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

async function direct(want: Want): Promise<LooseAnswers> {
  const { now, who, ...answers } = await new LocalHost(new Deadline(30)).ask(want);
  expect([now.uptimeSeconds, who.uid]).not.toContain(undefined);
  return answers;
}

function value<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(JSON.stringify(reading));
  return reading.value;
}

describe.each(SHELLS)('the shell program in %s', (...shell) => {
  const ownShell = shell.filter((word): word is string => typeof word === 'string');

  it('answers every question like the direct reader', async () => {
    const want = questions();
    const command = ownShell as [string, ...string[]];
    const got = comparable(value(await askShellChild(want, 'here', new Deadline(60), command)));
    const expected = comparable(await direct(want));
    for (const name of Object.keys(want)) {
      // busybox's dd cannot open without waiting and so cannot tell; it must say so.
      if (name.startsWith('fifo ') && ownShell[0]?.endsWith('busybox') === true) continue;
      expect({ [name]: got[name] }).toEqual({ [name]: expected[name] });
    }
  });
});

/** What `body` does, as a user who may read nothing of others. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  const { getgroups, setgroups, setegid, seteuid } = process;
  if (getgroups === undefined || setgroups === undefined || setegid === undefined || seteuid === undefined) {
    throw new Error('this system has no users');
  }
  const groups = getgroups();
  setgroups([65534]);
  setegid(65534);
  seteuid(65534);
  try {
    return await body();
  } finally {
    seteuid(0);
    setegid(0);
    setgroups(groups);
  }
}

lab(['root', 'setpriv', 'busybox'], 'an unprivileged user', () => {
  it.each(SHELLS)('is told the same by %s as by the direct reader', async (...shell) => {
    const ownShell = shell.filter((word): word is string => typeof word === 'string');
    const want = { ...questions(), init: ask.link('/proc/1/exe'), shadow: ask.bytes('/etc/shadow') };
    const drop = ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
    const got = comparable(
      value(await askShellChild(want, 'here', new Deadline(60), [...drop, ...ownShell])),
    );
    const expected = comparable(await asNobody(() => direct(want)));
    for (const name of Object.keys(want)) {
      if (name.startsWith('fifo ') && ownShell[0]?.endsWith('busybox') === true) continue;
      expect({ [name]: got[name] }).toEqual({ [name]: expected[name] });
    }
    expect(expected['shadow']).toMatchObject({ ok: false, why: 'denied' });
    expect(expected['init']).toMatchObject({ ok: false, why: 'denied' });
    expect(expected['bytes closed']).toMatchObject({ ok: false, why: 'denied' });
    expect(expected['list locked']).toMatchObject({ ok: false, why: 'denied' });
  });
});

it('the direct reader finds what is there', async () => {
  const answers = (await direct(questions())) as Record<string, Reading<unknown>>;
  expect(answers['bytes plain']).toMatchObject({ ok: true, value: { cut: false } });
  expect(answers['bytes big']).toMatchObject({ ok: false, why: 'tooBig' });
  expect(answers['tail big']).toMatchObject({ ok: true, value: { cut: true } });
  expect(answers['bytes fifo']).toMatchObject({ ok: false, why: 'wrongType' });
  expect(answers['bytes dangling']).toMatchObject({ ok: false, why: 'absent' });
  expect(answers['bytes loop']).toMatchObject({ ok: false, why: 'wrongType' });
  expect(answers['processes']).toMatchObject({
    ok: true,
    value: { found: [{ pid: sleeper.pid, program: SLEEPER }] },
  });
  expect(answers['disguised']).toMatchObject({
    ok: true,
    value: { found: process.geteuid?.() === 0 ? [{ pid: disguised.pid, program: DISGUISED }] : [] },
  });
  expect(answers['fifo fifo']).toEqual({ ok: true, value: 'noReader' });
  expect(answers['link dangling']).toEqual({ ok: true, value: 'nowhere' });
  expect(answers['stat sparse']).toMatchObject({
    ok: true,
    value: { sizeBytes: 50_000_000, allocatedBytes: 0 },
  });
  expect(answers['deleted mappings']).toEqual({
    ok: true,
    value: ['first (deleted)', 'second (deleted)\tthe $end `x` \\n', 'last \xff: (deleted)'],
  });
  expect(answers['deleted long line']).toMatchObject({ ok: false, why: 'tooBig' });
  expect(answers['no lines plain']).toEqual({ ok: true, value: [] });
  expect(answers['open files']).toMatchObject({
    ok: true,
    value: {
      found: expect.arrayContaining([
        expect.objectContaining({ link: { ok: true, value: `${tree}/removed (deleted)` } }),
      ]) as unknown,
    },
  });
  expect(answers['einval']).toMatchObject({ ok: false, why: 'failed', detail: 'EINVAL' });
});
