/**
 * Scenes of the lab tests: a script of a real kernel in which a plugin looks at what was set up, again and again. Each time
 * it writes a recording; with RECORD=1 these are kept in test/recordings, for the tests that have no such kernel.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect } from 'vitest';

import { bundleAll, bundleProgram } from '../../tools/bundle.mjs';
import { replay } from '../plugin-test.ts';
import { keep } from '../recordings.ts';
import type { AnyPlugin } from '../../lib/plugin.ts';
import { scratch } from './lab.ts';
import { RESIDENT } from './resident.ts';
import { parseChecks, PRELUDE, runInUml } from './uml.ts';

/** By the name of the scene: the exit status, and line 1 without the name of the check. */
export type Expected = Readonly<Record<string, readonly [code: number, line: string]>>;

export interface Scenes {
  readonly plugin: AnyPlugin;
  /** Of installForScenes. */
  readonly folder: string;
  /** Text for bash -eu that plays the scenes with the functions below, and those of uml-prelude.sh. */
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
LAST=()
scene_of() { # scene_of USER NAME ARGS...
  local user=$1 name=$2
  shift 2
  ${settles ? 'settle' : ':'}
  ask "$user" ${name} --record "$PWD/rec/$name.txt" "$@"
  LAST=("$user" ${name} "$@")
}
scene() { # scene NAME ARGS...
  scene_of root "$@"
}
nobody() { # nobody NAME ARGS...: a scene without any rights of root
  scene_of nobody "$@"
}
`;
}

/** At the end the program itself looks too, as it is installed. */
const PROGRAM = `
if [ "\${LAST[0]}" = nobody ]; then as_nobody check "\${LAST[@]:1}"; else check "\${LAST[@]:1}"; fi
`;

/** The folder with the program of the plugin, and the process that stays. */
export async function installForScenes(name: string): Promise<string> {
  const folder = scratch();
  await bundleAll(name, folder);
  await bundleProgram('resident', folder, RESIDENT);
  return folder;
}

/** Compares each scene with what is expected, and its recording with what was said live. What the script has printed. */
export async function playScenes(scenes: Scenes): Promise<string> {
  const { plugin, folder, script, expected, settles } = scenes;
  const { compared = (line: string) => line, mostBytes = Infinity } = scenes;
  const env = {
    PLUGINS: join(folder, 'bin'),
    PRELUDE,
  };
  const text = functions(plugin.name, settles) + script + PROGRAM;
  const { code, stdout, stderr } = await runInUml({ script: text, folder, env, seconds: 240 });
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout });
  const seen: Record<string, readonly [number, string]> = {};
  // What is remembered is built up once more by the recordings.
  const replayState = scratch();
  const word = `${plugin.name.replace(/^check_/, '').toUpperCase()} `;
  const checks = parseChecks(stdout);
  const byProgram = checks.pop();
  expect(byProgram?.title).not.toContain('--record');
  expect(byProgram).toMatchObject({ code: checks.at(-1)?.code, output: checks.at(-1)?.output });
  for (const { title, code: status, output } of checks) {
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
    if (process.env['RECORD'] === '1' && recording.length <= mostBytes) {
      const words = options.map((one) => (one === replayState ? 'STATE' : one));
      keep(plugin.name, name, recording, { options: words, outcome: `${status} ${first}` });
    }
  }
  if (process.env['RECORD'] === '1') process.stdout.write(stdout);
  expect(seen).toEqual(expected);
  return stdout;
}
