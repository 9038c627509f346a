/** A certificate authority for daemons of the lab, and the certificates that it signs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch, type Need } from './lab.ts';
import { runPlugin } from './process.ts';

export const AUTHORITY: readonly Need[] = ['openssl'];

export interface Authority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** Writes FOLDER/NAME.key and FOLDER/NAME.crt for the node NAME, and FOLDER/ca.crt. */
  sign(name: string, folder: string): Promise<void>;
}

// `icinga2 pki` would do the same, but always with RSA keys of 4096 bits, each of which takes from 1 to 10 seconds.
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
// Icinga renews its own certificate, and needs an authority that answers, 30 days before the end.
const DAYS = ['-days', '400'];

export async function makeAuthority(): Promise<Authority> {
  const folder = scratch();
  const [key, crt] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
  await openssl('req', '-x509', ...NEW_KEY, '-subj', '/CN=lab-ca', ...DAYS, '-keyout', key, '-out', crt);
  let serial = 1;
  return {
    certificate: readFileSync(crt, 'utf8'),
    async sign(name, into) {
      const own = join(into, name);
      const extensions = join(folder, `${name}.ext`);
      writeFileSync(extensions, `subjectAltName=DNS:${name}\n`);
      await openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', `${own}.key`, '-out', `${own}.csr`);
      const by = ['-CA', crt, '-CAkey', key, '-set_serial', String(serial++)];
      await openssl(
        'x509',
        '-req',
        '-in',
        `${own}.csr`,
        ...by,
        ...DAYS,
        '-extfile',
        extensions,
        '-out',
        `${own}.crt`,
      );
      writeFileSync(join(into, 'ca.crt'), readFileSync(crt));
    },
  };
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runPlugin(['openssl', ...args]);
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stdout}${stderr}`);
}
