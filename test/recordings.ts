/**
 * What was recorded of hosts, test/recordings/CHECK/NAME.txt. Each says in a comment below its first line what is expected of the
 * check: `# expected: CODE LINE`, or `# expected with OPTIONS: CODE LINE`. A LINE without performance data is compared without them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Expected {
  readonly options: readonly string[];
  /** `1 INVTSC WARNING - ...` */
  readonly outcome: string;
}

export function folderOf(check: string): string {
  return fileURLToPath(new URL(`recordings/${check}`, import.meta.url));
}

/** The names of the recordings of a check, without `.txt`, in their order. */
export function recordingsOf(check: string): readonly string[] {
  const files = existsSync(folderOf(check)) ? readdirSync(folderOf(check)).sort() : [];
  return files.flatMap((file) => /^(.*)\.txt$/.exec(file)?.[1] ?? []);
}

export function recorded(check: string, name: string): string {
  return readFileSync(`${folderOf(check)}/${name}.txt`, 'utf8');
}

/** Null: it does not say. */
export function expectedOf(recording: string): Expected | null {
  const [, options = '', outcome] = /^# expected(?: with (.*?))?: ([0-3] .+)$/m.exec(recording) ?? [];
  if (outcome === undefined) return null;
  return { options: options.split(' ').filter((word) => word !== ''), outcome };
}

/** Writes a recording to its place, with what is expected of it. */
export function keep(check: string, name: string, recording: string, expected: Expected): void {
  mkdirSync(folderOf(check), { recursive: true });
  writeFileSync(`${folderOf(check)}/${name}.txt`, expecting(recording, expected));
}

/** The recording with that comment. */
export function expecting(recording: string, { options, outcome }: Expected): string {
  const given = options.length === 0 ? '' : ` with ${options.join(' ')}`;
  return recording.replace('\n', () => `\n# expected${given}: ${outcome}\n`);
}

/** The first recording of a check that shows a fault, without a memory of earlier runs; null: there is none. */
export function incidentOf(check: string): (Expected & { readonly name: string }) | null {
  for (const name of recordingsOf(check)) {
    const expected = expectedOf(recorded(check, name));
    if (expected !== null && /^[12]/.test(expected.outcome) && !expected.options.includes('STATE'))
      return { ...expected, name };
  }
  return null;
}
