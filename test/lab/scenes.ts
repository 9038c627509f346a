/**
 * Scenes of the lab tests: a script of a real kernel in which a built plugin looks at what was set up, again and again. Each
 * time it writes a recording; with RECORD=1 these are kept in test/recordings, for the tests that have no such kernel.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

import { replay } from '../plugin-test.ts';
import type { AnyPlugin } from '../../lib/plugin.ts';
import { scratch } from './lab.ts';
import { parseChecks, runInUml } from './uml.ts';

/** By the name of the scene: the exit status, and line 1 without the name of the check. */
export type Expected = Readonly<Record<string, readonly [code: number, line: string]>>;

export interface Scenes {
  readonly plugin: AnyPlugin;
  /** A scratch() folder with the plugin, built. */
  readonly folder: string;
  /** Text for bash -eu that plays the scenes with the functions below, and `check` of uml-prelude.sh. */
  readonly script: string;
  readonly expected: Expected;
  /** Whether operstate is waited for before each scene. */
  readonly settles: boolean;
  /** What of line 1 is compared; by default all. */
  readonly compared?: (line: string) => string;
  /** Recordings that are longer are not kept. By default all are. */
  readonly mostBytes?: number;
}

function functions(name: string, settles: boolean): string {
  return `
mkdir -p rec state
chmod 777 rec
scene() { # scene NAME ARGS...
  local name=$1
  shift
  ${settles ? 'settle' : ':'}
  check ${name} --record "$PWD/rec/$name.txt" "$@"
}
nobody() { # nobody NAME ARGS...: a scene without any rights of root
  local RUN_AS=(setpriv --reuid 65534 --regid 65534 --clear-groups --)
  scene "$@"
}
`;
}

/** Compares each scene with what is expected, and its recording with what was said live. What the script has printed. */
export async function playScenes(scenes: Scenes): Promise<string> {
  const { plugin, folder, script, expected, compared = (line: string) => line, settles } = scenes;
  const env = {
    PLUGINS: join(folder, 'bin'),
    PRELUDE: fileURLToPath(new URL('uml-prelude.sh', import.meta.url)),
  };
  const text = functions(plugin.name, settles) + script;
  const { code, stdout, stderr } = await runInUml({ script: text, folder, env, seconds: 240 });
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout });
  const seen: Record<string, readonly [number, string]> = {};
  // What is remembered is built up once more by the recordings.
  const replayState = scratch();
  const word = `${plugin.name.replace(/^check_/, '').toUpperCase()} `;
  for (const { title, code: status, output } of parseChecks(stdout)) {
    const [, file = '', args = ''] = /^\S+ --record (\S+)(.*)$/.exec(title) ?? [];
    const options = args
      .split(' ')
      .filter((one) => one !== '')
      .map((one) => (one === join(folder, 'state') ? replayState : one));
    const name = basename(file, '.txt');
    const [first = ''] = output.split('\n');
    expect(first.startsWith(word), first).toBe(true);
    seen[name] = [status, compared(first.slice(word.length))];
    const recording = readFileSync(file, 'utf8');
    const replayed = await replay(plugin, recording, ...options);
    expect({ name, code: replayed.code, text: replayed.text }).toEqual({
      name,
      code: status,
      text: `${output}\n`,
    });
    if (process.env['RECORD'] === '1') {
      const words = options.map((one) => (one === replayState ? 'STATE' : one));
      keep(scenes, { name, recording, options: words, outcome: `${status} ${first}` });
    }
  }
  if (process.env['RECORD'] === '1') process.stdout.write(stdout);
  expect(seen).toEqual(expected);
  return stdout;
}

interface Kept {
  readonly name: string;
  readonly recording: string;
  readonly options: readonly string[];
  readonly outcome: string;
}

function keep({ plugin, mostBytes = Infinity }: Scenes, { name, recording, options, outcome }: Kept): void {
  if (recording.length > mostBytes) return;
  const folder = fileURLToPath(new URL(`../recordings/${plugin.name}`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const expectation = `# expected${options.length === 0 ? '' : ` with ${options.join(' ')}`}: ${outcome}\n`;
  const [first = '', ...rest] = recording.split(/(?<=\n)/);
  writeFileSync(join(folder, `${name}.txt`), first + expectation + rest.join(''));
}
