/** Every check of the registry, built and installed in one folder, as a package would have it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDist } from '../../tools/bundle.mjs';
import type { AnyPlugin } from '../../lib/plugin.ts';
import type { Metric } from '../../lib/report/metric.ts';
import { plugins } from '../../plugins/index.ts';
import { scratch } from './lab.ts';

export const NAMES: readonly string[] = Object.keys(plugins);

/** The folder with all programs; other users can run them. */
export async function installAll(): Promise<string> {
  const folder = scratch();
  await bundleDist(folder);
  return join(folder, 'bin');
}

export async function declarationOf(name: string): Promise<AnyPlugin> {
  const load = plugins[name];
  if (load === undefined) throw new Error(`${name} is not in the registry`);
  return (await load()).default;
}

/** The label of each item of performance data. */
export function labelsOf(perfdata: readonly string[]): readonly string[] {
  return perfdata.map((item) => item.slice(0, item.lastIndexOf('=')));
}

/** The declared metric that a label is of, `speed` of `bond0_speed`; undefined where none is. */
export function metricOf(label: string, { metrics }: AnyPlugin): string | undefined {
  const isOf = ([name, { of }]: [string, Metric]): boolean =>
    label === name || (of !== undefined && label.endsWith(`_${name}`));
  const found = Object.entries(metrics).filter(isOf).map(([name]) => name);
  return found.sort((a, b) => b.length - a.length)[0];
}

/** The Icinga service and command of a check. */
export function serviceOf(name: string): string {
  return name.replace(/^check_/, '');
}

/** The generated definitions for Icinga, as an administrator copies them to a folder of its own. */
export function generated(folder: string, without: readonly string[] = []): Record<string, string> {
  const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const source = join(top, 'icinga-conf/icinga2');
  const names = readdirSync(source).filter((name) => name.endsWith('.conf') && !without.includes(name));
  return Object.fromEntries(
    names.map((name) => [`${folder}/${name}`, readFileSync(join(source, name), 'utf8')]),
  );
}
