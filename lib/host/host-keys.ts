/** Whether a machine is the one we take it for: its host key against the known_hosts files. */
import { createHash } from 'node:crypto';

import { parseKnownHosts, type KnownHost } from '../parsers/known-hosts.ts';
import { inWords, type Failure } from '../reading.ts';
import { shellQuote } from '../report/text.ts';
import { readBytes } from './files.ts';
import { meansHost } from './known-names.ts';

/** A line of a known_hosts file that means the machine in question. */
export interface KnownKey extends KnownHost {
  readonly file: string;
}

export interface KnownKeys {
  /** As known_hosts calls the machine: `jill`, `[jill]:2222`. */
  readonly name: string;
  readonly files: readonly string[];
  readonly keys: readonly KnownKey[];
  /** Files that are there and could not be read: the key may stand in them. */
  readonly unread: readonly Failure[];
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** What the files say of the machine called `name`. */
export function knownKeys(name: string, files: readonly string[]): KnownKeys {
  const keys: KnownKey[] = [];
  const unread: Failure[] = [];
  for (const file of files) {
    const reading = readBytes(file, MAX_FILE_BYTES, 'whole');
    if (!reading.ok) {
      if (reading.why !== 'absent') unread.push(reading);
      continue;
    }
    const text = Buffer.from(reading.value.bytes).toString('latin1');
    for (const known of parseKnownHosts(text)) {
      if (meansHost(known.hosts, name)) keys.push({ ...known, file });
    }
  }
  return { name, files, keys, unread };
}

/**
 * The key algorithms to ask the server for, those of known keys first: a server has several keys, and one that is not
 * known would be offered although another is. SHA-1 signatures (`ssh-rsa`) are not asked for.
 */
export function preferredAlgorithms({ keys }: KnownKeys): readonly string[] {
  const isKnown = (algorithm: string): boolean =>
    keys.some(({ marker, keyType }) => marker === null && keyType === keyTypeOf(algorithm));
  return [...ALGORITHMS].sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)));
}

const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** RSA keys are called ssh-rsa, whatever the signature (RFC 8332). */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** Null: it is the known one. Else why it is not to be trusted, and what to do, in one line. */
export function distrust(known: KnownKeys, key: Buffer): string | null {
  const base64 = key.toString('base64');
  const keyType = typeOfBlob(key);
  const offered = `${keyType} ${fingerprint(key)}`;
  const same = known.keys.find((one) => one.key === base64 && one.marker === 'revoked');
  if (same !== undefined)
    return `its host key ${offered} is REVOKED by ${same.file} line ${same.line}: do not trust this machine`;
  const plain = known.keys.filter(({ marker }) => marker === null);
  if (plain.some((one) => one.key === base64)) return null;
  const other = plain.find((one) => one.keyType === keyType);
  if (other !== undefined) return changed(known.name, other, offered);
  return unknownKey(known, keyType, offered, plain);
}

function changed(name: string, other: KnownKey, offered: string): string {
  const before = fingerprint(Buffer.from(other.key, 'base64'));
  const remove = `ssh-keygen -R ${shellQuote(name)} -f ${shellQuote(other.file)}`;
  return (
    `its HOST KEY HAS CHANGED to ${offered}, ${other.file} line ${other.line} has ${before}: another machine may ` +
    `answer in its place - if it was really given a new key, remove the old one with: ${remove}`
  );
}

function unknownKey(known: KnownKeys, keyType: string, offered: string, plain: readonly KnownKey[]): string {
  const [host = '', port = ''] = known.name.startsWith('[')
    ? known.name.slice(1).split(']:')
    : [known.name, ''];
  const [file = '~/.ssh/known_hosts'] = known.files;
  const scan = [
    'ssh-keyscan',
    '-t',
    shortType(keyType),
    ...(port === '' ? [] : ['-p', port]),
    shellQuote(host),
  ];
  const accept = `after comparing it there (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), accept it with: ${scan.join(' ')} >> ${shellQuote(file)}`;
  const authority = known.keys.find(({ marker }) => marker === 'cert-authority');
  const denied = known.unread[0];
  const why =
    denied !== undefined
      ? `could not be looked up, ${inWords(denied)}`
      : authority !== undefined
        ? `has only a certificate authority to vouch for it (${authority.file} line ${authority.line}), which is not understood here`
        : plain[0] !== undefined
          ? `is of another type than the known one (${plain[0].keyType}, ${plain[0].file} line ${plain[0].line})`
          : `is not known in ${file}`;
  return `its host key ${offered} ${why} - ${accept}`;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A key begins with the length and the name of its type (RFC 4253, 6.6). */
function typeOfBlob(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  const text = key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
  return /^[a-z0-9@.-]+$/.test(text) ? text : 'unknown type';
}

/** The names that ssh-keyscan's -t takes. */
function shortType(keyType: string): string {
  if (keyType.startsWith('ecdsa')) return 'ecdsa';
  return keyType.replace(/^ssh-/, '');
}
