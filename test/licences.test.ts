/** What is handed on holds others' code: only under licences that allow that in any company. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { bundleDist, bundleLate, bundlePlugin, bundleVendor } from '../tools/bundle.mjs';
import { plugins } from '../plugins/index.ts';
import { scratch } from './lab/lab.ts';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const ALLOWED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'Unlicense'];

function foldersOf(inputs: Iterable<string>): string[] {
  const folders = [...inputs].flatMap(
    (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input) ?? [],
  );
  return [...new Set(folders)].sort();
}

function licenceOf(folder: string): string {
  const { name, license, licenses } = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly license?: string;
    /** As npm wrote it until 2014. */
    readonly licenses?: readonly { readonly type: string }[];
  };
  return `${name}: ${license ?? licenses?.map(({ type }) => type).join(' and ') ?? 'none'}`;
}

it('all third-party code in the build has a licence that is allowed', async () => {
  const { inputs } = await bundleVendor(scratch());
  const licences = foldersOf(Object.keys(inputs)).map(licenceOf);
  expect(licences).toContain('yargs: MIT');
  expect(licences.length).toBeGreaterThan(20);
  expect(licences.filter((one) => !ALLOWED.includes(one.slice(one.indexOf(': ') + 2)))).toEqual([]);
});

it('the notices name every package in the build, in its version', async () => {
  const dist = scratch();
  await bundleDist(dist);
  const text = readFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  const named = [...text.matchAll(/^={80}\n\n(\S+ \S+)(?: \(.*\))?\n\n\S/gm)].map(([, name]) => name);
  const { inputs } = await bundleVendor(scratch());
  const bundled = foldersOf(Object.keys(inputs)).map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly version: string;
    };
    return `${name} ${version}`;
  });
  expect(named.sort()).toEqual(bundled.sort());
});

it('what is loaded late, and the checks themselves, hold no code of others', async () => {
  const late = await bundleLate(scratch());
  expect(foldersOf(Object.keys(late.inputs))).toEqual([]);
  for (const name of Object.keys(plugins)) {
    const { inputs } = await bundlePlugin(name, scratch());
    expect({ name, foreign: foldersOf(Object.keys(inputs)) }).toEqual({ name, foreign: [] });
  }
});
