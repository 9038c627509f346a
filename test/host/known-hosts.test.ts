import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { distrust, fingerprint, knownKeys, preferredAlgorithms } from '../../lib/host/host-keys.ts';
import { knownName, meansHost } from '../../lib/host/known-names.ts';
import { parseKnownHosts } from '../../lib/parsers/known-hosts.ts';
import { lab } from '../lab/lab.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'known-'));
  file = join(folder, 'known_hosts');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The blob of a key of this type, as far as anybody looks at it here. */
function blob(type: string, fill: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.alloc(32, fill)]);
}

const ED = blob('ssh-ed25519', 1);
const OTHER = blob('ssh-ed25519', 2);
const RSA = blob('ssh-rsa', 3);
const line = (hosts: string, key: Buffer, marker = ''): string =>
  `${marker}${hosts} ${key.subarray(4, 4 + key.readUInt32BE(0)).toString()} ${key.toString('base64')} comment\n`;

function verdict(text: string, key: Buffer, name = 'jill'): string | null {
  writeFileSync(file, text);
  return distrust(knownKeys(name, [file]), key);
}

describe('a host key', () => {
  it.each([
    ['its own line', line('jill', ED)],
    ['one of several names', line('jack,jill,192.0.2.1', ED)],
    ['a pattern', line('j*', ED)],
    ['in capitals, as people write names', line('JILL', ED)],
    ['beside a key of another type', line('jill', RSA) + line('jill', ED)],
    ['beside an old key of its own type', line('jill', OTHER) + line('jill', ED)],
    ['after lines that are not understood', `# comment\n\nrubbish\n1024 35 1234567 old\n${line('jill', ED)}`],
    ['beside a revoked one of another machine', line('*', OTHER, '@revoked ') + line('jill', ED)],
    [
      'with blanks before it and between, without a comment',
      ` \tjill  ssh-ed25519 \t${ED.toString('base64')}\r\n`,
    ],
    ['beside a marker that is none', `@revoked${line('jill', ED)}${line('jill', ED)}`],
  ])('is trusted: %s', (_, text) => {
    expect(verdict(text, ED)).toBeNull();
  });

  it.each([
    ['nothing is known', '', 'is not known in'],
    ['another machine', line('jack', ED), 'is not known in'],
    ['another port', line('[jill]:2222', ED), 'is not known in'],
    ['a pattern that excludes it', line('j*,!jill', ED), 'is not known in'],
    ['the exclusion stands first', line('!jill,j*', ED), 'is not known in'],
    ['a commented line', `#${line('jill', ED)}`, 'is not known in'],
    ['a commented line of several names', `#${line('jack,jill', ED)}`, 'is not known in'],
    ['a marker that nobody knows', line('jill', ED, '@trusted '), 'is not known in'],
    ['revoked, with blanks', line('*', ED, '@revoked \t'), 'REVOKED by'],
    ['another key', line('jill', OTHER), 'HOST KEY HAS CHANGED'],
    ['another type is known', line('jill', RSA), 'is of another type than the known one (ssh-rsa,'],
    ['only an authority', line('*', OTHER, '@cert-authority '), 'has only a certificate authority'],
    ['the authority has the same key', line('*', ED, '@cert-authority '), 'has only a certificate authority'],
    ['revoked', line('*', ED, '@revoked '), 'REVOKED by'],
    ['revoked after it was known', line('jill', ED) + line('*', ED, '@revoked '), 'REVOKED by'],
  ])('is refused: %s', (_, text, said) => {
    expect(verdict(text, ED)).toContain(said);
  });

  it('is named by fingerprint, file and line, with the command that mends it', () => {
    const said = verdict(`# one\n${line('[jill]:2222', OTHER)}`, ED, '[jill]:2222');
    expect(said).toBe(
      `its HOST KEY HAS CHANGED to ssh-ed25519 ${fingerprint(ED)}, ${file} line 2 has ${fingerprint(OTHER)}: ` +
        'another machine may answer in its place - if it was really given a new key, remove the old one with: ' +
        `ssh-keygen -R '[jill]:2222' -f ${file}`,
    );
    expect(verdict('', ED, '[jill]:2222')).toMatch(/ssh-keyscan -t ed25519 -p 2222 jill >> \S+known_hosts$/);
  });

  it('is refused with the reason where the file cannot be read', () => {
    writeFileSync(file, line('jill', ED));
    chmodSync(file, 0);
    const isRoot = process.getuid?.() === 0;
    const said = distrust(knownKeys('jill', [isRoot ? '/dev/null' : file]), ED);
    chmodSync(file, 0o600);
    expect(said).toContain(isRoot ? 'is not a regular file' : 'permission denied');
  });

  it('is asked for in the types that are known', () => {
    writeFileSync(file, line('jill', RSA));
    expect(preferredAlgorithms(knownKeys('jill', [file])).slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
    expect(preferredAlgorithms(knownKeys('jack', [file]))[0]).toBe('ssh-ed25519');
  });

  it('is never trusted but for a line that holds it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 8 }), (lines) => {
        const text = lines.join('\n');
        if (!text.includes(ED.toString('base64'))) expect(verdict(text, ED)).not.toBeNull();
      }),
    );
  });
});

it.each([
  ['no name', `ssh-ed25519 ${ED.toString('base64')}`],
  ['no type', `jill  ${ED.toString('base64')}`],
  ['no blank before the key', `jill ssh-ed25519${ED.toString('base64')}`],
  ['no key', 'jill ssh-ed25519 =='],
])('a line of known_hosts with %s is passed over', (_, text) => {
  expect(parseKnownHosts(`${text}\n`)).toEqual([]);
});

it('a key of known_hosts is base64, plus and slash are in it', () => {
  expect(parseKnownHosts('jill ssh-ed25519 a+b/c0== x')[0]?.key).toBe('a+b/c0==');
});

lab(['ssh-keygen'], 'known_hosts as ssh-keygen reads it', () => {
  const name = fc.constantFrom('jill', 'JACK', 'a.example.net', '192.0.2.7', '::1');
  const port = fc.constantFrom(22, 2222, 65535);
  const pattern = fc.constantFrom(
    'jill', 'Jill', 'j?ll', 'j*', '*', '*.example.net', '!jill', '!*.net', '192.0.2.*', '::1', '[jill]:2222',
    '[*]:2222', '[jack]:*', '*:65535', '[192.0.2.7]:2222',
  ); // prettier-ignore
  let key: string;

  beforeAll(() => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    key = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  });

  /** `ssh-keygen -F` finds a line or it does not. */
  const isFound = (hosts: string, asked: string): boolean => {
    writeFileSync(file, `${hosts} ${key}\n`);
    const { stdout, error } = spawnSync('ssh-keygen', ['-F', asked, '-f', file], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    return stdout.includes(key.split(' ')[1] ?? '?');
  };

  it('finds the same lines', { timeout: 60_000 }, () => {
    let hits = 0;
    fc.assert(
      fc.property(name, port, fc.array(pattern, { minLength: 1, maxLength: 3 }), (host, at, patterns) => {
        const asked = knownName(host, at);
        const hosts = patterns.join(',');
        const [known] = parseKnownHosts(`${hosts} ${key}\n`);
        const mine = known !== undefined && meansHost(known.hosts, asked);
        if (mine) hits += 1;
        expect(mine, `${asked} in ${hosts}`).toBe(isFound(hosts, asked));
      }),
      { numRuns: 150 },
    );
    expect(hits).toBeGreaterThan(10);
  });

  it('finds hashed names', () => {
    for (const asked of ['jill', '[jill]:2222', '192.0.2.7']) {
      writeFileSync(file, `${asked} ${key}\nother.example.net ${key}\n`);
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
      const text = readFileSync(file, 'utf8');
      expect(text).not.toContain(asked);
      const lines = parseKnownHosts(text).filter(({ hosts }) => meansHost(hosts, asked));
      expect(lines.map((one) => one.line)).toEqual([1]);
    }
  });
});
