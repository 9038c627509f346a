/** What root tells whoever may call it through sudo: what a check has declared, where nobody else can have replaced it. */
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { escapeText, type Entry } from '../../lib/host/recording.ts';
import { toldOf } from '../../lib/host/told.ts';
import { examplePlugin } from '../example-plugin.ts';
import { lab, scratch } from '../lab/lab.ts';

const ROOTS = new Map([
  ['record', ['-']],
  ['timeout', ['6']],
]);

const entry = (key: string, outcome: Entry['outcome'] = 'ok'): Entry => ({
  key,
  note: '',
  outcome,
  lines: [],
});

it('is everything where the recording is for whoever makes it', () => {
  for (const given of [new Map([['record', ['-']]]), new Map([...ROOTS, ['verbose', ['1']]])])
    expect(toldOf(given, examplePlugin.access)(entry('bytes /etc/shadow'))).toBe(true);
});

lab(['root'], 'root tells', () => {
  const folder = scratch();
  const theirs = join(folder, 'theirs');
  mkdirSync(join(theirs, 'deeper'), { recursive: true });
  for (const name of ['file', 'with a blank', 'theirs/file', 'theirs/deeper/file'])
    writeFileSync(join(folder, name), 'text\n');
  symlinkSync('/etc/shadow', join(folder, 'link'));
  symlinkSync(theirs, join(folder, 'folder'));
  chownSync(theirs, 65534, 65534);
  const access = {
    ...examplePlugin.access,
    reads: [`${folder}/*`, `${folder}/*/file`, `${folder}/*/deeper/*`, '/proc/*/stat', '/proc/*/root/etc/*'],
    secrets: ['/etc/nova/*.conf'],
    searches: [{ path: '/proc/*/maps', containing: '(deleted)' }],
  };
  const isTold = toldOf(ROOTS, access);

  it.each([
    [`bytes ${folder}/file`, true],
    [`bytes ${folder}/with a blank`, true],
    [`bytes ${folder}/link`, false],
    [`bytes ${folder}/not-there`, false],
    [`bytes ${folder}/theirs/file`, false],
    [`bytes ${folder}/folder/file`, false],
    [`bytes ${folder}/theirs/deeper/file`, false],
    [`bytes ${folder}/../shadow`, false],
    [`bytes ${folder}/./file`, false],
    [`bytes ${folder}//file`, false],
    [`bytes ${folder}/..`, false],
    ['bytes /etc/shadow', false],
    ['bytes /proc/1/stat', true],
    ['bytes /proc/1/environ', false],
    ['bytes /proc/self/root/etc/hostname', true],
    ['bytes /proc/4194305/root/etc/shadow', false],
    // Of its values only names of devices are told, whoever owns it.
    ['bytes /etc/nova/nova.conf', true],
    [`lines ${escapeText('(deleted)')} /proc/1/maps`, true],
    ['lines r /proc/1/maps', false],
    ['bytes /proc/1/maps', false],
    ['list /root', true],
    ['lstat /etc/shadow', true],
  ])('%s: %s', (key, told) => {
    expect(isTold(entry(key))).toBe(told);
  });

  it('why it could not read a file', () => {
    expect(isTold(entry('bytes /etc/not-there', 'absent'))).toBe(true);
  });
});
