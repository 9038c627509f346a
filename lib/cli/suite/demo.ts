/** `hypervisor-checks demo`: what the checks said about recorded incidents, and what after the repair. */
import { Deadline } from '../../host/deadline.ts';
import { openRecording } from '../../host/replay.ts';
import { UsageError } from '../../option.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { failed } from '../../reading.ts';
import { renderNagios } from '../../report/render-nagios.ts';
import { acceptPlain, valuesOf } from '../arguments.ts';
import { tableOf } from '../command-line.ts';
import { judgementOn, reportOf, type Values } from '../judge.ts';
import { ownFile } from './own-files.ts';
import { SCENES, type Scene } from './scenes.ts';

const WIDTH = 100;

/** @param only the name of an incident; all of them where it is null */
export async function demo(
  plugins: readonly AnyPlugin[],
  only: string | null,
  colour: boolean,
): Promise<string> {
  const scenes = SCENES.filter(({ name }) => only === null || name === only);
  if (scenes.length === 0)
    throw new UsageError(`"${only ?? ''}" is none of ${SCENES.map(({ name }) => name).join(', ')}`);
  const parts: string[] = [
    'What follows are replays of recordings; this machine is not looked at.',
    ...(await Promise.all(scenes.map((scene) => play(plugins, scene, colour)))),
  ];
  return `${parts.join('\n\n')}\n`;
}

async function play(plugins: readonly AnyPlugin[], scene: Scene, colour: boolean): Promise<string> {
  const plugin = plugins.find(({ name }) => name === scene.check);
  if (plugin === undefined) throw new Error(`no check ${scene.check}`);
  const title = `== ${scene.name}: ${plugin.summary}`;
  return [
    colour ? `\x1b[1m${title}\x1b[0m` : title,
    wrapped(scene.story),
    '',
    `replay of ${[scene.check, ...(scene.args ?? [])].join(' ')}, before:`,
    await output(plugin, scene, scene.before, colour),
    `replay of ${scene.check}, after ${scene.repair}:`,
    await output(plugin, scene, scene.after, colour),
  ].join('\n');
}

/** As the check prints it, indented, without the performance data. */
async function output(plugin: AnyPlugin, scene: Scene, name: string, colour: boolean): Promise<string> {
  const path = `demo/${scene.check}/${name}.txt`;
  const host = openRecording(ownFile(path), path);
  if (!host.ok) throw new Error(host.detail);
  const table = tableOf(plugin);
  const values = valuesOf(acceptPlain(scene.args ?? [], table) ?? new Map(), table) as Values;
  const open = (other: string) => Promise.resolve(failed('notRecorded', other));
  const judgement = await judgementOn(plugin, values, { host: host.value, open }, new Deadline(30));
  const report = { ...reportOf(plugin, values, judgement, []), performance: [] };
  const text = renderNagios(report, { verbosity: 0, colour, maxBytes: 1000 });
  // Commands are to be copied, everything else is to be read.
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => `    ${line.startsWith('  ') ? line : wrapped(line, ' '.repeat(6))}`).join('\n');
}

function wrapped(text: string, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && shownLength(`${line} ${word}`) > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${indent}`);
}

/** Colours take no room. */
function shownLength(text: string): number {
  return text.replace(/\x1b\[[0-9]*m/g, '').length;
}
