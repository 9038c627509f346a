/**
 * What went wrong under a scanner, as its process keeps it in its own command line for `ps` to show: the last argument of
 * readproctitle (readproctitle.c of daemontools) and of `runsvdir DIR log:......` (runsvdir.c of runit), whose dots make room.
 *
 *     readproctitle\0service\0errors:\0...run: access denied\nsupervise: fatal: unable to start web/run: access denied\n\0
 *
 * New text comes in at the end and pushes the old out, so that the first line is seldom whole.
 */
import { splitNul } from './text.ts';

/** The lines that are whole, oldest first; none where the command line keeps nothing. */
export function parseLastWords(cmdline: Uint8Array): readonly string[] {
  const argv = splitNul(cmdline);
  const isReadproctitle = /(?:^|\/)readproctitle$/.test(argv[0] ?? '');
  const last = argv.at(-1) ?? '';
  if (!isReadproctitle && !last.startsWith('log: ')) return [];
  const kept = isReadproctitle ? last : last.slice('log: '.length);
  const lines = kept.split('\n');
  // readproctitle never overwrites the first three dots.
  const isFirstWhole = kept.startsWith('....');
  return (isFirstWhole ? lines : lines.slice(1))
    .map((line) => line.replace(/^\.{4,}/, '').trim())
    .filter((line) => line !== '');
}
