/**
 * check_daemontools, built, on services that really are supervised, by daemontools, runit and s6. With RECORD=1 what it saw is
 * written to test/recordings/check_daemontools, for the tests that have no supervisor at hand.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { gatherServices, type Choice } from '../../lib/facts/services-gather.ts';
import type { Answers } from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import type { Host } from '../../lib/host/host.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { sudoersLine } from '../../lib/host/sudo-command.ts';
import { askShellChild } from '../../lib/host/sh-child.ts';
import { SUPERVISORS, type Supervisor } from '../../lib/parsers/supervise-status.ts';
import { parseRange } from '../../lib/report/range.ts';
import { judgeServices } from '../../lib/rules/services.ts';
import { itemOf } from '../../lib/rules/services-summary.ts';
import { bundleAll } from '../../tools/bundle.mjs';
import plugin from '../../plugins/check_daemontools.ts';
import { replay } from '../plugin-test.ts';
import { keep } from '../recordings.ts';
import { readByAll } from '../readers/all.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { lab, scratch, until } from './lab.ts';
import { isGone, runPlugin, spawnProcess } from './process.ts';
import { SSHD, startSshd } from './sshd.ts';
import {
  LOGS,
  makeService,
  order,
  pidOf,
  run,
  RUNS,
  startScanner,
  SUPERVISED,
  supervisorPidOf,
  untilUp,
} from './supervisors.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NOBODY = { uid: 65534, gid: 65534 };

let folder: string;
let binary: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_daemontools', folder);
  binary = join(folder, 'bin/check_daemontools');
});

interface Said {
  readonly code: number | null;
  readonly line: string;
  readonly perfdata: string;
  readonly text: string;
  /** What is said of each service: `CRITICAL is down for ...`. */
  readonly of: Readonly<Record<string, string>>;
}

function check(args: readonly string[], options: Parameters<typeof runPlugin>[2] = {}): Promise<Said> {
  return checkBy([binary], args, options);
}

async function checkBy(
  command: readonly string[],
  args: readonly string[],
  options: Parameters<typeof runPlugin>[2] = {},
): Promise<Said> {
  const { code, signal, stdout, stderr } = await runPlugin(command, args, options);
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const [first = ''] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  const of = Object.fromEntries(
    Array.from(stdout.matchAll(/^\[(\w+)\] (\S+): (.*)$/gm), ([, state, name, text]) => [
      name ?? '',
      `${state ?? ''} ${text ?? ''}`,
    ]),
  );
  return { code, line, perfdata, text: stdout, of };
}

/** The same again from its recording; with RECORD=1 it is kept. */
async function recorded(name: string, directory: string, ...args: readonly string[]): Promise<Said> {
  const file = join(scratch(), 'recording');
  const said = await check(['--directory', directory, ...args, '--record', file]);
  const recording = readFileSync(file, 'utf8');
  const replayed = await replay(plugin, recording, '--directory', directory, ...args);
  // The clock of a recording stands still; on the machine a batch later it may be a second later.
  const still = (text: string): string => text.replace(/\b\d+ ?s\b/g, 'N s');
  expect({ code: replayed.code, text: still(replayed.text) }).toEqual({
    code: said.code,
    text: still(said.text),
  });
  if (process.env['RECORD'] === '1') {
    const expected = {
      options: ['--directory', '/service', ...args],
      outcome: `${said.code ?? ''} ${said.line}`,
    };
    keep(plugin.name, name, recording.replaceAll(directory, '/service'), expected);
  }
  return said;
}

function directory(): string {
  const path = join(scratch(), 'service');
  mkdirSync(path);
  return path;
}

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const STUBBORN = `#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n`;
const EXITS = '#!/bin/sh\nexit 3\n';

/** Each in the way that a service can be wrong. */
function makeAll(path: string): void {
  const at = (name: string): string => join(path, name);
  makeService(at('good'), { log: LOGS });
  makeService(at('with space'));
  makeService(at("x;$(touch x)|'y'"), { run: EXITS });
  makeService(at('is-down'), { isDown: true });
  makeService(at('once'), { isDown: true });
  makeService(at('exits'), { run: EXITS });
  makeService(at('dies'), { run: '#!/bin/sh\nsleep 0.3\n' });
  makeService(at('not-executable'), { mode: 0o644 });
  makeService(at('crlf'), { run: '#!/bin/sh\r\nexec sleep 1000000\r\n' });
  makeService(at('bom'), { run: `\uFEFF${RUNS}` });
  makeService(at('no-interpreter'), { run: '#!/opt/nowhere/bin/python\n' });
  makeService(at('no-shebang'), { run: 'exec sleep 1000000\n' });
  makeService(at('empty'), { run: '' });
  makeService(at('no-run'), { run: null });
  makeService(at('by-hand'));
  makeService(at('up-anyway'), { isDown: true });
  makeService(at('paused'));
  makeService(at('stopped'));
  makeService(at('stubborn'), { run: STUBBORN });
  makeService(at('log-down'), { log: LOGS });
  makeService(at('log-flaps'), { log: EXITS });
  makeService(at('log-empty'), { log: null });
  makeService(at('will-break'));
  makeService(at('dead'));
  makeService(at('.hidden'), { run: EXITS });
  writeFileSync(at('README'), 'no service\n');
  symlinkSync('nowhere', at('dangling'));
  makeService(join(dirname(path), 'elsewhere'));
  symlinkSync('../elsewhere', at('linked'));
  symlinkSync('../elsewhere', at('linked-again'));
}

/** What svstat, sv and s6-svstat say of the services that stay as they are: up or down, and the process. */
function oracle(supervisor: Supervisor, path: string): string {
  const text = {
    daemontools: () => run('svstat', path),
    runit: () => run('sv', 'status', path),
    s6: () => run('s6-svstat', path),
  }[supervisor]();
  // `run: PATH: (pid 12) 5s, normally down; run: log: (pid 11) 5s`
  const [first = ''] = text.replace(path, '').split(';');
  const [state = ''] = /up|down|run|finish/.exec(first) ?? [];
  const pid = /\(pid ([0-9]+)/.exec(first)?.[1];
  return `${state.replace('run', 'up')} ${pid ?? ''}`.trim();
}

/** The three at the same time: most of it is waiting for their clocks. */
function ofEach(name: string, test: (supervisor: Supervisor) => Promise<void>, ms: number): void {
  const all = async (): Promise<void> => {
    await Promise.all(SUPERVISORS.map(test));
  };
  it(`${name} (${SUPERVISORS.join(', ')})`, all, ms);
}

lab([...SUPERVISED, 'root'], 'real services', () => {
  ofEach(
    'of every kind are found, and the healthy ones are not',
    async (supervisor) => {
      const path = directory();
      makeAll(path);
      const at = (name: string): string => join(path, name);
      const scanner = await startScanner(supervisor, path);
      const stable = [
        'good',
        'with space',
        'by-hand',
        'paused',
        'stopped',
        'stubborn',
        'log-down',
        'log-empty',
        'will-break',
        'dead',
      ];
      await untilUp(...stable.map(at), at('good/log'), at('log-down/log'), at('linked'));
      for (const name of ['by-hand', 'stubborn', 'log-down/log']) order(supervisor, 'd', at(name));
      for (const name of ['up-anyway']) order(supervisor, 'u', at(name));
      order(supervisor, 'o', at('once'));
      order(supervisor, 'p', at('paused'));
      process.kill(pidOf(at('stopped')) ?? 0, 'SIGSTOP');
      chmodSync(at('will-break/run'), 0o644);
      const dead = pidOf(at('dead')) ?? 0;
      const stopped = supervisorPidOf(at('dead')) ?? 0;
      process.kill(stopped, 'SIGSTOP');
      process.kill(dead, 'SIGKILL');
      await untilUp(at('up-anyway'), at('once'));
      await until(() => pidOf(at('by-hand')) === null && isGone(dead), {
        seconds: 20,
        what: 'services to end',
      });
      // Older than what is looked at twice, and longer than --stop-seconds.
      await sleep(6000);

      const said = await recorded(supervisor, path, '--stop-seconds', '2', '-v');
      process.kill(stopped, 'SIGCONT');
      expect({ code: said.code, text: said.text }).toMatchObject({ code: 2 });
      const flaps =
        /^CRITICAL (?:restarts all the time|ends as soon as it is started|is down for [0-9]+ s, though it should be up)/;
      const because = (why: string): unknown => matching(new RegExp(`${flaps.source}.*: ${why}`));
      expect(Object.fromEntries(Object.entries(said.of).filter(([name]) => !name.startsWith('x')))).toEqual({
        exits: matching(/^CRITICAL (?:restarts all the time|ends as soon as it is started|restarted)/),
        dies: matching(/^CRITICAL (?:restarts all the time|ends as soon as it is started|restarted)/),
        'not-executable': because('run is not executable'),
        crlf: because('the first line of run ends in a carriage return'),
        bom: because('run begins with a byte order mark'),
        'no-interpreter': because('the interpreter of run is missing: /opt/nowhere/bin/python'),
        'no-shebang': because('run has no #! line'),
        empty: because('run is empty'),
        'no-run': because('run is missing'),
        dead: matching(
          /^CRITICAL (?:supervise|runsv|s6-supervise) takes it for up, its process [0-9]+ is a zombie/,
        ),
        'by-hand': matching(/^WARNING was stopped by hand and is down for [0-9]+ s/),
        'up-anyway': matching(/^WARNING is up for [0-9]+ s, though its file down says/),
        // s6 says of `once` what it says of `down`.
        ...(supervisor === 's6' ? { once: matching(/^WARNING was told to stop/) } : {}),
        paused: matching(/^WARNING is paused, started [0-9]+ s ago/),
        stopped: matching(/^WARNING is stopped by a signal \(state T\)/),
        stubborn: matching(/^WARNING was told to stop [0-9]+ s ago and still runs/),
        'log-down/log': matching(/^WARNING was stopped by hand and is down/),
        'log-flaps/log': matching(/^WARNING (?:restarts all the time|ends as soon as)/),
        'log-empty/log': matching(
          /^WARNING (?:restarts all the time|ends as soon as|is down).*: run is missing/,
        ),
        'will-break': 'WARNING run is not executable',
        dangling: 'WARNING is a link that leads nowhere (nowhere)',
        'linked-again': 'WARNING is the same directory as linked: one service, started once or fought over',
      });
      expect(said.text).toContain("CRITICAL] x,$(touch x)¦'y': ");
      if (supervisor === 'daemontools') {
        // readproctitle keeps the last 400 bytes: whose words are among them is chance.
        expect(said.text).toContain('last words: supervise: fatal: unable to start ');
      }

      // What the supervisor's own tool says of those that do not change from one moment to the next.
      for (const name of [
        'good',
        'with space',
        'is-down',
        'by-hand',
        'up-anyway',
        'paused',
        'stubborn',
        'will-break',
        'linked',
      ]) {
        const [, state, pid] =
          new RegExp(`^${name}: (up|down) [^(,\\n]*(?:\\(pid ([0-9]+)\\))?`, 'm').exec(said.text) ?? [];
        expect(`${name} ${state ?? ''} ${pid ?? ''}`.trim()).toBe(`${name} ${oracle(supervisor, at(name))}`);
      }
      await scanner.stop();
    },
    120_000,
  );

  ofEach(
    'that lose svscan and supervise are red, and green when these are back',
    async (supervisor) => {
      const path = directory();
      for (const name of ['a', 'b', 'c']) makeService(join(path, name));
      const [a, b, c] = ['a', 'b', 'c'].map((name) => join(path, name)) as [string, string, string];
      const scanner = await startScanner(supervisor, path);
      await untilUp(a, b, c);
      await sleep(5500);
      const healthy = await recorded(`${supervisor}-healthy`, path, '-v');
      expect(healthy).toMatchObject({ code: 0, line: 'DAEMONTOOLS OK - 3 services, 3 up' });
      const asNobody = ['--directory', path];
      expect(await check(asNobody, NOBODY)).toMatchObject({
        code: 3,
        line: expect.stringContaining('UNKNOWN - this user may not look into 3 services: ') as unknown,
      });

      process.kill(scanner.pid, 'SIGSTOP');
      expect((await check(asNobody)).of[path]).toMatch(
        /^CRITICAL \S+ is stopped by a signal \(pid [0-9]+, state T\)/,
      );
      process.kill(scanner.pid, 'SIGKILL');
      await until(() => isGone(scanner.pid), { seconds: 10, what: 'the scanner to end' });
      process.kill(supervisorPidOf(b) ?? 0, 'SIGKILL');
      await until(() => supervisorPidOf(b) === null, { seconds: 10, what: 'supervise to end' });
      const lost = await recorded(`${supervisor}-lost`, path, '-v');
      expect(lost.code).toBe(2);
      expect(lost.of).toEqual({
        [path]: matching(/^CRITICAL (?:svscan|runsvdir|s6-svscan) is not running: nothing starts/),
        b: matching(
          /^CRITICAL (?:supervise|runsv|s6-supervise) is not running, nothing restarts it, its last word was "up"/,
        ),
      });
      // The tool that knows it says so as well, and svstat says it of the dead one only.
      expect(lost.text).toContain(`kill ${pidOf(b) ?? ''}`);
      // What others may see is seen by others.
      expect((await check(asNobody, NOBODY)).line).toMatch(/^DAEMONTOOLS CRITICAL - \S+: \S+ is not running/);

      // As the repair says: what runs without supervision is ended before it runs twice.
      process.kill(pidOf(b) ?? 0, 'SIGKILL');
      for (const one of [a, c]) process.kill(supervisorPidOf(one) ?? 0, 'SIGKILL');
      const old = [a, c].map((one) => pidOf(one) ?? 0);
      for (const pid of old) process.kill(pid, 'SIGKILL');
      const again = await startScanner(supervisor, path);
      await until(() => [a, b, c].every((one) => supervisorPidOf(one) !== null), {
        seconds: 20,
        what: 'supervise',
      });
      await untilUp(a, b, c);
      await until(async () => (await check(asNobody)).code === 0, {
        seconds: 20,
        what: 'health',
        everyMs: 500,
      });
      await again.stop();
      await scanner.stop();
    },
    120_000,
  );

  ofEach(
    'that nobody has picked up are told, after a time in which nobody could have',
    async (supervisor) => {
      const path = directory();
      makeService(join(path, 'old'));
      const scanner = await startScanner(supervisor, path);
      await untilUp(join(path, 'old'));
      await sleep(5500);
      // It sleeps between its looks; s6-svscan looks only when it is told to.
      if (supervisor !== 's6') process.kill(scanner.pid, 'SIGSTOP');
      makeService(join(path, 'late'));
      mkdirSync(join(path, 'old/log'));
      const before = await check(['--directory', path, '--no-svscan', 'ok', '--broken', 'ok']);
      expect(before.of['late']).toBeUndefined();
      if (supervisor !== 's6') process.kill(scanner.pid, 'SIGCONT');
      await until(() => (supervisor === 's6' ? true : supervisorPidOf(join(path, 'late')) !== null), {
        seconds: 20,
        what: 'the new service',
      });
      await sleep(supervisor === 's6' ? 10_500 : 5_500);
      const said = await recorded(`${supervisor}-late`, path, '-v');
      expect(said.of).toMatchObject({
        'old/log': 'WARNING run is missing',
        ...(supervisor === 's6'
          ? { late: 'WARNING was never started: s6-svscan has not run s6-supervise for it' }
          : {}),
      });
      expect(said.code).toBe(1);
      if (supervisor === 's6') {
        expect(said.text).toContain(`s6-svscanctl -a ${path}`);
        run('s6-svscanctl', '-a', path);
        await untilUp(join(path, 'late'));
        await sleep(5500);
        expect((await check(['--directory', path])).of['late']).toBeUndefined();
      }
      await scanner.stop();
    },
    120_000,
  );

  it('are seen through a shell as they are seen directly', async () => {
    const path = directory();
    makeAll(path);
    const scanner = await startScanner('daemontools', path);
    await untilUp(...['good', 'by-hand', 'paused', 'stubborn', 'linked'].map((name) => join(path, name)));
    order('daemontools', 'd', join(path, 'by-hand'));
    await sleep(5500);
    const choice: Choice = {
      directories: [path],
      areGiven: true,
      userDirectories: [],
      supervisor: null,
      isChosen: (name) => !['exits', 'dies'].includes(name),
    };
    const wishes = { supervisor: null, stopSeconds: 60, maxRestarts: parseRange('5') };
    const [direct, byShell] = [new LocalHost(new Deadline(20)), shellHost()];
    const said = async (host: Host): Promise<unknown> => {
      const services = await gatherServices(host, choice);
      const { verdicts, findings } = judgeServices(services, wishes, null);
      const subjects = [...verdicts.flatMap((one) => one.findings), ...findings];
      const stable = (text: string): string =>
        text.replace(/(?:pid|later) [0-9]+/g, 'pid').replace(/[0-9]+ s\b/g, 'S');
      return {
        items: verdicts.map((one) => stable(itemOf(one, services.epochSeconds))),
        findings: subjects.map(({ kind, subject, text }) => `${kind} ${subject}: ${stable(text)}`),
        scanner: services.directories[0]?.scanner.ok === true && services.directories[0].scanner.value?.pid,
        unread: services.unread,
      };
    };
    const expected = await said(direct);
    expect(expected).toMatchObject({ scanner: scanner.pid, unread: [] });
    expect(await said(byShell)).toEqual(expected);
    await scanner.stop();
  }, 60_000);

  it('are 300, and each is looked at', async () => {
    const path = directory();
    const names = Array.from({ length: 300 }, (_, index) => `service-${index}`);
    for (const name of names) makeService(join(path, name));
    const scanner = await startScanner('daemontools', path);
    await untilUp(...names.map((name) => join(path, name)));
    await sleep(5500);
    const healthy = await check(['--directory', path]);
    expect(healthy).toMatchObject({ code: 0, line: 'DAEMONTOOLS OK - 300 services, 300 up' });
    expect(healthy.perfdata).toMatch(
      /^unhealthy=0;;;0 services=300;;;0 up=300;;;0 down=0;;;0 flapping=0;;;0 broken=0;;;0 youngest_uptime=[0-9]+s;;;0$/,
    );
    order('daemontools', 'd', join(path, 'service-77'));
    await until(() => pidOf(join(path, 'service-77')) === null, { seconds: 10, what: 'service-77 to end' });
    const one = await check(['--directory', path, '-w', '0', '-c', '1']);
    expect(one).toMatchObject({ code: 1 });
    expect(one.line).toContain('WARNING - service-77: was stopped by hand');
    await scanner.stop();
  }, 120_000);
});

lab([...SUPERVISED, 'root'], "users' own services", () => {
  it('are named after them, never worse than WARNING, and nothing of their content is quoted', async () => {
    const homes = join(scratch(), 'home');
    for (const user of ['alice', 'mallory']) mkdirSync(join(homes, user, 'service'), { recursive: true });
    const alice = join(homes, 'alice/service');
    const mallory = join(homes, 'mallory/service');
    makeService(join(alice, 'web'));
    makeService(join(alice, 'broken'), { run: EXITS });
    execFileSync('chown', ['-R', '4242:4242', join(homes, 'alice')]);
    chmodSync(alice, 0o755);
    execFileSync('chown', ['4242', homes]);
    const scanner = await startScanner('daemontools', alice, { uid: 4242, gid: 4242 });
    await untilUp(join(alice, 'web'));

    // What a user can do to somebody who looks as root.
    const secret = join(homes, 'secret');
    writeFileSync(secret, 'TOPSECRET', { mode: 0o600 });
    const evil = (name: string): string => join(mallory, name);
    for (const name of [
      'fifo',
      'long',
      'stolen',
      'a|b=1;2',
      'line\nCRITICAL - all is lost',
      '<b>bold</b>',
      '$(reboot)',
    ]) {
      mkdirSync(join(evil(name), 'supervise'), { recursive: true });
    }
    execFileSync('mkfifo', [
      join(evil('fifo'), 'run'),
      join(evil('fifo'), 'supervise/status'),
      join(evil('fifo'), 'down'),
    ]);
    writeFileSync(join(evil('long'), 'run'), `#!/${'x'.repeat(1_000_000)}\n`, { mode: 0o755 });
    writeFileSync(join(evil('long'), 'supervise/status'), 'x'.repeat(1_000_000));
    for (const file of [
      'run',
      'supervise/status',
      'supervise/ok',
      'supervise/control',
      'supervise/death_tally',
    ])
      symlinkSync(secret, join(evil('stolen'), file));
    symlinkSync('/etc', evil('etc'));
    symlinkSync('/proc/self', evil('proc'));
    symlinkSync('loop', evil('loop'));
    await sleep(5500);

    const users = ['--user-services', `${homes}/*/service`, '--directory', directory(), '-v'];
    const said = await check(users);
    expect(said.code).toBe(1);
    expect(said.of['alice/broken']).toMatch(/^WARNING restarts all the time/);
    expect(said.of['alice/web']).toBeUndefined();
    expect(said.text).toMatch(/^alice\/web: up [0-9]+ s \(pid [0-9]+\)$/m);
    expect(said.text).toContain('mallory/service: svscan is not running');
    expect(said.text).not.toContain('CRITICAL]');
    expect(said.text).not.toMatch(/TOPSECRET|xxxx|<b>/);
    expect(said.text.split('\n').filter((line) => line.startsWith('CRITICAL'))).toEqual([]);
    expect(readByAll(said.text).problems).toEqual([]);
    expect((await check([...users, '--user', 'critical'])).code).toBe(2);
    expect(
      (await check([...users, '--service', 'alice/web', '--ignore', 'mallory/*', '--user', 'ok'])).code,
    ).toBe(0);
    const missing = await check([...users, '--user', 'ok', '--require', 'alice/web', '--require', 'bob/web']);
    expect(missing.line).toContain('CRITICAL - bob/web: is required, and no such service is there');

    // One who fills his directory blinds nobody but himself.
    for (let index = 0; index < 2500; index += 1) symlinkSync('nowhere', evil(`n${index}`));
    const filled = await check(users);
    expect(filled.of['alice/broken']).toMatch(/^WARNING restarts all the time/);
    expect(filled.text).toContain('mallory/service: is too big (2510 entries)');
    await scanner.stop();
  }, 120_000);
});

lab([...SUPERVISED, ...SSHD, 'sudo'], 'services of another machine', () => {
  it('are seen by root as they are there, by others behind sudo, and by nobody else', async () => {
    const path = directory();
    makeService(join(path, 'good'), { log: LOGS });
    makeService(join(path, 'by-hand'));
    makeService(join(path, 'closed'), { mode: 0o700 });
    makeService(join(path, 'exits'), { run: EXITS });
    const scanner = await startScanner('daemontools', path);
    await untilUp(...['good', 'by-hand', 'closed', 'good/log'].map((name) => join(path, name)));
    order('daemontools', 'd', join(path, 'by-hand'));
    await until(() => pidOf(join(path, 'by-hand')) === null, { seconds: 10, what: 'by-hand to end' });
    await sleep(5500);

    // One of the usual directories of the other machine; nobody has a shell there, and may ask root one thing.
    const [sbin, rules, lib] = [scratch(), scratch(), scratch()];
    cpSync(join(top, 'icinga-conf/sudo/hypervisor-checks-answer'), join(sbin, 'hypervisor-checks-answer'));
    const rule = 'nobody ALL=(root) NOPASSWD: /usr/local/sbin/hypervisor-checks-answer ""';
    writeFileSync(join(rules, 'checks'), `${rule}\n`, { mode: 0o440 });
    const passwd = join(lib, 'passwd');
    const users = readFileSync('/etc/passwd', 'utf8');
    writeFileSync(passwd, users.replace(/^nobody:.*$/m, 'nobody:x:65534:65534::/:/bin/sh'));
    mkdirSync(join(lib, 'service'));
    const sshd = await startSshd({
      prepare: [
        'mount --make-rprivate /',
        `mount --bind ${path} ${join(lib, 'service')}`,
        `mount --bind ${sbin} /usr/local/sbin`,
        `mount --bind ${rules} /etc/sudoers.d`,
        `mount --bind ${passwd} /etc/passwd`,
        `mount --rbind ${lib} /var/lib`,
        // What Debian's runit has put there is another story.
        'if [ -d /etc/service ]; then mount -t tmpfs none /etc/service; fi',
      ].join(' && '),
    });
    const config = sshd.configuration();
    const far = (user: string, ...args: readonly string[]): Promise<Said> =>
      check(['-H', `${user}@far`, '--ssh-config', config, '-v', ...args]);

    const expected = {
      'by-hand': matching(/^WARNING was stopped by hand/),
      exits: matching(/^CRITICAL restarts all the time/),
    };
    expect(await far('root')).toMatchObject({ code: 2, of: expected });
    const nobody = await far('nobody');
    expect(nobody, nobody.text).toMatchObject({ code: 3, of: {} });
    expect(nobody.line).toContain('this user may not look into 4 services');
    const behind = await far('nobody', '--sudo');
    expect(behind).toMatchObject({ code: 2, of: expected });
    expect(behind.text).toMatch(/^good: up [0-9]+ s \(pid [0-9]+\), log up/m);
    expect(behind.text).toContain('[OK] run of 4 services may not be read');
    await scanner.stop();
  }, 120_000);
});

/** A directory of services of each kind that matters here, not yet supervised; and what is to be said of it. */
function makeSome(path: string): void {
  makeService(join(path, 'good'), { log: LOGS });
  makeService(join(path, 'by-hand'));
  makeService(join(path, 'exits'), { run: EXITS });
}
const OF_SOME = {
  'by-hand': matching(/^WARNING was stopped by hand/),
  exits: matching(/^CRITICAL restarts all the time/),
};

async function untilSomeAreUp(path: string): Promise<void> {
  // In a container, their process ids mean nothing here.
  await until(() => ['good', 'by-hand', 'good/log'].every((name) => pidOf(join(path, name)) !== null), {
    seconds: 20,
    what: 'services in the container',
  });
  order('daemontools', 'd', join(path, 'by-hand'));
  await until(() => pidOf(join(path, 'by-hand')) === null, { seconds: 10, what: 'by-hand to end' });
  await sleep(5500);
}

// What Debian's runit has put into /etc/service is another story.
const ONLY_ONE = `
mount --make-rprivate /
mount -t tmpfs none /var/lib
mkdir /var/lib/service
mount --bind "$1" /var/lib/service
if [ -d /etc/service ]; then mount -t tmpfs none /etc/service; fi
`;

lab([...SUPERVISED, 'root', 'unshare', 'nsenter', 'mount', 'sudo'], 'services seen from elsewhere', () => {
  it('in a container are said with --root to be what they are said to be inside', async () => {
    const path = directory();
    makeSome(path);
    const script = `${ONLY_ONE}cd /var/lib/service && exec svscan 2>/dev/null`;
    const own = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const kept = spawnProcess(['unshare', ...own, 'sh', '-ec', script, 'sh', path], { keeper: true });
    await untilSomeAreUp(path);
    const pid = supervisorPidOf(join(path, 'good'), '/var/lib/service/good') ?? 0;
    const outside = await check(['--root', `/proc/${pid}/root`, '-v']);
    expect(outside, outside.text).toMatchObject({ code: 2, of: OF_SOME });
    expect(Object.keys(outside.of).sort()).toEqual(Object.keys(OF_SOME).sort());
    expect(outside.text).toMatch(/^good: up [0-9]+ s \(pid [0-9]+\), log up/m);
    const below = await check(['--root', `/proc/${pid}/root/var`]);
    expect(below).toMatchObject({ code: 3 });
    expect(below.line).toContain('it is in another mount namespace');
    const enter = ['nsenter', '-t', String(pid), '-m', '-p'];
    const { code, stdout } = await runPlugin([...enter, binary, '-v']);
    const timeless = (text: string): string => text.replace(/(pid|later) [0-9]+|[0-9]+ ?s\b/g, '$1 N');
    expect({ code, text: timeless(stdout) }).toEqual({ code: 2, text: timeless(outside.text) });
    await kept.stop();
  }, 60_000);

  it('are seen by nobody behind sudo as root sees them', async () => {
    const path = directory();
    makeSome(path);
    const scanner = await startScanner('daemontools', path);
    await untilSomeAreUp(path);
    const rules = scratch();
    writeFileSync(join(rules, 'checks'), `nobody ALL=(root) NOPASSWD: ${sudoersLine(binary)}\n`, {
      mode: 0o440,
    });
    const script = `${ONLY_ONE}mount --bind "$2" /etc/sudoers.d
shift 2; exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"`;
    const asNobody = async (...args: readonly string[]): Promise<Said> =>
      checkBy(['unshare', '-m', 'sh', '-ec', script, 'sh', path, rules, binary], args);
    const alone = await asNobody('-v');
    expect(alone, alone.text).toMatchObject({ code: 3, of: {} });
    const behind = await asNobody('--sudo', '-v');
    expect(behind, behind.text).toMatchObject({ code: 2, of: OF_SOME });
    expect(behind.text).toMatch(/^good: up [0-9]+ s \(pid [0-9]+\), log up/m);
    await scanner.stop();
  }, 60_000);
});

lab([...SUPERVISED, ...ICINGA], 'Icinga 2', () => {
  it('runs the check from the generated command: red when a service flaps, green when it is repaired', async () => {
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/daemontools.conf'), 'utf8');
    const home = scratch();
    const path = join(home, 'service');
    mkdirSync(path);
    for (const name of ['web', 'queue']) makeService(join(path, name));
    // Icinga's user supervises them itself, so that it may look at them.
    execFileSync('chown', ['-R', 'nagios:nagios', home]);
    const [uid = 0, gid = 0] = ['-u', '-g'].map((what) => Number(run('id', what, 'nagios')));
    const scanner = await startScanner('daemontools', path, { uid, gid });
    await untilUp(join(path, 'web'), join(path, 'queue'));
    await sleep(5500);
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "services" {
  host_name = "h"
  check_command = "daemontools"
  vars.daemontools_directory = [ "${path}" ]
  vars.daemontools_require = [ "web" ]
  vars.daemontools_critical = "0"
}`,
    });
    const before = await icinga.check('h!services');
    expect(before.command).toEqual([binary, '--critical', '0', '--directory', path, '--require', 'web']);
    expect(before).toMatchObject({ state: 0, output: 'DAEMONTOOLS OK - 2 services, 2 up ' });

    makeService(join(path, 'web'), { run: EXITS });
    run('svc', '-t', join(path, 'web'));
    await sleep(1500);
    const red = await icinga.check('h!services');
    expect(red).toMatchObject({ state: 2, exit_status: 2 });
    expect(red.output).toContain('DAEMONTOOLS CRITICAL - web: restarts all the time (pid ');
    expect(red.performance_data).toEqual(expect.arrayContaining(['unhealthy=1;;0;0', 'flapping=1;;;0']));

    makeService(join(path, 'web'));
    await untilUp(join(path, 'web'));
    await until(async () => (await icinga.check('h!services')).state === 0, {
      seconds: 30,
      what: 'green',
      everyMs: 500,
    });
    await icinga.stop();
    await scanner.stop();
  }, 120_000);
});

/** A host where only a shell is. */
function shellHost(): Host {
  const deadline = new Deadline(30);
  const local = new LocalHost(deadline);
  return {
    async ask(want, { afterSeconds = 0 } = {}) {
      await sleep(afterSeconds * 1000);
      const answers = await askShellChild(want, 'the shell', deadline);
      if (!answers.ok) throw new Error(answers.detail);
      const { now, who } = await local.ask({});
      return { ...(answers.value as Answers<typeof want>), now, who };
    },
  };
}
