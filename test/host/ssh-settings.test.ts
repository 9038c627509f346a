import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseDestination, settingsOf, type SshSettings } from '../../lib/host/ssh-settings.ts';
import { isUnreachable } from '../../lib/host/unreachable.ts';
import { lab } from '../lab/lab.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function configFile(text: string): string {
  const file = join(folder, 'config');
  writeFileSync(file, text.replaceAll('FOLDER', folder));
  chmodSync(file, 0o600);
  return file;
}

async function settings(words: string, text: string, identity?: string): Promise<SshSettings> {
  const destination = parseDestination(words);
  if (destination === null) throw new Error(`not a destination: ${words}`);
  return await settingsOf(destination, { config: configFile(text), identity });
}

describe('the words after --host', () => {
  it.each([
    ['jill', { user: undefined, host: 'jill', port: undefined }],
    ['root@jill', { user: 'root', host: 'jill', port: undefined }],
    ['jill.example.net:2222', { user: undefined, host: 'jill.example.net', port: 2222 }],
    ['root@192.0.2.7:22', { user: 'root', host: '192.0.2.7', port: 22 }],
    ['[2001:db8::1]:2222', { user: undefined, host: '2001:db8::1', port: 2222 }],
    ['root@[fe80::1%eth0]', { user: 'root', host: 'fe80::1%eth0', port: undefined }],
    ['2001:db8::1', { user: undefined, host: '2001:db8::1', port: undefined }],
  ])('are understood: %s', (words, meant) => {
    expect(parseDestination(words)).toEqual(meant);
  });

  it.each([
    '',
    '@jill',
    'jill:',
    'jill:0',
    'jill:65536',
    'jill:x',
    '-oProxyCommand=x',
    'a b',
    '[::1',
    'a@b@c',
  ])('are refused: %j', (words) => {
    expect(parseDestination(words)).toBeNull();
  });
});

describe('the configuration', () => {
  it('runs no command: Match exec does not match, names are not canonicalized, ProxyCommand is refused', async () => {
    const mark = join(folder, 'was-run');
    const text = [
      `Match exec "touch ${mark}"`,
      '  User wrong',
      'Host jill',
      '  CanonicalizeHostname yes',
      '  CanonicalDomains example.net',
      '  User right',
    ].join('\n');
    expect((await settings('jill', text)).user).toBe('right');
    const refused = await settings('jill', `ProxyCommand touch ${mark}\n`).catch((error: unknown) => error);
    expect(isUnreachable(refused)).toBe(true);
    expect(String(refused)).toContain('ProxyCommand');
    expect(existsSync(mark)).toBe(false);
  });

  it('is refused where it has a list of keys not to be trusted, which would not be looked at', async () => {
    const refused = await settings('jill', 'RevokedHostKeys /etc/ssh/revoked\n').catch(
      (error: unknown) => error,
    );
    expect(isUnreachable(refused)).toBe(true);
    expect(String(refused)).toContain('mark the keys @revoked in known_hosts');
    expect((await settings('jill', 'RevokedHostKeys none\n')).user).not.toBe('');
  });

  it('is refused where others can write it', async () => {
    const file = configFile('User evil\n');
    chmodSync(file, 0o666);
    const destination = { user: undefined, host: 'jill', port: undefined };
    const refused = await settingsOf(destination, { config: file, identity: undefined }).catch(
      (error: unknown) => error,
    );
    expect(String(refused)).toContain(`${file} can be written by others`);
    await expect(
      settingsOf(destination, { config: join(folder, 'absent'), identity: undefined }),
    ).rejects.toThrow('cannot be read (absent)');
  });

  it('comes after the command line, and --identity before its keys', async () => {
    const text = 'Host jill\n  User config\n  Port 2\n  IdentityFile /config/key\n';
    const got = await settings('me@jill:3', text, '/my/key');
    expect([got.user, got.port]).toEqual(['me', 3]);
    expect(got.identities).toEqual([
      { file: '/my/key', isNamed: true },
      { file: '/config/key', isNamed: true },
    ]);
  });

  it('is understood or refused, whatever it holds', async () => {
    const word = fc.constantFrom(
      'Host', 'Match', 'Include', 'Port', 'IdentityFile', 'ProxyJump', 'jill', '"', '\\', '=', '*', '!', '#', ',', '%h',
      '${X}', '~', 'all', 'final', 'user', 'exec', '0', '99999', '__proto__', 'toString', '\t', '\r',
    ); // prettier-ignore
    const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const got = await settings('jill', lines.join('\n')).catch((error: unknown) => error);
        expect(got instanceof Error ? isUnreachable(got) : true, String(got)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has defaults of ssh', async () => {
    const got = await settings('jill', '');
    expect([got.port, got.knownAs, got.jumps, got.identitiesOnly]).toEqual([22, 'jill', [], false]);
    expect(got.identities.every(({ isNamed }) => !isNamed)).toBe(true);
    expect(got.knownHostsFiles.map((file) => file.replace(/^.*\/\.ssh/, '~/.ssh'))).toEqual([
      '~/.ssh/known_hosts',
      '~/.ssh/known_hosts2',
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ]);
  });
});

/** `ssh -G` prints what it would do: `keyword value` a line. */
function asSsh(words: string, text: string): ReadonlyMap<string, readonly string[]> {
  const destination = parseDestination(words);
  const port = destination?.port === undefined ? [] : ['-p', String(destination.port)];
  const user = destination?.user === undefined ? [] : ['-l', destination.user];
  const args = ['-G', '-F', configFile(text), ...port, ...user, destination?.host ?? ''];
  const { stdout, stderr, status } = spawnSync('ssh', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const said = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [keyword = '', ...rest] = line.split(' ');
    said.set(keyword, [...(said.get(keyword) ?? []), rest.join(' ')]);
  }
  return said;
}

lab(['ssh'], 'the configuration as ssh reads it', () => {
  const INCLUDED = 'Host jill\n  Port 77\nHost *\n  IdentityFile FOLDER/included\n';
  const TABLE: readonly (readonly [string, string, string])[] = [
    ['nothing', 'jill', ''],
    ['one host', 'jill', 'Host jill\n  HostName 192.0.2.1\n  Port 2222\n  User admin\n'],
    ['another host', 'jack', 'Host jill\n  HostName 192.0.2.1\n  Port 2222\n  User admin\n'],
    ['first value wins', 'jill', 'Host j*\n  Port 1\nHost jill\n  Port 2\n'],
    ['negation', 'jill', 'Host * !jill\n  Port 1\nHost *\n  Port 2\n'],
    ['equals sign, quotes, lower case', 'jill', 'host=jill\n\tport = 44\n\tuser="admin"\n'],
    ['tokens', 'jill', 'Host jill\n  HostName %h.example.net\n  IdentityFile FOLDER/%r-%h-%n\n'],
    ['keys add up', 'jill', 'Host jill\n  IdentityFile FOLDER/a\nHost *\n  IdentityFile FOLDER/b\n'],
    ['identities only', 'jill', 'IdentitiesOnly yes\nIdentityFile FOLDER/a\n'],
    ['known hosts', 'jill', 'UserKnownHostsFile FOLDER/a FOLDER/b\nGlobalKnownHostsFile FOLDER/g\n'],
    ['alias', 'jill', 'Host jill\n  HostName 192.0.2.1\n  HostKeyAlias Twin\n'],
    ['jump', 'jill', 'Host jill\n  ProxyJump gate@bastion:2200\n'],
    ['jump none', 'jill', 'Host jill\n  ProxyJump none\nHost *\n  ProxyJump bastion\n'],
    ['address family', 'jill', 'AddressFamily inet\n'],
    ['match host', 'jill', 'Host jill\n  HostName big.example.net\nMatch host *.example.net\n  Port 9\n'],
    ['match originalhost and user', 'root@jill', 'Match originalhost jill user root\n  Port 9\n'],
    ['match another user', 'joe@jill', 'Match user root\n  Port 9\n'],
    ['include', 'jill', 'Include FOLDER/d/*.conf\nUser after\nHost jill\n  Port 5\n'],
    [
      'include of one host',
      'jack',
      'Host jack\n  Include FOLDER/d/10.conf\n  User inside\nHost *\n  Port 6\n',
    ],
    ['command line first', 'me@jill:33', 'Host jill\n  User admin\n  Port 1\n'],
  ];

  it.each(TABLE)('%s: %s', async (_, words, text) => {
    mkdirSync(join(folder, 'd'), { recursive: true });
    writeFileSync(join(folder, 'd/10.conf'), INCLUDED.replaceAll('FOLDER', folder), { mode: 0o600 });
    writeFileSync(join(folder, 'd/20.conf'), 'User second\n', { mode: 0o600 });
    const said = asSsh(words, text);
    const mine = await settings(words, text);
    const one = (keyword: string): string | undefined => said.get(keyword)?.[0];
    expect(mine.hostName).toBe(one('hostname'));
    expect(String(mine.port)).toBe(one('port'));
    expect(mine.user).toBe(one('user'));
    expect(mine.identitiesOnly ? 'yes' : 'no').toBe(one('identitiesonly'));
    expect(mine.jumps.join(',')).toBe(one('proxyjump') ?? '');
    expect(mine.family === 4 ? 'inet' : mine.family === 6 ? 'inet6' : 'any').toBe(one('addressfamily'));
    const alias = one('hostkeyalias');
    if (alias !== undefined) expect(mine.knownAs).toBe(alias.toLowerCase());
    // ssh -G leaves the tokens of key files for later.
    const named = mine.identities.filter(({ isNamed }) => isNamed).map(({ file }) => file);
    if (named.length > 0) {
      const expanded = (said.get('identityfile') ?? []).map((file) =>
        file.replace('%r', mine.user).replace('%h', mine.hostName).replace('%n', 'jill'),
      );
      expect(named).toEqual(expanded);
    }
    if (text.includes('KnownHostsFile')) {
      const files = [one('userknownhostsfile'), one('globalknownhostsfile')].join(' ').split(' ');
      expect(mine.knownHostsFiles).toEqual(files);
    }
  });
});
