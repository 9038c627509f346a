/** The ways in: the agent's keys, and key files without a passphrase. Passwords are never asked for, and never taken. */
import type { AnyAuthMethod, BaseAgent, ParsedKey } from '../vendor/ssh2.ts';

import { readBytes } from './files.ts';
import type { SshSettings } from './ssh-settings.ts';

export interface Ways {
  /** In the order of trying. */
  readonly methods: readonly AnyAuthMethod[];
  /** What there is, and why something is not tried, for the message when nothing fits. */
  readonly said: readonly string[];
}

type Ssh2 = (typeof import('../vendor/ssh2.ts'))['ssh2'];

const MAX_KEY_BYTES = 64 * 1024;

export function waysIn(ssh2: Ssh2, settings: SshSettings): Ways {
  const { user, agent, identities, identitiesOnly } = settings;
  const username = user;
  const methods: AnyAuthMethod[] = [];
  const said: string[] = [];
  const wanted: ParsedKey[] = [];
  for (const { file, isNamed } of identities) {
    const { key, why } = privateKey(ssh2, file);
    const open = publicKey(ssh2, `${file}.pub`) ?? key;
    if (open !== null) wanted.push(open);
    if (key !== null) {
      methods.push({ type: 'publickey', username, key });
      said.push(`tried ${file}`);
    } else if (isNamed || why !== 'is not there') {
      said.push(`${file} ${why}`);
    }
  }
  if (agent !== null) {
    const all = ssh2.createAgent(agent);
    methods.unshift({
      type: 'agent',
      username,
      agent: identitiesOnly ? only(ssh2, all, wanted) : all,
    });
    said.unshift(identitiesOnly ? "tried the agent's keys that are named" : "tried the agent's keys");
  } else {
    said.push('there is no agent (SSH_AUTH_SOCK)');
  }
  return { methods, said };
}

function privateKey(ssh2: Ssh2, file: string): { readonly key: ParsedKey | null; readonly why: string } {
  const reading = readBytes(file, MAX_KEY_BYTES, 'whole');
  if (!reading.ok)
    return {
      key: null,
      why: reading.why === 'absent' ? 'is not there' : `cannot be read (${reading.why})`,
    };
  const parsed: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(
    Buffer.from(reading.value.bytes),
  );
  if (parsed instanceof Error) {
    const isEncrypted = /encrypted/i.test(parsed.message);
    return {
      key: null,
      why: isEncrypted
        ? 'has a passphrase, add it to the agent: ssh-add'
        : 'is no private key that is understood',
    };
  }
  // One file can hold several.
  const [key] = Array.isArray(parsed) ? (parsed as readonly ParsedKey[]) : [parsed];
  return key?.isPrivateKey() === true ? { key, why: '' } : { key: null, why: 'is not a private key' };
}

function publicKey(ssh2: Ssh2, file: string): ParsedKey | null {
  const reading = readBytes(file, MAX_KEY_BYTES, 'whole');
  if (!reading.ok) return null;
  const parsed: unknown = ssh2.utils.parseKey(Buffer.from(reading.value.bytes));
  if (parsed instanceof Error) return null;
  return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey;
}

/** The agent with no other keys than `wanted`: IdentitiesOnly of ssh_config(5). */
function only(ssh2: Ssh2, agent: BaseAgent, wanted: readonly ParsedKey[]): BaseAgent {
  const isWanted = (key: unknown): boolean => {
    const one: unknown = ssh2.utils.parseKey(key as ParsedKey);
    return !(one instanceof Error) && wanted.some((other) => other.equals(one as ParsedKey));
  };
  const getIdentities: BaseAgent['getIdentities'] = (reply) => {
    agent.getIdentities((error, keys) => {
      if (error) reply(error);
      else reply(null, (keys ?? []).filter(isWanted));
    });
  };
  // ssh2 wants an instance of its own class, with two methods.
  const sign = agent.sign.bind(agent);
  const agents: { prototype: object } = ssh2.BaseAgent;
  return Object.assign(Object.create(agents.prototype) as BaseAgent, { getIdentities, sign });
}
