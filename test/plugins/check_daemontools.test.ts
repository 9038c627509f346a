/** check_daemontools on recorded hosts: every state it can give, and the healthy hosts that look similar. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_daemontools.ts';
import { SUPERVISORS } from '../../lib/parsers/supervise-status.ts';
import { replay } from '../plugin-test.ts';
import { recordingsOf } from '../recordings.ts';
import {
  serviceHost,
  statusOf,
  type ServiceHost,
  type TestDirectory,
  type TestService,
} from '../service-host.ts';

async function check(host: ServiceHost, ...args: string[]) {
  return said(await replay(plugin, serviceHost(host), ...args));
}

/** One service, or some, in /service with a living svscan. */
function one(service: TestService, ...args: string[]) {
  return some({ web: service }, ...args);
}

function some(services: NonNullable<TestDirectory['services']>, ...args: string[]) {
  return check({ directories: { '/service': { services } } }, ...args);
}

function said({ code, text }: { readonly code: number; readonly text: string }) {
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line: line.replace(/^DAEMONTOOLS /, ''), perfdata, long: rest.join('\n'), text };
}

/** Hand-made: make_status() of daemontools-encore, the service and then its log, both started a second ago. */
const ENCORE_YOUNG = Buffer.concat(
  [statusOf({ since: 1, pid: 300 }), statusOf({ since: 1, pid: 300 })].flatMap((status) => [
    status,
    Buffer.from([3, 0]),
  ]),
);

/** Hand-made as well: up for a while, without a log. */
const ENCORE = Buffer.concat([statusOf({ pid: 300 }), Buffer.from([3, 0])]);

const DYING: TestService = { since: 1, pid: 300, again: { since: 0, pid: 301 } };

describe('a healthy service', () => {
  it.each<[string, TestService]>([
    ['up for a while', {}],
    ['of runit', { by: 'runit' }],
    ['of s6', { by: 's6', deaths: [] }],
    ['with a log', { log: {} }],
    ['started a moment ago, and still the same a moment later', { since: 1 }],
    ['whose clock was set back since it was started', { since: -5000 }],
    ['that ended after an hour, between the looks', { since: 3600, process: 'Z', processAgain: '', again: { since: -1, pid: 300 } }],
    ['that ended after five seconds, between the looks', { since: 5, process: 'Z', processAgain: '', again: { since: -1, pid: 300 } }],
    ['of encore, that is started by start and has no run', { status: ENCORE, pid: 300, run: null }],
    ['of runit that was seen between end and start', { by: 'runit', state: 'down', since: 0, again: { state: 'up', since: -1, pid: 9 } }],
    ['seen just before its first start', { state: 'down', since: 0, again: { state: 'up', since: -0.1, pid: 9 } }],
    ['of s6 seen just before its first start', { by: 's6', state: 'down', since: 0, again: { state: 'up', since: -0.1, pid: 9 } }],
    ['started once, seen just before that', { state: 'down', since: 0, hasDown: true, again: { state: 'up', since: -0.1, pid: 9, wants: 'once' }, third: { state: 'down', since: -1.5, wants: 'once' } }],
    ['stopped again just after its first start', { state: 'down', since: 0, hasDown: true, again: { state: 'up', since: -0.1, pid: 9 }, third: { state: 'down', since: -1.5, wants: 'down' } }],
    ['of encore, with a log that has just been started', { status: ENCORE_YOUNG, pid: 300 }],
    ['down by its file down', { state: 'down', wants: 'down', hasDown: true }],
    ['down by its file down, of runit', { by: 'runit', state: 'down', wants: 'down', hasDown: true }],
    ['down by its file down, of s6', { by: 's6', state: 'down', wants: 'down', hasDown: true }],
    ['started once though it is normally down', { hasDown: true, wants: 'once' }],
    ['started once, of runit', { by: 'runit', wants: 'once' }],
    ['told to stop a moment ago', { wants: 'down', written: 5 }],
    ['that is stopped between the looks', { since: 2, again: { state: 'down', since: -1, wants: 'down' }, hasDown: true }],
    ['whose finish script has just begun', { by: 'runit', state: 'finishing', since: 5 }],
    ['restarted by hand some times', { by: 's6', deaths: [100, 200, 300, 400, 500, 4000, 5000, 6000] }],
    ['behind a link', { target: '../etc/web' }],
    ['put there a moment ago', { isSupervised: 'never', age: 5 }],
    ['put there a moment ago as a link to an old directory', { isSupervised: 'never', age: 5, target: '/etc/web' }],
    ['whose run is a program', { run: '\x7fELF\x02\x01' }],
    ['whose run is a binary that the kernel was taught', { run: 'MZ\0\0' }],
    ['whose run has no #! and yet was started', { run: 'echo\n' }],
    ['whose run names its interpreter with blanks and an argument', { run: '#! /bin/sh -e\nexec x\n' }],
    ['that waits for its disk', { process: 'D' }],
    ['whose supervise/ belongs to the user who may control it', { superviseUid: 1000 }],
  ])('is OK: %s', async (_, service) => {
    const { code, text } = await one(service);
    expect({ code, text }).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('says the counts in one line, and the numbers', async () => {
    const { code, line, perfdata } = await some({ web: {}, db: { since: 90, log: {} }, old: { state: 'down', wants: 'down', hasDown: true } });
    expect({ code, line }).toEqual({ code: 0, line: 'OK - 3 services, 2 up, 1 down' });
    expect(perfdata).toBe(
      'unhealthy=0;;;0 services=3;;;0 up=2;;;0 down=1;;;0 flapping=0;;;0 broken=0;;;0 youngest_uptime=90s;;;0',
    );
  }); // prettier-ignore

  it.each<[string, NonNullable<TestDirectory['services']>, string, string]>([
    ['unsupervised, as down', { web: { isSupervised: false } }, '1 service, 0 up, 1 down, 1 not healthy', 'unhealthy=1;;;0 services=1;;;0 up=0;;;0 down=1;;;0 flapping=0;;;0 broken=0;;;0 youngest_uptime=1000s;;;0'],
    ['never started, as down', { web: { isSupervised: 'never' } }, '1 service, 0 up, 1 down, 1 not healthy', 'unhealthy=1;;;0 services=1;;;0 up=0;;;0 down=1;;;0 flapping=0;;;0 broken=0;;;0'],
    ['in its script finish, as down', { web: { by: 'runit', state: 'finishing', since: 500 } }, '1 service, 0 up, 1 down, 1 not healthy', 'unhealthy=1;;;0 services=1;;;0 up=0;;;0 down=1;;;0 flapping=0;;;0 broken=0;;;0'],
    ['not understood, as neither', { web: { status: Buffer.from('x') }, old: { state: 'down', wants: 'down', hasDown: true } }, '2 services, 0 up, 1 down, 1 not known', 'services=2;;;0 up=0;;;0 down=1;;;0 flapping=0;;;0 broken=0;;;0'],
    ['flapping and broken, as both', { web: { ...DYING, run: null }, log: { log: DYING } }, '2 services, 2 up, 2 not healthy', 'unhealthy=2;;;0 services=2;;;0 up=2;;;0 down=0;;;0 flapping=1;;;0 broken=1;;;0 youngest_uptime=0s;;;0'],
    ['behind a link that leads nowhere, as broken', { web: { isDangling: true } }, '1 service, 0 up, 1 down, 1 not healthy', 'unhealthy=1;;;0 services=1;;;0 up=0;;;0 down=1;;;0 flapping=0;;;0 broken=1;;;0'],
    ['there twice, as broken once', { a: { inode: 7, target: 'b' }, b: { inode: 7 } }, '2 services, 2 up, 1 not healthy', 'unhealthy=1;;;0 services=2;;;0 up=2;;;0 down=0;;;0 flapping=0;;;0 broken=1;;;0 youngest_uptime=1000s;;;0'],
  ])('is told from one that is not, which is counted: %s', async (_, services, summary, numbers) => {
    const { line, perfdata } = await some(services);
    expect({ line, perfdata }).toEqual({ line: expect.stringMatching(new RegExp(`${summary}$`)) as string, perfdata: numbers });
  }); // prettier-ignore

  it('has a youngest only where one is up, and that is not of the future', async () => {
    expect((await one({ since: -5000 })).perfdata).toContain('youngest_uptime=0s');
    const { perfdata } = await one({ state: 'down', wants: 'down', hasDown: true });
    expect(perfdata).toMatch(/broken=0;;;0$/);
  });

  it('is one line with -v', async () => {
    const { long } = await some({ web: { pid: 12, log: { pid: 13 } }, old: { state: 'down', wants: 'down', hasDown: true } }, '-v');
    expect(long).toContain('old: down 16 min, normally down\nweb: up 16 min (pid 12), log up 16 min (pid 13)');
  }); // prettier-ignore

  it('leaves out what svscan leaves out: files, and names with a leading dot', async () => {
    const { code, line } = await check({
      directories: { '/service': { services: { web: {} }, files: ['README'] } },
    });
    expect({ code, line }).toEqual({ code: 0, line: 'OK - 1 service, 1 up' });
  });
});

describe('what is wrong with a service', () => {
  it.each<[string, TestService, string]>([
    ['flapping, up each time', DYING, 'CRITICAL - web: restarts all the time (pid 300, a moment later 301).'],
    ['flapping, under a pid that came back', { ...DYING, again: { since: 0, pid: 300 } }, 'CRITICAL - web: restarts all the time (pid 300, a moment later 300).'],
    ['flapping, of runit', { by: 'runit', state: 'down', since: 0.5, again: { since: -0.5 } }, 'CRITICAL - web: ends as soon as it is started.'],
    ['flapping, of s6', { by: 's6', state: 'down', since: 0.5, exit: 3, again: { since: -0.5 } }, 'CRITICAL - web: ends as soon as it is started (exit code 3).'],
    ['flapping, of s6, up at first', { by: 's6', since: 0.5, again: { state: 'down', since: -0.5, exit: 1 } }, 'CRITICAL - web: ends as soon as it is started (exit code 1).'],
    ['flapping, seen first between an end and the next start', { state: 'down', since: 0, again: { state: 'up', since: -0.1, pid: 301 }, third: { state: 'up', since: -1.1, pid: 302 } }, 'CRITICAL - web: restarts all the time (pid 301, a moment later 302).'],
    ['flapping, of runit, seen first between an end and the next start', { by: 'runit', state: 'down', since: 0.5, again: { state: 'up', since: -0.9, pid: 301 }, third: { state: 'down', since: -1.2 } }, 'CRITICAL - web: ends as soon as it is started.'],
    ['its log, flapping, seen first between an end and the next start', { log: { state: 'down', since: 0, again: { state: 'up', since: -0.1, pid: 301 }, third: { state: 'up', since: -1.1, pid: 302 } } }, 'WARNING - web/log: restarts all the time (pid 301, a moment later 302).'],
    ['its process is a zombie though it has just been started', { state: 'down', since: 0, again: { state: 'up', since: -0.1, pid: 301 }, thirdProcess: 'Z' }, 'CRITICAL - web: supervise takes it for up, its process 301 is a zombie.'],
    ['flapping at least 100 times, as s6 keeps no more', { by: 's6', deaths: Array.from({ length: 100 }, (_, n) => n * 30) }, 'CRITICAL - web: restarted at least 100 times in the last hour, outside the range 0:5.'],
    ['flapping 99 times', { by: 's6', deaths: Array.from({ length: 99 }, (_, n) => n * 30) }, 'CRITICAL - web: restarted 99 times in the last hour, outside the range 0:5.'],
    ['flapping, by the tally of s6', { by: 's6', deaths: Array.from({ length: 6 }, (_, n) => n * 500) }, 'CRITICAL - web: restarted 6 times in the last hour, outside the range 0:5.'],
    ['down, of daemontools', { state: 'down', since: 100 }, 'CRITICAL - web: is down for 100 s, though it should be up.'],
    ['down, of s6', { by: 's6', state: 'down', since: 100, exit: 7 }, 'CRITICAL - web: is down for 100 s (exit code 7), though it should be up.'],
    ['down a moment ago and not started again', { by: 's6', state: 'down', since: 1 }, 'CRITICAL - web: is down for 1 s (exit code 0), though it should be up.'],
    ['down though started by hand', { state: 'down', since: 100, hasDown: true }, 'CRITICAL - web: is down for 100 s, though it should be up.'],
    ['unsupervised, and runs on', { isSupervised: false }, 'CRITICAL - web: supervise is not running, nothing restarts it, its last word was "up".'],
    ['unsupervised, of runit', { by: 'runit', isSupervised: false }, 'CRITICAL - web: runsv is not running, nothing restarts it, its last word was "up".'],
    ['unsupervised, of s6', { by: 's6', isSupervised: false }, 'CRITICAL - web: s6-supervise is not running, nothing restarts it, its last word was "up".'],
    ['unsupervised, and down on purpose', { isSupervised: false, state: 'down', wants: 'down', hasDown: true }, 'CRITICAL - web: supervise is not running, nothing restarts it, its last word was "down".'],
    ['unsupervised, and its status is not understood', { isSupervised: false, status: Buffer.from('x') }, 'CRITICAL - web: supervise is not running, nothing restarts it.'],
    ['its process is gone', { process: '', processAgain: '', pid: 77 }, 'CRITICAL - web: supervise takes it for up, its process 77 is gone.'],
    ['its process is a zombie', { process: 'Z', pid: 77 }, 'CRITICAL - web: supervise takes it for up, its process 77 is a zombie.'],
    ['stopped by hand', { state: 'down', wants: 'down', since: 10_000 }, 'WARNING - web: was stopped by hand and is down for 2 h, no file down says that it should be.'],
    ['stopped by hand, a moment ago', { state: 'down', wants: 'down', since: 1 }, 'WARNING - web: was stopped by hand and is down for 1 s, no file down says that it should be.'],
    ['ran once', { state: 'down', wants: 'once' }, 'WARNING - web: ran once, as asked, and is down for 16 min.'],
    ['up though normally down', { hasDown: true }, 'WARNING - web: is up for 16 min, though its file down says that it should not be.'],
    ['paused', { isPaused: true }, 'WARNING - web: is paused, started 16 min ago.'],
    ['paused, of s6', { by: 's6', isPaused: true }, 'WARNING - web: is paused, started 16 min ago.'],
    ['stopped by a signal', { process: 'T' }, 'WARNING - web: is stopped by a signal (state T), started 16 min ago.'],
    ['told to stop long ago', { wants: 'down', written: 61, pid: 77 }, 'WARNING - web: was told to stop 61 s ago and still runs (pid 77).'],
    ['told to stop long ago, of runit', { by: 'runit', wants: 'down', written: 500, pid: 77 }, 'WARNING - web: was told to stop 8 min ago and still runs (pid 77).'],
    ['its finish script hangs', { by: 'runit', state: 'finishing', since: 500 }, 'WARNING - web: has ended, and its script finish runs for 8 min.'],
    ['its log flaps', { log: DYING }, 'WARNING - web/log: restarts all the time (pid 300, a moment later 301).'],
    ['its log is not supervised any more', { log: { isSupervised: false } }, 'WARNING - web/log: supervise is not running, nothing restarts it, its last word was "up".'],
    ['its log is stopped', { log: { state: 'down', wants: 'down' } }, 'WARNING - web/log: was stopped by hand and is down for 16 min, no file down says that it should be.'],
    ['its log is down by a file', { log: { state: 'down', wants: 'down', hasDown: true } }, 'WARNING - web/log: is down by its file down: what the service writes fills the pipe and then blocks it.'],
    ['its log was added too late', { log: { isSupervised: 'never' } }, 'WARNING - web/log: is not supervised: svscan looks for log/ only when it first finds a service.'],
    ['its log has no run', { log: { isSupervised: 'never', run: null } }, 'WARNING - web/log: run is missing.'],
    ['never picked up', { isSupervised: 'never' }, 'WARNING - web: was never started: svscan has not run supervise for it.'],
    ['a link that leads nowhere', { isDangling: true, target: '/etc/sv/web' }, 'WARNING - web: is a link that leads nowhere (/etc/sv/web).'],
    ['no run', { run: null }, 'WARNING - web: run is missing.'],
    ['an empty run', { run: '' }, 'WARNING - web: run is empty.'],
    ['a run that is not executable', { mode: 0o644 }, 'WARNING - web: run is not executable.'],
    ['CRLF in run', { run: '#!/bin/sh\r\nexec x\r\n' }, 'WARNING - web: the first line of run ends in a carriage return (CRLF), no interpreter is called like that.'],
    ['a byte order mark', { run: '\uFEFF#!/bin/sh\n' }, 'WARNING - web: run begins with a byte order mark, so that its #! is not seen.'],
    ['no interpreter', { run: '#!/opt/gone\n' }, 'WARNING - web: the interpreter of run is missing: /opt/gone.'],
    ['an empty #! line', { run: '#!\nexec x\n' }, 'WARNING - web: the #! line of run is empty or too long.'],
    ['a #! line that is too long', { run: `#!/${'x'.repeat(300)}\n` }, 'WARNING - web: the #! line of run is empty or too long.'],
    ['a cause and its effect, said once', { ...DYING, mode: 0o644 }, 'CRITICAL - web: restarts all the time (pid 300, a moment later 301): run is not executable.'],
    ['no #!, and never started', { ...DYING, run: 'echo\n' }, 'CRITICAL - web: restarts all the time (pid 300, a moment later 301): run has no #! line.'],
    ['down, and run has no #!', { by: 's6', state: 'down', since: 100, run: 'echo\n' }, 'CRITICAL - web: is down for 100 s, though it should be up: run has no #! line.'],
    ['up since before its run without #! was changed', { since: 10_000, run: 'echo\n' }, 'WARNING - web: run has no #! line.'],
    ['up since the second in which its run without #! was changed', { since: 9000, run: 'echo\n' }, 'WARNING - web: run has no #! line.'],
    ['down because run is missing', { by: 's6', state: 'down', since: 100, run: null }, 'CRITICAL - web: is down for 100 s, though it should be up: run is missing.'],
  ])('%s', async (_, service, expected) => {
    const { code, line, text } = await one(service);
    expect(line, text).toContain(expected);
    expect(code).toBe(expected.startsWith('CRITICAL') ? 2 : 1);
    expect(text.match(/^\[/gm), text).toHaveLength(1);
  }); // prettier-ignore

  it.each<[string, TestService, number]>([
    ['flapping', DYING, 1],
    ['down', { state: 'down' }, 1],
    ['unsupervised', { isSupervised: false }, 1],
    ['dead', { process: '' }, 1],
    ['by-hand', { state: 'down', wants: 'down' }, 2],
    ['normally-down', { hasDown: true }, 2],
    ['paused', { isPaused: true }, 2],
    ['wont-stop', { wants: 'down', written: 500 }, 2],
    ['log', { log: { state: 'down', wants: 'down' } }, 2],
    ['not-scanned', { isSupervised: 'never' }, 2],
    ['broken', { run: null }, 2],
  ])('has the state that --%s says', async (kind, service, code) => {
    expect((await one(service, `--${kind}`, code === 1 ? 'warning' : 'critical')).code).toBe(code);
    const alright = await one(service, `--${kind}`, 'ok');
    expect(alright).toMatchObject({ code: 0, line: expect.stringContaining('Not alarmed: web') as unknown });
  });

  it('is counted for -w and -c, once a service', async () => {
    const services = { a: { isPaused: true, run: null, log: { state: 'down' } }, b: { isPaused: true }, c: {} } as const;
    const { code, perfdata } = await some(services, '-w', '0', '-c', '1');
    expect({ code, perfdata }).toMatchObject({ code: 2, perfdata: expect.stringContaining('unhealthy=2;0;1;0 services=3') as unknown });
    const quiet = ['--paused', 'ok', '--broken', 'ok', '--log', 'ok'];
    expect((await some(services, ...quiet, '-w', '1', '-c', '2')).code).toBe(1);
    expect((await some(services, ...quiet, '-w', '2')).code).toBe(0);
  }); // prettier-ignore

  it('is repaired with the commands of who supervises it, names quoted', async () => {
    const by = (supervisor: (typeof SUPERVISORS)[number]) => some({ "it's": { by: supervisor, state: 'down', wants: 'down' } });
    expect((await by('daemontools')).long).toContain(String.raw`  svc -u '/service/it'\''s'`);
    expect((await by('runit')).long).toContain(String.raw`  sv up '/service/it'\''s'`);
    expect((await by('s6')).long).toContain(String.raw`  s6-svc -u '/service/it'\''s'`);
    expect((await one({ mode: 0o644 })).long).toContain('  chmod +x /service/web/run');
    expect((await one({ run: '#!/bin/sh\r\n' })).long).toContain(String.raw`  sed -i 's/\r$//' /service/web/run`);
    expect((await one({ isSupervised: false, pid: 77 })).long).toContain('  kill 77');
    expect((await one({ isSupervised: false, process: '' })).long).not.toContain('  kill');
    expect((await one({ isSupervised: 'never', by: 's6' }, '--supervisor', 's6')).long).toContain('  s6-svscanctl -a /service');
  }); // prettier-ignore

  const START = 'Start it';
  const FIND =
    'Find out why it ends: its log, or what it says when its run is started by hand, until then, stop it';
  const CONTINUE = 'Let it continue';
  const STOP = 'Stop it, or remove its file down: as it is, it will be down after the next boot';
  const KILL = 'It takes no notice of SIGTERM. SIGKILL ends it, and loses what it has not written';
  const REPLACE = 'Put a run in place that can be executed, or remove the service';
  it.each<[string, TestService, string, string?]>([
    ['flapping', DYING, FIND, 'svc -d /service/web'],
    ['flapping, of runit', { by: 'runit', state: 'down', since: 0.5, again: { since: -0.5 } }, FIND, 'sv down /service/web'],
    ['flapping, of s6', { by: 's6', state: 'down', since: 0.5, again: { since: -0.5 } }, FIND, 's6-svc -d /service/web'],
    ['flapping for a reason that is known', { ...DYING, mode: 0o644 }, 'Make run executable', 'chmod +x /service/web/run'],
    ['down', { state: 'down', since: 100 }, START, 'svc -u /service/web'],
    ['down for a reason that is known', { state: 'down', since: 100, run: null }, REPLACE],
    ['paused', { isPaused: true }, CONTINUE, 'svc -c /service/web'],
    ['paused, of runit', { by: 'runit', isPaused: true }, CONTINUE, 'sv cont /service/web'],
    ['paused, of s6', { by: 's6', isPaused: true }, CONTINUE, 's6-svc -c /service/web'],
    ['up though normally down', { hasDown: true }, STOP, 'svc -d /service/web'],
    ['told to stop', { wants: 'down', written: 500 }, KILL, 'svc -k /service/web'],
    ['told to stop, of runit', { by: 'runit', wants: 'down', written: 500 }, KILL, 'sv kill /service/web'],
    ['told to stop, of s6', { by: 's6', wants: 'down', written: 500 }, KILL, 's6-svc -k /service/web'],
    ['a byte order mark', { run: '\uFEFF#!/bin/sh\n' }, 'Take the byte order mark away', String.raw`sed -i '1s/^\xEF\xBB\xBF//' /service/web/run`],
    ['CRLF', { run: '#!/bin/sh\r\n' }, 'Give run the line ends of Unix', String.raw`sed -i 's/\r$//' /service/web/run`],
    ['no supervisor, and it runs on', { isSupervised: false, pid: 77 }, 'End what runs without supervision, before it runs twice', 'kill 77'],
    ['no supervisor, and it is stopped by a signal', { isSupervised: false, pid: 77, process: 'T' }, 'End what runs without supervision, before it runs twice', 'kill 77'],
    ['a link that leads nowhere', { isDangling: true }, 'Remove the link, or put back what it leads to', 'rm /service/web'],
  ])('is repaired by this: %s', async (_, service, how, command) => {
    const { long } = await one(service);
    expect(long).toContain(`\n${how}\n${command === undefined ? '' : `  ${command}\n`}`);
    expect(long.match(/^ {2}/gm) ?? []).toHaveLength(command === undefined ? 0 : 1);
  }); // prettier-ignore

  it.each<[TestService, string]>([
    [{ isSupervised: false, pid: 77 }, '(its process 77 runs on, and will run twice when it is supervised again)'],
    [{ isSupervised: false, process: 'Z' }, '(looked for a reader of /service/web/supervise/ok)'],
    [{ process: '' }, '(supervise is stopped or hangs, or could not write its status (a full or read-only file system))'],
  ])('comes with what was seen: %j', async (service, detail) => {
    expect((await one(service)).long).toContain(detail);
  }); // prettier-ignore

  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_799, '47 h'],
    [172_800, '2 d'],
    [10 * 86_400, '10 d'],
  ])('says for how long: %i s is %s', async (since, said) => {
    expect((await one({ isPaused: true, since })).line).toContain(`web: is paused, started ${said} ago.`);
  });

  it('takes its words from what is there: the status, the scanner, a neighbour, --supervisor', async () => {
    const never: TestService = { isSupervised: 'never' };
    const runsvdir = { program: 'runsvdir', argv: ['runsvdir', '-P', '/service'], cwd: '/' };
    const scanned = await check({
      directories: { '/service': { scanner: runsvdir, services: { web: never } } },
    });
    expect(scanned.line).toContain('was never started: runsvdir has not run runsv for it');
    const lost = await check({
      directories: { '/service': { scanner: null, services: { web: { by: 's6' } } } },
    });
    expect(lost.line).toContain('/service: s6-svscan is not running');
    expect(lost.long).toContain('\nStart s6-svscan again, as the host does when it boots\n');
    const services = { a: { status: Buffer.from('x') }, b: { by: 's6' } } as const;
    const second = await check({ directories: { '/service': { scanner: null, services } } });
    expect(second.line).toContain('/service: s6-svscan is not running');
    const told = await check(
      { directories: { '/service': { scanner: null, services: { web: { by: 's6' } } } } },
      '--supervisor',
      'runit',
    );
    expect(told.line).toContain('/service: runsvdir is not running');
    const forced = await one({}, '--supervisor', 'runit');
    expect(forced).toMatchObject({ code: 3 });
    expect(forced.line).toContain('18 bytes are not a status of runit');
    expect((await one({}, '--supervisor', 'systemd')).code).toBe(3);
  });
});

describe('two names for one directory', () => {
  it('are told, once', async () => {
    const { code, long } = await some({
      a: { inode: 7, target: '../x' },
      b: { inode: 7, target: '../x' },
      c: {},
    });
    expect(code).toBe(1);
    expect(long).toContain('b: is the same directory as a: one service, started once or fought over');
    expect(long).toContain('  rm /service/b');
    expect(long).not.toContain('a: is the same');
    expect(long).toContain('\nRemove one of the links\n');
    // Mounted there, and no link that could be removed.
    const mounted = await some({ a: { inode: 7 }, b: { inode: 7 } });
    expect(mounted.long).toContain('b: is the same directory as a');
    expect(mounted.long).not.toContain('  rm ');
    const link = await some({ a: { inode: 7, target: 'b' }, b: { inode: 7 } });
    expect(link.long).toContain('a: is the same directory as b');
    expect(link.long).toContain('  rm /service/a');
  });

  it('of the directory of services are one: /service is a link to /etc/service', async () => {
    const services = { web: {} };
    const { code, line } = await check({
      directories: {
        '/service': { services, inode: 3 },
        '/etc/service': { services, inode: 3, scanner: null },
      },
    });
    expect({ code, line }).toEqual({ code: 0, line: 'OK - 1 service, 1 up' });
  });
});

describe('svscan', () => {
  const withScanner = (
    scanner: TestDirectory['scanner'],
    services: TestDirectory['services'] = { web: {} },
  ) => check({ directories: { '/service': { services, ...(scanner === undefined ? {} : { scanner }) } } });

  it.each<[string, TestDirectory['scanner']]>([
    ['stands in its directory', { argv: ['svscan', '/elsewhere'], cwd: '/service' }],
    ['of another user cannot be seen to stand there, and was told to', { argv: ['/usr/bin/svscan', '/service'], cwd: null }],
    ['is runsvdir, which goes there and back', { program: 'runsvdir', argv: ['runsvdir', '-P', '/service', 'log: ....'], cwd: '/' }],
    ['is s6-svscan', { program: 's6-svscan', argv: ['s6-svscan', '-t', '5000', '/service'], cwd: null }],
    ['is an applet of busybox', { program: 'busybox', argv: ['busybox', 'runsvdir', '/service'], cwd: '/' }],
    ['is busybox under another name', { program: 'busybox', argv: ['runsvdir', '-P', '/service'], cwd: '/' }],
  ])('is found: %s', async (_, scanner) => {
    expect(await withScanner(scanner)).toMatchObject({ code: 0, line: 'OK - 1 service, 1 up' });
  }); // prettier-ignore

  it.each<[string, TestDirectory['scanner']]>([
    ['there is none', null],
    ['of another directory', { argv: ['svscan', '/other'], cwd: '/other' }],
    ['of a directory that is gone', { argv: ['svscan', '/gone'], cwd: '/gone/x' }],
    ['of a container', { argv: ['svscan', '/service'], cwd: '/service', ids: '100\t7' }],
    ['another applet of busybox', { program: 'busybox', argv: ['busybox', 'sh', '/service'], cwd: '/service' }],
    ['only readproctitle', { program: 'readproctitle', argv: ['readproctitle', '.....'], cwd: '/service' }],
  ])('is not running: %s', async (_, scanner) => {
    const { code, line } = await withScanner(scanner);
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('CRITICAL - /service: svscan is not running: nothing starts a supervisor that ends');
    expect((await withScanner(scanner)).text).not.toContain('-CONT');
  }); // prettier-ignore

  it('is stopped by a signal', async () => {
    const { code, line, long } = await withScanner({
      state: 'T',
      argv: ['svscan', '/service'],
      cwd: '/service',
    });
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('svscan is stopped by a signal (pid 100, state T)');
    expect(long).toContain('\nLet svscan continue\n  kill -CONT 100');
    const runsvdir = { state: 'T', program: 'runsvdir', argv: ['runsvdir', '/service'], cwd: '/' };
    expect((await withScanner(runsvdir)).line).toContain(
      'runsvdir is stopped by a signal (pid 100, state T)',
    );
  });

  it('is missed where a service was started once, whichever of them are looked at', async () => {
    const never = { web: { isSupervised: 'never' }, ssh: { isSupervised: 'never' } } as const;
    const host = { directories: { '/service': { scanner: null, services: never } } } as const;
    for (const args of [[], ['--ignore', '*'], ['--ignore', 'ssh']]) {
      const { code, line, perfdata } = await check(host, ...args);
      expect({ code, line }).toMatchObject({ code: 0 });
      expect(perfdata).toMatch(/^(?:$|.* flapping=0;;;0 broken=0;;;0$)/);
      expect(line).toContain('/service: nobody scans it: none of its 2 services was ever started');
    }
    const once = { web: { isSupervised: 'never' }, ssh: { state: 'down' } } as const;
    const left = { directories: { '/service': { scanner: null, services: once } } } as const;
    for (const args of [[], ['--ignore', '*'], ['--ignore', 'ssh']])
      expect((await check(left, ...args)).line).toContain(
        '/service: svscan is not running: nothing starts a supervisor that ends',
      );
  });

  it('cannot be told where it cannot be seen', async () => {
    const { code, line } = await withScanner({ argv: ['svscan'], cwd: null });
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('/proc/100/cwd');
    const services = { web: { state: 'down' } } as const;
    const hidden = await check({
      uid: 1000,
      hidden: true,
      directories: { '/service': { scanner: null, services } },
    });
    expect(hidden).toMatchObject({ code: 2, line: expect.stringContaining('web: is down') as unknown });
    expect(hidden.long).toContain(
      '[UNKNOWN] /proc: permission denied (the processes of other users are hidden',
    );
    expect(hidden.text).not.toContain('svscan is not running');
  });

  it('is not missed where nobody has ever scanned: packages bring directories along', async () => {
    const services = { a: { isSupervised: 'never' }, b: { isSupervised: 'never', run: null }, c: { isDangling: true } } as const;
    const host = { directories: { '/etc/service': { scanner: null, services } } };
    const { code, line } = await check(host);
    expect({ code, line }).toEqual({
      code: 0,
      line: 'OK - 3 services, 0 up, 3 down. Not alarmed: /etc/service: nobody scans it: none of its 3 services was ever started',
    });
    expect((await check(host, '--unused', 'warning')).code).toBe(1);
    const once = { directories: { '/etc/service': { scanner: null, services: { ...services, d: {} } } } };
    expect((await check(once)).line).toContain('CRITICAL - /etc/service: svscan is not running');
    const given = await check({ globs: ['/etc/service'], directories: { '/etc/service': { scanner: null, services } } }, '--directory', '/etc/service');
    expect(given).toMatchObject({ code: 2 });
  }); // prettier-ignore

  it('is not missed in an empty directory', async () => {
    const { code, line } = await check({ directories: { '/service': { scanner: null } } });
    expect({ code, line }).toEqual({ code: 0, line: 'OK - no services in /service' });
    const two = await check({
      directories: { '/service': { scanner: null }, '/etc/service': { scanner: null } },
    });
    expect(two.line).toBe('OK - no services in /service, /etc/service');
  });

  it('that has just been started has not picked up anything yet', async () => {
    const scanner = { age: 4, argv: ['svscan', '/service'], cwd: '/service' };
    const never: TestService = { isSupervised: 'never' };
    expect((await withScanner(scanner, { web: never })).code).toBe(0);
    expect((await withScanner({ ...scanner, age: 9 }, { web: never })).code).toBe(0);
    expect((await withScanner({ ...scanner, age: 10 }, { web: never })).code).toBe(1);
    expect((await one({ ...never, age: 9 })).code).toBe(0);
    expect((await one({ ...never, age: 10 })).code).toBe(1);
  });

  it('takes 1000 services', async () => {
    const services = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, { pid: 1 }]));
    expect((await withScanner(undefined, services(1000))).code).toBe(0);
    const many = await withScanner(undefined, services(1001));
    expect(many).toMatchObject({ code: 1 });
    expect(many.line).toContain('/service: holds 1001 services, svscan takes 1000: the others are never started');
  }); // prettier-ignore

  it('of s6 takes as many services as it is told', async () => {
    const services = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, { by: 's6' as const }]));
    const s6 = (max: string[]) => ({ program: 's6-svscan', argv: ['s6-svscan', ...max, '/service'], cwd: '/service' });
    const { code, line } = await withScanner(s6(['-c', '2']), services(3));
    expect(code).toBe(1);
    expect(line).toContain('WARNING - /service: holds 3 services, s6-svscan takes 2: the others are never started');
    expect((await withScanner(s6(['-c2']), services(2))).code).toBe(0);
  }); // prettier-ignore

  it('of other directories is mentioned with -v', async () => {
    const { long } = await check({ others: [{ argv: ['svscan', '/srv/s'], cwd: '/srv/s' }], directories: { '/service': { services: { web: {} } } } }, '-v');
    expect(long).toContain('not looked at: /srv/s is scanned too (--directory)');
  }); // prettier-ignore

  it('has last words, which are quoted of the system and of nobody else', async () => {
    const words = (line: string): string[] => ['readproctitle', 'service', 'errors:', `...x\nsupervise: fatal: unable to start other/run: no\nsupervise: fatal: unable to start ${line}\n`];
    const broken = { services: { web: { ...DYING, run: null } } };
    const host = (uid: number, line = 'web/run: file does not exist'): ServiceHost => ({
      directories: { '/service': broken },
      others: [{ program: 'readproctitle', argv: words(line), cwd: '/', uid }],
    });
    expect((await check(host(0))).long).toContain('(last words: supervise: fatal: unable to start web/run: file does not exist)');
    expect((await check(host(1000))).long).not.toContain('last words');
    expect((await check(host(0, 'webb/run: x'))).long).not.toContain('last words');
    const argv = ['runsvdir', '-P', '/service', 'log: ...runsv web: fatal: unable to start ./run: access denied\nrunsv web: fatal: ./run: no\n'];
    const runit = await check({ directories: { '/service': { ...broken, scanner: { program: 'runsvdir', argv, cwd: '/' } } } });
    expect(runit.long).toContain('(last words: runsv web: fatal: ./run: no)');
    const named = (name: string, line: string): ServiceHost => ({
      directories: { '/service': { services: { [name]: { ...DYING, run: null } } } },
      others: [{ program: 'readproctitle', argv: words(line), cwd: '/', uid: 0 }],
    });
    expect((await check(named('c++', 'c++/run: no'))).long).toContain('unable to start c++/run: no)');
    expect((await check(named('a.b', 'axb/run: no'))).long).not.toContain('last words');
  }); // prettier-ignore
});

describe('a log', () => {
  it('that cannot be started is told for that alone, and a service that never was for both', async () => {
    const never: TestService = { isSupervised: 'never', mode: 0o644 };
    const log = await one({ log: never });
    expect(log.long).toContain('[WARNING] web/log: run is not executable\n');
    expect(log.long).not.toContain('is not supervised');
    const { long } = await one(never);
    expect(long).toContain('[WARNING] web: run is not executable\n');
    expect(long).toContain('[WARNING] web: was never started: svscan has not run supervise for it\n');
  });

  it('is not missed before its service is there', async () => {
    const both = { log: { isSupervised: 'never' } } as const;
    expect((await one({ isSupervised: 'never', ...both })).long).not.toContain('web/log');
    expect((await one({ isSupervised: false, ...both })).long).not.toContain('web/log');
    expect((await one({ isSupervised: 'denied', ...both })).long).not.toContain('web/log');
  });

  it('and what is broken in it has the state of broken, anything else that of a log', async () => {
    expect((await one({ log: { run: null } }, '--broken', 'critical')).code).toBe(2);
    expect(
      (await one({ log: { isSupervised: false } }, '--unsupervised', 'ok', '--log', 'critical')).code,
    ).toBe(2);
  });
});

describe('a service that was never started', () => {
  const never = { web: { isSupervised: 'never' } } as const;
  const by = (scanner: TestDirectory['scanner']) =>
    check({ directories: { '/service': { services: { ...never, db: {} }, ...(scanner === undefined ? {} : { scanner }) } } });

  it('is no fault of its own where nobody scans, or who scans is stopped', async () => {
    expect((await by(null)).text).not.toContain('was never started');
    expect((await by({ state: 'T', argv: ['svscan', '/service'], cwd: '/service' })).text).not.toContain('was never started');
    expect((await by(undefined)).text).toContain('was never started');
  });

  it('is picked up by s6-svscan when it is told to, and by the others alone', async () => {
    const s6 = { program: 's6-svscan', argv: ['s6-svscan', '/service'], cwd: '/service' };
    const told = await check({ directories: { '/service': { scanner: s6, services: never } } });
    expect(told.long).toContain('\nTell s6-svscan to look again\n  s6-svscanctl -a /service\n');
    expect((await by(undefined)).long).not.toContain('Tell s6-svscan');
  });
}); // prettier-ignore

describe("users' own services", () => {
  const globs = ['/service', '/etc/service', '/var/lib/service', '/home/*/service'];
  const users = (services: TestDirectory['services'], more: Partial<TestDirectory> = {}): ServiceHost => ({
    globs,
    directories: { '/home/alice/service': { uid: 1000, services: services ?? {}, ...more } },
  });
  const args = ['--user-services', '/home/*/service'];

  it.each<[string, TestService]>([
    ['flapping', DYING],
    ['down', { state: 'down' }],
    ['unsupervised', { isSupervised: false, superviseUid: 1000 }],
    ['dead', { process: '' }],
    ['by hand', { state: 'down', wants: 'down' }],
    ['log', { log: DYING }],
    ['a link that leads nowhere', { isDangling: true }],
    ['no run', { run: null }],
  ])('are named after them and WARNING at worst, or as --user says: %s', async (_, service) => {
    const { code, line } = await check(users({ web: service }), ...args);
    expect({ code, line }).toMatchObject({ code: 1, line: expect.stringContaining('WARNING - alice/web') as unknown });
    expect((await check(users({ web: service }), ...args, '--flapping', 'critical', '--log', 'critical')).code).toBe(1);
    expect((await check(users({ web: service }), ...args, '--user', 'critical')).code).toBe(2);
    expect((await check(users({ web: service }), ...args, '--user', 'ok')).code).toBe(0);
  }); // prettier-ignore

  it('and their svscan', async () => {
    const { code, line } = await check(users({ web: {} }, { scanner: null }), ...args);
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('/home/alice/service: svscan is not running');
  });

  it('that belong to somebody else, so that they cannot be supervised', async () => {
    const stolen = users({ web: { isSupervised: false, superviseUid: 0 } }, { scanner: null });
    const { long } = await check(stolen, ...args);
    expect(long).toContain('alice/web: its supervise/ belongs to uid 0, and who supervises it is uid 1000');
    expect(long).toContain('  chown -hR 1000 /home/alice/service/web/supervise');
    const byRoot = users({ web: { isSupervised: false, superviseUid: 0 } }, { scanner: { uid: 0, argv: ['svscan'], cwd: '/home/alice/service' } });
    expect((await check(byRoot, ...args)).long).not.toContain('belongs to');
  }); // prettier-ignore

  it('are not probed through FIFOs of others: who waits there would be woken', async () => {
    const by = (uid: number): Partial<TestDirectory> => ({ scanner: { uid, argv: ['svscan'], cwd: '/home/alice/service' } });
    const { code, line } = await check(users({ web: { fifoUid: 0 } }, by(1000)), ...args);
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('alice/web: /home/alice/service/web/supervise/ok: is not a regular file (not a FIFO of its user)');
    expect((await check(users({ web: { by: 's6', log: { by: 's6' } } }, by(1000)), ...args)).code).toBe(0);
    expect((await check(users({ web: { fifoUid: 0 } }, by(0)), ...args)).code).toBe(0);
  }); // prettier-ignore

  it('have nothing to remove that is not a link of the system', async () => {
    const links = users({ a: { inode: 7, target: '../x' }, b: { inode: 7, target: '../x' } });
    const { long } = await check(links, ...args);
    expect(long).toContain('alice/b: is the same directory as alice/a');
    expect(long).not.toContain('  rm ');
  });

  it('that belong to somebody else are said whoever is probed, and root may use all', async () => {
    const by = (superviseUid: number, more: Partial<TestDirectory> = {}): ServiceHost =>
      users({ web: { isSupervised: false, superviseUid, fifoUid: 1000 } }, { scanner: null, ...more });
    const { long } = await check(by(1), ...args);
    expect(long).toContain('alice/web: its supervise/ belongs to uid 1, and who supervises it is uid 1000');
    expect(long).toContain('\nGive supervise/ to its user\n  chown -hR 1000 /home/alice/service/web/supervise\n');
    expect((await check(by(1000), ...args)).long).not.toContain('belongs to');
    const supervised = users({ web: { superviseUid: 1, fifoUid: 1000 } }, { scanner: { uid: 1000, argv: ['svscan'], cwd: '/home/alice/service' } });
    expect((await check(supervised, ...args)).long).not.toContain('belongs to');
    const never = users({ web: { isSupervised: 'never' } }, { scanner: { uid: 1000, argv: ['svscan'], cwd: '/home/alice/service' } });
    expect((await check(never, ...args)).long).not.toContain('belongs to');
  }); // prettier-ignore

  it('are not quoted: neither what their links, nor what their scripts say', async () => {
    const services = {
      gone: { isDangling: true, target: '/etc/SECRET' },
      web: { run: '#!/opt/gone\nSECRET\n' },
    };
    const { text } = await check(users(services), ...args);
    expect(text).toMatch(/alice\/web: the interpreter of run is missing$/m);
    expect(text).toMatch(/alice\/gone: is a link that leads nowhere$/m);
    expect(text).not.toMatch(/SECRET|opt/);
    const runsvdir = {
      program: 'runsvdir',
      argv: ['runsvdir', '/home/alice/service', 'log: ...\nrunsv alice/web: fatal: SECRET\n'],
      cwd: '/',
      uid: 0,
    };
    expect((await check(users(services, { scanner: runsvdir }), ...args)).text).not.toMatch(/SECRET|opt/);
  });

  it('can be required, chosen and left out by their whole names', async () => {
    const both = users({ web: {}, db: { state: 'down' } });
    expect((await check(both, ...args, '--ignore', 'alice/d*')).code).toBe(0);
    expect((await check(both, ...args, '--service', 'alice/web')).code).toBe(0);
    expect((await check(both, ...args, '--user', 'ok', '--require', 'alice/web')).code).toBe(0);
    expect((await check(both, ...args, '--user', 'ok', '--require', 'web')).code).toBe(2);
  });
});

describe('what is asked for', () => {
  it('must be there', async () => {
    const { code, line } = await one({}, '--require', 'web', '--require', 'db');
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('CRITICAL - db: is required, and no such service is there');
    const directory = await check({ globs: ['/srv/service'] }, '--directory', '/srv/service');
    expect(directory).toMatchObject({ code: 2, line: expect.stringContaining('/srv/service: is not there') as unknown });
    expect((await check({ globs: ['/srv/*/s'] }, '--directory', '/srv/*/s')).code).toBe(0);
  }); // prettier-ignore

  it('is all there is, or some', async () => {
    const services = { web: {}, 'web-2': { state: 'down' }, db: { state: 'down' } } as const;
    expect((await some(services, '--service', 'web')).line).toBe('OK - 1 service, 1 up');
    expect((await some(services, '--service', 'web*')).code).toBe(2);
    expect((await some(services, '--ignore', 'db', '--ignore', 'web-*')).line).toBe('OK - 1 service, 1 up');
  });

  it('is nothing on most hosts: said, or as --none has it', async () => {
    const { code, line } = await check({});
    expect({ code, line }).toEqual({
      code: 0,
      line: 'OK - no services: there is no /service, no /etc/service, no /var/lib/service',
    });
    expect((await check({}, '--none', 'warning')).code).toBe(1);
  });

  it('may take its time to stop', async () => {
    expect((await one({ wants: 'down', written: 500 }, '--stop-seconds', '600')).code).toBe(0);
    expect((await one({ wants: 'down', written: 30 }, '--stop-seconds', '10')).code).toBe(1);
    expect((await one({}, '--stop-seconds', 'long')).code).toBe(3);
  });
});

describe('what cannot be seen', () => {
  it('is counted and UNKNOWN, with a remedy, beside what can be seen', async () => {
    const services = { a: { isSupervised: 'denied', log: { isSupervised: 'denied' } }, b: { isSupervised: 'denied', mode: 0o600 } } as const;
    const denied = await check({ uid: 1000, directories: { '/service': { services } } });
    expect(denied).toMatchObject({ code: 1 });
    expect(denied.line).toContain('WARNING - b: run is not executable');
    expect(denied.line).toContain('2 services, 0 up, 2 not known');
    expect(denied.long).toContain('[UNKNOWN] this user may not look into 2 services: /service/a/supervise/ok: permission denied (a, b)');
    expect(denied.long).toContain('Run the check as root');
    const lost = await check({ uid: 1000, directories: { '/service': { scanner: null, services } } });
    expect(lost).toMatchObject({ code: 2 });
  }); // prettier-ignore

  it('keeps a threshold from being met', async () => {
    const { code, text } = await one({ isSupervised: 'denied' }, '-w', '3');
    expect(code).toBe(3);
    expect(text).not.toContain('unhealthy=');
    const closed: TestDirectory = { isClosed: true };
    for (const directories of [
      { '/service': { services: { a: {}, b: { isSupervised: 'denied' } } } },
      { '/service': { services: { a: {}, b: { status: Buffer.from('x') } } } },
      { '/service': { services: { a: {} } }, '/etc/service': closed },
    ] satisfies Readonly<Record<string, TestDirectory>>[]) {
      const { perfdata } = await check({ uid: 1000, directories }, '-w', '3');
      expect(perfdata).not.toContain('unhealthy=');
      expect(perfdata).toMatch(/^services=/);
    }
  });

  it.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['cut off', statusOf({}).subarray(0, 17)],
    ['garbage', 'x'.repeat(18)],
    ['huge', 'x'.repeat(64)],
    ['of an s6 that is not known', Buffer.alloc(26)],
  ])('is a status that is %s: UNKNOWN', async (_, status) => {
    const { code, line } = await one({ status: Buffer.from(status) });
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('UNKNOWN - web: /service/web/supervise/status: is not understood');
  });

  it.each(['vanished', 'wrongType', 'tooBig', 'timedOut', 'failed', 'denied', 'notRecorded'])(
    'is a status, a probe, a run or a second look that is %s: never OK',
    async (why) => {
      const host = { directories: { '/service': { services: { web: { since: 1, pid: 40 } } } } };
      for (const key of ['fifo /service/web/supervise/ok', 'bytes head /service/web/supervise/status', 'stat /service/web/run', 'lstat /service/web/down', 'bytes head /proc/40/stat', 'stat /bin/sh', 'list /service', 'stat /service', 'each /service/*', 'processes']) {
        const lines = serviceHost(host).map((line) => (/^(?:ok|absent) /.test(line) && line.slice(line.indexOf(' ') + 1).startsWith(key) ? line.replace(/^[a-z]+/i, why) : line));
        // The process itself may vanish; a run of the wrong type is a fault.
        if (key.startsWith('bytes head /proc') && why === 'vanished') continue;
        if (key === 'stat /service' && why === 'wrongType') continue;
        if (key === 'list /service' && why === 'wrongType') continue;
        const { code, text } = await replay(plugin, lines.map((line, n) => (/^ {2}/.test(line) && lines[n - 1]?.startsWith(why) === true ? '# gone' : line)));
        expect(code, `${key}\n${text}`).not.toBe(0);
      }
    },
  ); // prettier-ignore

  /** The recording with one answer of one look turned into a failure. */
  function failing(service: TestService, look: 1 | 2 | 3, key: string, why: string): string[] {
    let at = 0;
    let isGone = false;
    return serviceHost({ directories: { '/service': { services: { web: service } } } }).map((line) => {
      if (line.startsWith('look ')) at += 1;
      if (line.startsWith('  ')) return isGone ? '# gone' : line;
      isGone = at === look && line.endsWith(` ${key}`);
      return isGone ? line.replace(/^[a-z]+/, why) : line;
    });
  }

  const ODD = ['denied', 'timedOut', 'failed', 'notRecorded', 'tooBig'];
  it.each([
    ...['absent', ...ODD].map((why) => ['its second status', { since: 1 }, 2, '/service/web/supervise/status', why] as const),
    ...['absent', ...ODD].map((why) => ['its third status', { state: 'down', since: 0, again: { state: 'up', since: -1 } } as const, 3, '/service/web/supervise/status', why] as const),
    ...ODD.map((why) => ['its process', {}, 1, '/proc/40/stat', why] as const),
    ...ODD.map((why) => ['its process again', { process: 'Z' }, 2, '/proc/40/stat', why] as const),
    ...ODD.map((why) => ['its file down', { state: 'down', wants: 'down' } as const, 1, '/service/web/down', why] as const),
    ...ODD.map((why) => ['its interpreter', {}, 1, '/bin/sh', why] as const),
  ])('is one thing of a service, %s (%j, look %i, %s %s): UNKNOWN', async (_, service, look, key, why) => {
    const { code, text } = await replay(plugin, failing({ pid: 40, ...service }, look, key, why));
    expect({ code, text }).toMatchObject({ code: 3 });
  }); // prettier-ignore

  it.each<[string, string, number, string]>([
    [
      'denied',
      'ok',
      3,
      '[UNKNOWN] this user may not look into 1 service: /service/web: permission denied (web)',
    ],
    ['timedOut', 'critical', 2, '[CRITICAL] web: /service/web: did not answer in time'],
    ['failed', 'ok', 3, '[UNKNOWN] web: /service/web: '],
    ['absent', 'ok', 1, '[WARNING] web: is a link that leads nowhere (/etc/web)\n'],
    ['wrongType', 'ok', 1, '[WARNING] web: is a link that leads nowhere (/etc/web)\n'],
  ])('is what a link leads to: %s', async (why, late, expected, told) => {
    const recording = failing({ target: '/etc/web' }, 1, 'stat /service/web', why);
    const { code, text } = await replay(
      plugin,
      recording,
      '--timeout',
      `9:${late === 'ok' ? 'unknown' : late}`,
    );
    expect({ code, text }).toEqual({ code: expected, text: expect.stringContaining(told) as string });
  });

  it('is no reason to keep quiet about what was seen, and said beside it', async () => {
    const paused = said(await replay(plugin, failing({ isPaused: true }, 1, '/service/web/down', 'failed')));
    expect(paused.code).toBe(1);
    expect(paused.long).toContain('[WARNING] web: is paused');
    expect(paused.long).toContain('[UNKNOWN] web: /service/web/down: ');
    const flapping = said(await replay(plugin, failing(DYING, 1, '/bin/sh', 'failed')));
    expect(flapping.code).toBe(2);
    expect(flapping.long).toContain('[CRITICAL] web: restarts all the time (pid 300, a moment later 301)\n');
    expect(flapping.long).toContain('[UNKNOWN] web: /bin/sh: ');
    const garbage = await one({ status: Buffer.from('x'), run: 'echo\n' });
    expect(garbage.code).toBe(1);
    expect(garbage.long).toContain('[WARNING] web: run has no #! line\n');
    expect(garbage.long).toContain('[UNKNOWN] web: /service/web/supervise/status: is not understood');
  });

  it('is named, twenty of them, and told for each reason', async () => {
    const closed = (count: number): Readonly<Record<string, TestService>> =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n + 10}`, { isSupervised: 'denied' }]));
    const names = (count: number): string => Object.keys(closed(count)).join(', ');
    const long = async (count: number): Promise<string> => (await check({ uid: 1000, directories: { '/service': { services: closed(count) } } })).long;
    expect(await long(1)).toContain('[UNKNOWN] this user may not look into 1 service: /service/s10/supervise/ok: permission denied (s10)\n');
    expect(await long(20)).toContain(`may not look into 20 services: /service/s10/supervise/ok: permission denied (${names(20)})\n`);
    expect(await long(21)).toContain(`(${names(20)}, ...)\n`);
    const folder = await check({ uid: 1000, directories: { '/service': { isClosed: true } } });
    expect(folder.long).toContain('[UNKNOWN] /service: permission denied\nRun the check as root: supervise/ is open to its owner alone\n');
    const late = serviceHost({ directories: { '/service': { services: { web: {} } } } }).filter((line) => !line.startsWith('  match /service/'));
    const slow = late.map((line) => (line === 'ok each /service/*' ? 'timedOut each /service/*' : line));
    expect(await replay(plugin, slow, '--timeout', '9:critical')).toMatchObject({ code: 2, text: expect.stringContaining('[CRITICAL] /service/*: did not answer in time') as string });
    expect((await replay(plugin, slow, '--timeout', '9:critical')).text).not.toContain('as root');
  }); // prettier-ignore

  it('is no reason to miss what is required, where only processes are hidden', async () => {
    const hidden = {
      uid: 1000,
      hidden: true,
      directories: { '/service': { scanner: null, services: { web: {} } } },
    } as const;
    expect((await check(hidden, '--require', 'db')).line).toContain(
      'CRITICAL - db: is required, and no such service is there',
    );
    const denied = await check(
      { uid: 1000, directories: { '/service': { isClosed: true } } },
      '--require',
      'db',
    );
    expect(denied.text).not.toContain('is required');
  });

  it('is what run says, where it may not be read: mentioned, and no alarm', async () => {
    const services = { a: {}, b: { log: {} }, c: { log: {} } };
    const read = serviceHost({ directories: { '/service': { services } } });
    const denied = async (...runs: readonly string[]) => {
      let isGone = false;
      const recording = read.map((line) => {
        if (line.startsWith('  ')) return isGone ? '# gone' : line;
        isGone = runs.some((run) => line === `ok bytes head /service/${run}/run`);
        return isGone ? line.replace('ok', 'denied') : line;
      });
      return said(await replay(plugin, recording));
    };
    expect(await denied('b/log')).toMatchObject({
      code: 0,
      line: 'OK - 3 services, 3 up. Not alarmed: run of 1 service may not be read',
      long: expect.stringContaining('[OK] run of 1 service may not be read (b)') as string,
    });
    expect((await denied('a', 'b/log')).long).toContain('[OK] run of 2 services may not be read (a, b)');
  });

  it.each([
    ['a directory', 'type=directory'],
    ['a FIFO', 'type=fifo'],
  ])('is no run that is %s: a fault', async (_, type) => {
    const lines = serviceHost({ directories: { '/service': { services: { web: {} } } } });
    const at = lines.indexOf('ok stat /service/web/run') + 1;
    const { code, text } = await replay(
      plugin,
      lines.map((line, n) => (n === at ? line.replace('type=file', type) : line)),
    );
    expect(code).toBe(1);
    expect(text).toContain('\n[WARNING] web: run is not a regular file\n');
  });

  it('is a directory that is closed', async () => {
    const { code, line } = await check({ uid: 1000, directories: { '/service': { isClosed: true } } });
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('UNKNOWN - /service: permission denied');
    const required = await check(
      { uid: 1000, directories: { '/service': { isClosed: true } } },
      '--require',
      'web',
    );
    expect(required).toMatchObject({ code: 3 });
  });

  it('is a directory with more entries than anybody scans', async () => {
    const files = Array.from({ length: 2001 }, (_, index) => `f${index}`);
    const { code, line, long } = await check({ directories: { '/service': { files } } });
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(long).toContain('[UNKNOWN] /service: is too big (2001 entries)');
  });
});

describe('with --state-dir', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** A run each: what the service is like, and how many seconds after the first run. */
  async function runs(list: readonly (readonly [TestService, number])[], ...args: string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'state-'));
    folders.push(folder);
    let last = said({ code: 9, text: '' });
    for (const [service, later] of list) {
      last = await check({ later, directories: { '/service': { services: { web: service } } } }, '--state-dir', folder, ...args);
    }
    return last;
  } // prettier-ignore

  const restarted = (count: number, every: number): (readonly [TestService, number])[] =>
    Array.from({ length: count + 1 }, (_, n) => [{ since: 30 - n * every, pid: 50 + n }, n * every]);

  it('no restart that is known of is none, whatever range is asked for', async () => {
    const { line } = await one({ state: 'down', since: 100 }, '--restarts', '1:');
    expect(line).toContain('CRITICAL - web: is down for 100 s, though it should be up');
  });

  it('restarts are counted over an hour', async () => {
    expect((await runs(restarted(5, 300))).code).toBe(0);
    const { code, line } = await runs(restarted(6, 300));
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('web: restarted 6 times in the last hour, outside the range 0:5');
    expect((await runs(restarted(6, 300), '--restarts', '10')).code).toBe(0);
    expect((await runs(restarted(1, 300), '--restarts', '0')).code).toBe(2);
  });

  it('what was restarted each hour is not restarted all the time', async () => {
    expect((await runs(restarted(20, 800))).code).toBe(0);
  });

  it('what always is the same start is none', async () => {
    const list = Array.from({ length: 20 }, (_, n) => [{ since: 3000, pid: 50 }, n * 60] as const);
    expect((await runs(list)).code).toBe(0);
  });

  it('what is stopped by hand is not flapping any more', async () => {
    const { code, line } = await runs([
      ...restarted(6, 300),
      [{ state: 'down', wants: 'down', since: -1810 }, 1860],
    ]);
    expect({ code, line }).toMatchObject({
      code: 1,
      line: expect.stringContaining('stopped by hand') as unknown,
    });
  });

  it('and a boot starts anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'state-'));
    folders.push(folder);
    for (let n = 0; n < 8; n += 1) {
      const services = { web: { since: 30 - n * 60, pid: 50 + n } };
      const host = { later: n * 60, bootId: `boot-${n}`, directories: { '/service': { services } } };
      expect((await check(host, '--state-dir', folder)).code).toBe(0);
    }
  });
});

it.each(SUPERVISORS)(
  '%s is recorded as it really is, healthy and after its scanner was lost',
  (supervisor) => {
    const names = [supervisor, `${supervisor}-lost`, `${supervisor}-healthy`];
    expect(recordingsOf(plugin.name)).toEqual(expect.arrayContaining(names));
  },
);

describe('what is said of each service', () => {
  const item = async (service: TestService): Promise<string> =>
    (await one(service, '-v')).text.split('\n').find((line) => /^web: (?:up|down|never|not)/.test(line)) ??
    '';

  it.each<[TestService, RegExp]>([
    [{}, /^web: up [^,]+ \(pid [0-9]+\)$/],
    [{ isPaused: true }, /\(pid [0-9]+\), paused$/],
    [{ wants: 'once' }, /\(pid [0-9]+\), once$/],
    [{ wants: 'down', written: 5 }, /\(pid [0-9]+\), wanted down$/],
    [{ state: 'down', wants: 'down', hasDown: true }, /^web: down [^,]+, normally down$/],
    [{ isSupervised: false }, /^web: not supervised$/],
    [{ isSupervised: 'never' }, /^web: never supervised$/],
    [{ isSupervised: 'denied' }, /^web: not known$/],
    [{ status: Buffer.from('x') }, /^web: not known$/],
    [{ log: { isSupervised: false } }, /^web: up [^,]+ \(pid [0-9]+\), log not supervised$/],
  ])('with -v: %j', async (service, said) => {
    expect(await item(service)).toMatch(said);
  });

  it('is that it takes too long to stop only after the time it may take', async () => {
    expect((await one({ wants: 'down', written: 10 }, '--stop-seconds', '10')).code).toBe(0);
    expect((await one({ wants: 'down', written: 11 }, '--stop-seconds', '10')).code).toBe(1);
    expect(
      (await one({ by: 'runit', state: 'finishing', since: 10 }, '--stop-seconds', '10')).line,
    ).not.toContain('finish runs');
    expect(
      (await one({ by: 'runit', state: 'finishing', since: 11 }, '--stop-seconds', '10')).line,
    ).toContain('finish runs');
  });
});

describe('the place of a service', () => {
  it('is rated as broken for the system, and not as a user\'s', async () => {
    const uids = { scanner: { uid: 1000, argv: ['svscan'], cwd: '/service' }, services: { web: { isSupervised: false, superviseUid: 1 } } } as const;
    for (const host of [{ '/service': uids }, { '/service': { services: { web: { isDangling: true } } } }]) {
      const args = ['--unsupervised', 'ok', '--broken', 'critical', '--user', 'ok'];
      const { code, long } = await check({ directories: host }, ...args);
      expect({ code, long }).toMatchObject({ code: 2 });
      expect(long).toContain('[CRITICAL] web: ');
    }
  }); // prettier-ignore

  it('may belong to a user where root supervises it', async () => {
    const { line, text } = await one({ isSupervised: false, superviseUid: 1000 });
    expect(line).toContain('CRITICAL - web: ');
    expect(text).not.toContain('belongs to');
  });

  it.each([
    ['absent', 1],
    ['wrongType', 1],
    ['denied', 0],
    ['timedOut', 0],
    ['failed', 0],
  ])('is counted as broken where it is known to lead nowhere: %s', async (why, broken) => {
    const lines = serviceHost({
      directories: { '/service': { services: { web: { target: '/etc/web' } } } },
    }).map((line) => (/ stat \/service\/web$/.test(line) ? line.replace(/^[a-z]+/, why) : line));
    expect(said(await replay(plugin, lines)).perfdata).toContain(` broken=${broken};;;0`);
  });
});

describe('what is said beside a fault', () => {
  it('is its own detail, and the last words on it', async () => {
    const dead = { pid: 40, process: '', processAgain: '' } as const;
    const words = ['readproctitle', 'service', 'errors:', '...x\nsupervise: fatal: unable to start web/run: no\n'];
    const others = [{ program: 'readproctitle', argv: words, cwd: '/', uid: 0 }];
    const { long } = await check({ directories: { '/service': { services: { web: dead } } }, others });
    expect(long).toContain(' could not write its status (a full or read-only file system), last words: supervise: fatal: ');
  }); // prettier-ignore

  it('is who may not be looked into, and nobody else', async () => {
    const { long } = await some({ web: { isSupervised: 'denied' }, fine: {} });
    expect(long).toMatch(/may not look into 1 service: .* \(web\)$/m);
  });

  it('is a closed directory once', async () => {
    const { text } = await check({ uid: 1000, directories: { '/service': { isClosed: true, services: { web: {} } } } });
    expect(text.match(/^\[UNKNOWN\] .*permission denied/gm)).toHaveLength(1);
  }); // prettier-ignore

  it('is the interpreter of a script of the system, by its path', async () => {
    const { long } = await one({ run: '#!/opt/gone\n', state: 'down' });
    expect(long).toContain('the interpreter of run is missing: /opt/gone');
    expect((await one({ run: '#!/opt/gone\n', isSupervised: 'never' })).long).toContain(
      'the interpreter of run is missing: /opt/gone',
    );
  });

  it('is how many services the supervisor takes that it is told to be', async () => {
    const scanner = { program: 's6-svscan', argv: ['s6-svscan', '-c', '1', '/service'], cwd: '/service' };
    const services = { a: { by: 's6' }, b: { by: 's6' } } as const;
    const host = { directories: { '/service': { scanner, services } } };
    expect((await check(host)).long).toContain('holds 2 services, s6-svscan takes 1: ');
    expect((await check(host, '--supervisor', 'daemontools')).long).toContain('holds 2 services, svscan takes 1: ');
  }); // prettier-ignore

  it('rates a reading that came too late as the option says', async () => {
    const lines = (why: string): string[] =>
      serviceHost({ directories: { '/service': { services: { web: {} } } } }).map((line) =>
        / lstat \/service\/web\/down$/.test(line) ? line.replace(/^[a-z]+/, why) : line,
      );
    const args = ['--timeout', '9:critical'];
    expect((await replay(plugin, lines('timedOut'), ...args)).code).toBe(2);
    expect((await replay(plugin, lines('failed'), ...args)).code).toBe(3);
  });

  /** The answer to one question, turned into a failure. */
  const without = (host: ServiceHost, question: RegExp, why: string): string[] => {
    let isGone = false;
    return serviceHost(host).map((line) => {
      if (line.startsWith('  ')) return isGone ? '# gone' : line;
      isGone = question.test(line);
      return isGone ? line.replace(/^[a-z]+/, why) : line;
    });
  };

  it.each(['timedOut', 'failed', 'tooBig'])('is nothing of a run that cannot be read: %s', async (why) => {
    const host = { directories: { '/service': { services: { web: { state: 'down', wants: 'down' } } } } } as const;
    const { long, perfdata } = said(await replay(plugin, without(host, / stat \/service\/web\/run$/, why)));
    expect(long).toContain('[UNKNOWN] web: /service/web/run: ');
    expect(long).not.toContain('regular file');
    expect(perfdata).toContain(' broken=0;;;0');
  }); // prettier-ignore

  it('is what was never started, where it is not known for how long its svscan runs', async () => {
    const host = { directories: { '/service': { services: { web: { isSupervised: 'never' } } } } } as const;
    const { long } = said(await replay(plugin, without(host, / head \/proc\/100\/stat$/, 'failed')));
    expect(long).toContain('web: was never started');
  });

  it('is what is required and not there, where only a process could not be seen', async () => {
    const scanner = { argv: ['svscan'], cwd: null };
    const host = { directories: { '/service': { scanner, services: { web: {} } } } };
    expect((await check(host, '--require', 'sshd')).long).toContain('sshd: is required, and no such service is there');
  }); // prettier-ignore
});
