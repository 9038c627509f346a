/** A recorded host as a tree of files, for checks that are run by others and can only be told a folder, with --root. */
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { parseContent, parseRecording, unescapeText, type Entry } from '../../lib/host/recording.ts';

/** Makes `top` anew: the files with what they held, the links, and what else the recorded directories listed, empty. */
export function plant(recording: string, top: string): void {
  const looks = parseRecording(readFileSync(recording, 'utf8'), recording);
  if (!looks.ok) throw new Error(`${recording}: ${looks.detail}`);
  rmSync(top, { recursive: true, force: true });
  mkdirSync(top);
  const entries = (looks.value[0]?.entries ?? []).filter(({ outcome }) => outcome === 'ok');
  for (const { path, lines } of those(entries, 'bytes'))
    put(join(top, path), (at) => writeFileSync(at, parseContent(lines)));
  for (const { path, lines } of those(entries, 'link'))
    put(join(top, path), (at) => symlinkSync(unescapeText(lines[0] ?? ''), at));
  for (const { path, lines } of those(entries, 'list'))
    for (const name of lines) put(join(top, path, unescapeText(name)), (at) => mkdirSync(at));
}

function those(entries: readonly Entry[], op: string): readonly { path: string; lines: readonly string[] }[] {
  return entries
    .filter(({ key }) => key.startsWith(`${op} `))
    .map(({ key, lines }) => ({ path: unescapeText(key.slice(op.length + 1)), lines }));
}

function put(path: string, write: (path: string) => void): void {
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) write(path);
}
