/** A real qemu as a judge of command lines: started, asked over QMP, and quit before its guest runs. */
import type { Need } from '../lab/lab.ts';
import { runPlugin } from '../lab/process.ts';

export const ORACLE: readonly Need[] = ['qemu-system-x86_64'];

export interface Verdict {
  /** qemu took the command line. */
  readonly starts: boolean;
  /** TCG has no invariant TSC, and complains about a CPU that is to have it. */
  readonly wantsInvtsc: boolean;
  /** The name of the guest; null: none. */
  readonly name: string | null;
  /** In whole kHz; 0: none set. */
  readonly tscFrequencyHz: number;
  /** Why it could not be migrated (query-migrate); KVM alone has a reason that concerns the TSC. */
  readonly blockedReasons: readonly string[];
  /** All that it said. */
  readonly output: string;
}

const QUESTIONS = [
  { execute: 'qmp_capabilities' },
  { execute: 'query-name', id: 'name' },
  {
    execute: 'qom-get',
    arguments: { path: '/machine/unattached/device[0]', property: 'tsc-frequency' },
    id: 'frequency',
  },
  { execute: 'query-migrate', id: 'migrate' },
  { execute: 'quit', id: 'quit' },
];

export async function askQemu(args: readonly string[], accel: 'tcg' | 'kvm' = 'tcg'): Promise<Verdict> {
  const frame = [
    '-M',
    'q35',
    '-accel',
    accel,
    '-m',
    '32',
    '-nodefaults',
    '-display',
    'none',
    '-S',
    '-qmp',
    'stdio',
  ];
  const { stdout, stderr } = await runPlugin('qemu-system-x86_64', [...args, ...frame], {
    input: QUESTIONS.map((question) => `${JSON.stringify(question)}\n`).join(''),
  });
  const answers = new Map<unknown, unknown>();
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const answer = JSON.parse(line) as { id?: unknown; return?: unknown };
    if (answer.id !== undefined) answers.set(answer.id, answer.return);
  }
  return {
    starts: answers.has('quit'),
    wantsInvtsc: /doesn't support requested feature: \S*invtsc/.test(stderr),
    name: (answers.get('name') as { name?: string } | undefined)?.name ?? null,
    tscFrequencyHz: (answers.get('frequency') as number | undefined) ?? 0,
    blockedReasons:
      (answers.get('migrate') as { 'blocked-reasons'?: string[] } | undefined)?.['blocked-reasons'] ?? [],
    output: stdout + stderr,
  };
}

/** Two at a time, in the order of the items. */
export async function inPairs<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (let i = 0; i < items.length; i += 2)
    results.push(...(await Promise.all(items.slice(i, i + 2).map(work))));
  return results;
}
