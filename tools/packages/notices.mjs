// The licences of what is bundled: each asks that its text goes wherever its code goes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One text with the licences of all third-party packages among the inputs that esbuild names in a metafile, by name. Throws
 * where a package says nothing that could be passed on.
 */
export function notices(inputs, top) {
  const folders = new Set();
  for (const input of inputs) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const own = readFileSync(join(top, 'LICENSE'), 'utf8');
  const parts = [...folders].map((folder) => notice(join(top, folder), own));
  return [
    'hypervisor-checks holds code of the packages below, from the npm registry. Their licences follow.\n',
    ...parts.sort(),
  ].join(`\n${'='.repeat(80)}\n\n`);
}

function notice(folder, own) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:\.(?:md|txt))?$/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  if (texts.length === 0) {
    const holder = author?.name ?? author;
    if (license !== 'MIT' || typeof holder !== 'string')
      throw new Error(`${name} ${version} has no text of a licence`);
    // Its declaration is all there is; the words of the MIT licence are those of ours.
    texts.push(`MIT License\n\nCopyright (c) ${holder}\n${own.slice(own.indexOf('\n\nPermission'))}`.trim());
  }
  return `${name} ${version}${license === undefined ? '' : ` (${license})`}\n\n${texts.join('\n\n')}\n`;
}
