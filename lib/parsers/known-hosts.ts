/**
 * known_hosts files: which keys the machines are known to have. Written by ssh(1) and administrators; sshd(8), "SSH_KNOWN_HOSTS
 * FILE FORMAT".
 *
 *     jill.example.net,192.0.2.7 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA... comment
 *     [jack]:2222,*.example.net,!old.example.net ssh-rsa AAAAB3...
 *     |1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ecdsa-sha2-nistp256 AAAAE2...
 *     @revoked * ssh-rsa AAAAB3...
 *     @cert-authority *.example.org ssh-ed25519 AAAAC3...
 *
 * A name behind another port than 22 is `[name]:port`; a hashed one is `|1|salt|HMAC-SHA1 of the name|`, both base64.
 * A line that is not understood is passed over, as ssh does: it can make a key unknown, never known.
 */
export interface KnownHost {
  /** In the file, from 1. */
  readonly line: number;
  readonly marker: 'cert-authority' | 'revoked' | null;
  /** The first field as it is written: patterns, or a hashed name. */
  readonly hosts: string;
  /** `ssh-ed25519` */
  readonly keyType: string;
  /** The key as it goes over the wire, base64. */
  readonly key: string;
}

const LINE =
  /^(?:@(cert-authority|revoked)[ \t]+)?([^ \t@#][^ \t]*)[ \t]+([A-Za-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]|$)/;

export function parseKnownHosts(text: string): readonly KnownHost[] {
  const known: KnownHost[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const match = LINE.exec(line.trim());
    if (match === null) continue;
    const [, marker, hosts = '', keyType = '', key = ''] = match;
    known.push({
      line: index + 1,
      marker: marker === 'cert-authority' || marker === 'revoked' ? marker : null,
      hosts,
      keyType,
      key,
    });
  }
  return known;
}
