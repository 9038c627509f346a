/** The built check against real sshds: ways in, ways that must stay shut, shells of all kinds, and connections that fail. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { ssh2 } from '../../lib/vendor/ssh2.ts';
import { bundleAll } from '../../tools/bundle.mjs';
import { atEnd, lab, scratch, until } from './lab.ts';
import { runPlugin, spawnProcess } from './process.ts';
import { freePort } from './port.ts';
import { makeKey, SSHD, startSshd, type Sshd } from './sshd.ts';

let plugin: string;

beforeAll(async () => {
  const folder = scratch();
  await bundleAll('check_invtsc', folder);
  plugin = join(folder, 'bin/check_invtsc');
});

interface Look {
  readonly code: number | null;
  readonly line: string;
  readonly lines: readonly string[];
}

async function look(config: string, ...args: readonly string[]): Promise<Look> {
  return await lookWith({}, config, ...args);
}

async function lookWith(
  env: Readonly<Record<string, string | undefined>>,
  config: string,
  ...args: readonly string[]
): Promise<Look> {
  const host = args.includes('-H') ? [] : ['-H', 'far'];
  const { code, stdout, stderr } = await runPlugin(plugin, [...host, '--ssh-config', config, ...args], {
    env: { SSH_AUTH_SOCK: undefined, ...env },
  });
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  return { code, line: lines[0] ?? '', lines };
}

/** The machine was looked at: what could not be reached is UNKNOWN. Other tests' guests may run on it, and processes wait for its disk. */
const SEEN = /^INVTSC (?:OK|WARNING) - \S/;

/** What to do before sshd starts, so that root's login shell is this one. */
function withShell(shell: string): string {
  const passwd = join(scratch(), 'passwd');
  writeFileSync(passwd, readFileSync('/etc/passwd', 'utf8').replace(/^(root:.*:)[^:]*$/m, `$1${shell}`));
  return `mount --make-rprivate / && mount --bind ${passwd} /etc/passwd`;
}

/** A server on loopback that does to each connection what it wants. */
async function server(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  const address = listening.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

/** A way to `port` that each piece in both directions goes through `pass`. */
async function proxy(port: number, pass: (chunk: Buffer, to: Socket, fromServer: boolean) => void) {
  return await server((near) => {
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.on('data', (chunk: Buffer) => pass(chunk, far, false));
    far.on('data', (chunk: Buffer) => pass(chunk, near, true));
  });
}

lab([...SSHD, 'ssh-agent', 'ssh-add'], 'a machine over SSH', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ keyTypes: ['ed25519', 'ecdsa', 'rsa'] });
  });

  it('is looked at like this one', async () => {
    const far = await look(sshd.configuration());
    expect(far.line).toMatch(SEEN);
    expect(far.code).toBe(0);
  });

  it('is asked in few batches, and says with -vvv which and how long they took', async () => {
    const { lines } = await look(sshd.configuration(), '-vvv');
    const batches = lines.filter((line) => /^asked \S+ as uid 0 in [0-9.]+ ms:$/.test(line));
    expect(batches.length).toBeGreaterThan(0);
    expect(batches.length).toBeLessThanOrEqual(4);
  });

  describe('the way in', () => {
    it('is a key file, one from the command line too', async () => {
      const config = sshd.configuration('IdentityFile /nowhere/key');
      expect((await look(config, '--identity', sshd.identity)).line).toMatch(SEEN);
    });

    it("is the agent's, for keys with a passphrase", async () => {
      const socket = join(scratch(), 'agent');
      spawnProcess(['ssh-agent', '-D', '-a', socket]);
      const config = join(scratch(), 'config');
      const text = `Host far\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n UserKnownHostsFile ${sshd.folder}/known_hosts\n IdentityFile ${sshd.encrypted}\n IdentitiesOnly yes\n`;
      writeFileSync(config, text, { mode: 0o600 });
      const shut = await lookWith({ SSH_AUTH_SOCK: socket }, config);
      expect(shut.line).toContain(`${sshd.encrypted} has a passphrase, add it to the agent: ssh-add`);
      expect(shut.code).toBe(3);
      const askpass = join(scratch(), 'askpass');
      writeFileSync(askpass, '#!/bin/sh\necho secret\n', { mode: 0o755 });
      await until(
        async () =>
          (
            await runPlugin(['ssh-add'], [sshd.encrypted], {
              env: { SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
            })
          ).code === 0,
        { seconds: 5, what: 'ssh-add' },
      );
      expect((await lookWith({ SSH_AUTH_SOCK: socket }, config)).line).toMatch(SEEN);
      // A key that is not named is not offered: IdentitiesOnly.
      writeFileSync(config, text.replace(sshd.encrypted, '/nowhere/key'), { mode: 0o600 });
      const other = await lookWith({ SSH_AUTH_SOCK: socket }, config);
      expect(other.line).toContain('authentication failed as root');
    });

    it('shut, says what was tried', async () => {
      const stranger = join(scratch(), 'stranger');
      makeKey(stranger, 'ed25519');
      const config = join(scratch(), 'config');
      writeFileSync(
        config,
        `Host far\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n UserKnownHostsFile ${sshd.folder}/known_hosts\n IdentityFile ${stranger}\n`,
        { mode: 0o600 },
      );
      const { code, lines } = await look(config);
      expect(lines).toEqual([
        `INVTSC UNKNOWN - far: authentication failed as root: tried ${stranger}, there is no agent (SSH_AUTH_SOCK)`,
      ]);
      expect(code).toBe(3);
    });

    it('leads through other machines', async () => {
      const gate = await startSshd();
      const config = gate.configuration();
      const all =
        readFileSync(config, 'utf8').replace('Host far', 'Host gate') +
        readFileSync(sshd.configuration('ProxyJump gate'), 'utf8');
      writeFileSync(config, all, { mode: 0o600 });
      expect((await look(config)).line).toMatch(SEEN);
      expect(gate.running.output()).toContain('Accepted publickey');
      writeFileSync(config, all.replace(/(Host gate\n(?:.*\n)*?.*UserKnownHostsFile )\S+/, '$1/nowhere'), {
        mode: 0o600,
      });
      expect((await look(config)).line).toMatch(
        /^INVTSC UNKNOWN - gate: its host key .* is not known in \/nowhere/,
      );
    });
  });

  describe('its host key', () => {
    const knownAs = (config: string, text: string): string => {
      const known = join(scratch(), 'known_hosts');
      writeFileSync(known, text);
      const mine = join(scratch(), 'config');
      writeFileSync(mine, readFileSync(config, 'utf8').replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${known}`), { mode: 0o600 }); // prettier-ignore
      return mine;
    };

    it('must be known: an unknown one is refused before anybody is let in', async () => {
      const before = sshd.running.output().match(/Accepted|Failed|userauth/g)?.length ?? 0;
      const { code, lines } = await look(knownAs(sshd.configuration(), ''));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^INVTSC UNKNOWN - far: its host key ssh-ed25519 SHA256:\S+ is not known in \S+known_hosts - after comparing it .*, accept it with: ssh-keyscan -t ed25519 -p \d+ 127\.0\.0\.1 >> \S+known_hosts$/); // prettier-ignore
      expect(code).toBe(3);
      await sleep(200);
      expect(sshd.running.output().match(/Accepted|Failed|userauth/g)?.length ?? 0).toBe(before);
    });

    it('is accepted by the command that the message gives', async () => {
      const config = knownAs(sshd.configuration(), '');
      const { line } = await look(config);
      const command = line.slice(line.indexOf('ssh-keyscan'));
      await runPlugin(['sh', '-c', command]);
      expect((await look(config)).line).toMatch(SEEN);
    });

    it('may be one of several types', async () => {
      for (const key of sshd.hostKeys) {
        const config = knownAs(sshd.configuration(), `[127.0.0.1]:${sshd.port} ${key}\n`);
        expect((await look(config)).line, key).toMatch(SEEN);
      }
    });

    it('must not be another one: somebody in the middle is named, and let in by nothing', async () => {
      const other = await startSshd();
      const config = knownAs(
        sshd.configuration(),
        `# jill\n[127.0.0.1]:${sshd.port} ${other.hostKeys[0] ?? ''}\n`,
      );
      const { code, line } = await look(config);
      expect(line).toMatch(/far: its HOST KEY HAS CHANGED to ssh-ed25519 SHA256:\S+, \S+known_hosts line 2 has SHA256:/); // prettier-ignore
      expect(line).toMatch(new RegExp(`ssh-keygen -R '\\[127\\.0\\.0\\.1\\]:${sshd.port}' -f `));
      expect(code).toBe(3);
    });

    it('must not be revoked', async () => {
      const known = readFileSync(join(sshd.folder, 'known_hosts'), 'utf8');
      const revoked = `@revoked * ${sshd.hostKeys[0] ?? ''}\n`;
      expect((await look(knownAs(sshd.configuration(), known + revoked))).line).toContain('is REVOKED by');
    });
  });

  describe('that cannot be looked at is one line', () => {
    const at = (port: number): string => {
      const config = sshd.configuration();
      writeFileSync(config, readFileSync(config, 'utf8').replace(/Port .*/, `Port ${port}`), { mode: 0o600 });
      return config;
    };

    /** The same with the host key known there. */
    const through = (port: number): string => {
      const config = at(port);
      writeFileSync(config, `${readFileSync(config, 'utf8')}  HostKeyAlias [127.0.0.1]:${sshd.port}\n`);
      return config;
    };

    it('refused', async () => {
      const port = await freePort();
      expect((await look(at(port))).lines).toEqual([
        `INVTSC UNKNOWN - far: connection refused, nothing listens on port ${port} (127.0.0.1)`,
      ]);
    });

    it('of the state that was asked for', async () => {
      const { code, lines } = await look(at(await freePort()), '--unreachable', 'critical');
      expect(lines[0]).toMatch(/^INVTSC CRITICAL - far: connection refused/);
      expect(code).toBe(2);
      const json = await look(at(await freePort()), '--unreachable', 'ok', '--format', 'json');
      expect(JSON.parse(json.line)).toMatchObject({ state: 'ok', exitCode: 0 });
    });

    it('no such name', async () => {
      const { line } = await look(at(22), '-H', 'no-such-name.invalid');
      expect(line).toMatch(/^INVTSC UNKNOWN - no-such-name\.invalid: (?:there is no such name|the name cannot be looked up now)/); // prettier-ignore
    });

    it.each([
      ['nothing', () => undefined, /was reached, and SSH was not ready within 2 s/],
      ['something that is not SSH', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /far: \S/],
      ['an end at once', (socket: Socket) => socket.destroy(), /closed before SSH was ready/],
      ['rubbish without end', (socket: Socket) => { const more = (): void => { while (socket.write(Buffer.alloc(65536, 'x'))); }; socket.on('drain', more); more(); }, /far: \S/],
    ])('answered by %s', async (_, serve, said) => {
      const { code, lines } = await look(at(await server(serve)), '-t', '2');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^INVTSC UNKNOWN - far: /);
      expect(lines[0]).toMatch(said);
      expect(code).toBe(3);
    }); // prettier-ignore

    it('lost in the middle', async () => {
      let asked = 0;
      const port = await proxy(sshd.port, (chunk, to, fromServer) => {
        if (!fromServer) asked += chunk.length;
        // It has the program and the questions, and begins to answer.
        if (fromServer && asked > 10_000) to.destroy();
        else to.write(chunk);
      });
      const { code, lines } = await look(through(port));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^INVTSC UNKNOWN - far: its shell gave no answer \(the connection was lost/);
      expect(code).toBe(3);
    });

    it.each([
      ['a session', 'far', 'far: it lets us in and starts no shell within 2 s'],
      ['the way to another', 'behind', 'behind: the machine before it says nothing of the way to it within 2 s'],
    ])('that lets us in and never opens %s', async (_, name, said) => {
      const folder = scratch();
      const [hostKey, key] = [join(folder, 'host-key'), join(folder, 'key')];
      const publicKey = makeKey(hostKey, 'ed25519');
      makeKey(key, 'ed25519');
      const silent = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
        client.on('error', () => undefined).on('authentication', (context) => {
          context.accept();
        });
        client.on('session', () => undefined).on('tcpip', () => undefined);
      });
      atEnd(() => void silent.close());
      const port = await freePort();
      await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
      const [known, config] = [join(folder, 'known'), join(folder, 'config')];
      writeFileSync(known, `[127.0.0.1]:${port} ${publicKey}\n`);
      const all = `IdentityFile ${key}\nIdentityAgent none\nUserKnownHostsFile ${known}\n`;
      writeFileSync(config, `Host far\nHostName 127.0.0.1\nPort ${port}\nHost behind\nProxyJump far\nHost *\n${all}`, { mode: 0o600 });
      const { code, lines } = await look(config, '-H', name, '-t', '2', '--unreachable', 'critical');
      expect(lines).toEqual([`INVTSC CRITICAL - ${said}`]);
      expect(code).toBe(2);
    }); // prettier-ignore

    it('and one that is far away is only slower', async () => {
      // 100 ms there and back, in order.
      const port = await proxy(sshd.port, (chunk, to) => void setTimeout(() => to.write(chunk), 50));
      expect((await look(through(port))).line).toMatch(SEEN);
    });
  });

  describe('whose account gives no shell', () => {
    it.each([
      ['says something else', 'ForceCommand echo welcome', /its shell gave no answer \(it ended with status 0: "welcome"\)/],
      ['says nothing', 'ForceCommand true', /its shell gave no answer \(it ended with status 0\)/],
      ['is for files only', 'ForceCommand internal-sftp', /its shell gave no answer/],
      ['never stops talking', 'ForceCommand cat /dev/zero', /its shell gave no answer|did not answer within/],
      ['hangs', 'ForceCommand sleep 20', /its shell did not answer within 3 s/],
    ])('%s', async (_, line, said) => {
      const other = await startSshd({ config: [line] });
      const { code, lines } = await look(other.configuration(), '-t', '3');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(said);
      expect(code).toBe(3);
    }); // prettier-ignore
  });

  it('that talks before it answers is understood all the same', async () => {
    const banner = join(scratch(), 'banner');
    writeFileSync(banner, 'Authorised use only\n#nonce done\n');
    const talk = join(scratch(), 'talk');
    const lines = [
      '#!/bin/sh',
      'echo Welcome',
      'echo "stdin: is not a tty" >&2',
      'eval "$SSH_ORIGINAL_COMMAND"',
    ];
    writeFileSync(talk, `${lines.join('\n')}\n`, { mode: 0o755 });
    const other = await startSshd({ config: [`Banner ${banner}`, `ForceCommand ${talk}`] });
    expect((await look(other.configuration())).line).toMatch(SEEN);
  });

  describe('with a login shell', () => {
    it.each(['/bin/dash', '/bin/bash', '/bin/csh', '/usr/bin/fish', '/bin/rbash'])('%s', async (shell) => {
      const other = await startSshd({ prepare: withShell(shell) });
      const { line } = await look(other.configuration());
      // A restricted shell does not let anybody name programs by their path.
      if (shell.includes('rbash')) expect(line).toContain('restricted');
      else expect(line).toMatch(SEEN);
    });

    it('and busybox for everything', async () => {
      // Which of its programs it is, busybox is told by the name it is called by.
      const names = [
        'sh',
        'head',
        'tail',
        'stat',
        'xargs',
        'dd',
        'date',
        'id',
        'readlink',
        'timeout',
        'true',
      ];
      const bind = names.map((name) => `mount --bind /bin/busybox "$(readlink -f "$(command -v ${name})")"`);
      const script = join(scratch(), 'prepare');
      writeFileSync(script, ['mount --make-rprivate /', ...bind.reverse(), ''].join('\n'));
      const other = await startSshd({ prepare: `. ${script}` });
      const { line } = await look(other.configuration());
      expect(line).toMatch(SEEN);
    });
  });

  it('keeps nothing of us when we are gone', async () => {
    const slow = join(scratch(), 'head');
    writeFileSync(slow, '#!/bin/sh\nexec sleep 98765\n', { mode: 0o755 });
    // With bash, root's own start-up files would be the first to hang.
    const other = await startSshd({
      prepare: `${withShell('/bin/dash')} && mount --bind ${slow} /usr/bin/head`,
    });
    const isThere = async (): Promise<boolean> =>
      (await runPlugin(['pgrep', '-f', 'sleep 98765'])).code === 0;
    const looking = look(other.configuration(), '-t', '2');
    await until(isThere, { seconds: 5, what: 'the shell there to hang' });
    const { code, lines } = await looking;
    expect(lines).toEqual(['INVTSC UNKNOWN - far: its shell did not answer within 2 s']);
    expect(code).toBe(3);
    await until(async () => !(await isThere()), { seconds: 20, what: 'its end', everyMs: 500 });
  });
});
