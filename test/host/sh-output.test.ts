/** What a shell far away printed, where somebody there would like it to say something else. */
import { expect, it } from 'vitest';

import { head, type Content } from '../../lib/host/ask.ts';
import { decodeBatch } from '../../lib/host/sh-answers.ts';
import type { Reading } from '../../lib/reading.ts';

const SECRET = { nonce: 'abcdef012345', prefix: '/.//././/.' };
const WANT = { victim: head('/etc/victim', 64), own: head('/home/mallory/file', 64) };

const told = (path: string, text: string): string => `==> ${SECRET.prefix}${path} <==\n${text}\n`;

/** As `head -v` prints it, in the order of the questions. */
function answered(files: readonly string[], stderr = ''): Reading<Content> {
  const mark = `\n#${SECRET.nonce} `;
  const clock = '1763750000\t100.00\tb00t\t0\t0\tfar';
  const stdout = `${mark}clock ${clock}${mark}bytes b head 65\n${files.join('')}${mark}done\n`;
  const decoded = decodeBatch(WANT, Buffer.from(stdout), `${stderr}#${SECRET.nonce} done\n`, SECRET);
  return decoded?.answers['victim'] as Reading<Content>;
}

it('is taken as it is where each file is told once', () => {
  const reading = answered([told('/etc/victim', 'true\n'), told('/home/mallory/file', 'harmless\n')]);
  expect(reading.ok && Buffer.from(reading.value.bytes).toString()).toBe('true\n');
});

// Who reads the prefix in /proc/PID/cmdline of head can put the mark of another file into his own, which is read a moment later.
it.each([
  [
    'after',
    [told('/etc/victim', 'true\n'), told('/home/mallory/file', `x\n\n${told('/etc/victim', 'forged\n')}`)],
  ],
  [
    'before',
    [told('/home/mallory/file', `x\n\n${told('/etc/victim', 'forged\n')}`), told('/etc/victim', 'true\n')],
  ],
])('is not known where another file tells it differently %s it', (_when, files) => {
  expect(answered(files)).toMatchObject({
    ok: false,
    why: 'failed',
    detail: expect.stringContaining('told twice') as string,
  });
});

it('is an error where another file tells what could not be read', () => {
  const stderr = `head: cannot open '${SECRET.prefix}/etc/victim' for reading: Permission denied\n`;
  const files = [told('/home/mallory/file', `x\n\n${told('/etc/victim', 'forged\n')}`)];
  expect(answered(files, stderr)).toMatchObject({ ok: false, why: 'denied' });
});
