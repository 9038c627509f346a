// npm run package: what a release consists of, in packages/ (--out DIR: there). The same sources make the same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { load, top } from './bundle.mjs';
import { makeArchives } from './packages/archive.mjs';
import { newest, releaseNotes, size, wrapped } from './packages/changes.mjs';
import { makeDeb } from './packages/deb.mjs';
import { privateNode } from './packages/node.mjs';
import { makeRpm } from './packages/rpm.mjs';
import { run } from './packages/stage.mjs';

const at = process.argv.indexOf('--out');
const out = resolve(at === -1 ? join(top, 'packages') : process.argv[at + 1]);
const work = mkdtempSync(join(tmpdir(), 'package-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

const { VERSION: version, RELEASED } = await load('lib/version.ts');
const project = {
  top,
  work,
  dist: join(work, 'dist'),
  version,
  name: 'hypervisor-checks',
  // https://reproducible-builds.org/specs/source-date-epoch/
  epoch: Number(process.env.SOURCE_DATE_EPOCH ?? Date.parse(RELEASED) / 1000),
  maintainer: `${process.env.DEBFULLNAME ?? 'The hypervisor-checks authors'} <${process.env.DEBEMAIL ?? 'maintainers@hypervisor-checks.invalid'}>`,
  synopsis: 'Icinga and Nagios checks for KVM and Xen hosts',
  text: description(),
  changes: newest(readFileSync(join(top, 'CHANGELOG.md'), 'utf8'), version),
};

await run(project.epoch, process.execPath, join(top, 'tools/build.mjs'), '--quiet', '--out', project.dist);
mkdirSync(out, { recursive: true });
const isOurs = (name) => /^hypervisor-checks[-_]/.test(name);
for (const old of readdirSync(out).filter(isOurs)) rmSync(join(out, old));
await Promise.all([
  makeDeb(project, out),
  privateNode(project).then((node) => makeDeb(project, out, node)),
  makeRpm(project, out),
  makeArchives(project, out),
]);
const files = readdirSync(out)
  .filter(isOurs)
  .map((name) => {
    const bytes = readFileSync(join(out, name));
    return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
writeFileSync(join(out, 'SHA256SUMS'), files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
writeFileSync(join(out, 'RELEASE.md'), releaseNotes(project.changes, { ...project, files }));
for (const { name, bytes } of files) console.log(`${size(bytes).padStart(8)}  ${join(out, name)}`);

/** What the manual pages say that they are. */
function description() {
  const lines = readdirSync(join(top, 'icinga-conf/man')).flatMap((name) => {
    const [, what] =
      /^\.SH NAME\n(.*)$/m.exec(readFileSync(join(top, 'icinga-conf/man', name), 'utf8')) ?? [];
    return what === undefined ? [] : [wrapped(what.replaceAll('\\', ''), ' * ', '   ')];
  });
  return `Each was made after an incident that nobody was watching for.\n\n${lines.join('\n')}`;
}
