/** Every check of the registry, built and installed in one folder, as a package would have it. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleDist, bundlePlugin, top } from '../../tools/bundle.mjs';
import type { AnyPlugin } from '../../lib/plugin.ts';
import type { Metric } from '../../lib/report/metric.ts';
import { plugins } from '../../plugins/index.ts';
import { scratch } from './lab.ts';

const CONF = join(top, 'icinga-conf');
/** Where the generated files have the checks. */
const FOLDER = '/usr/lib/nagios/plugins';

export const NAMES: readonly string[] = Object.keys(plugins);

/** The programs of the lab that behave like checks. */
const OTHERS = { check_misbehaving: './test/lab/misbehaving-plugin.ts' };

/** The folder with links to all programs, as the pages say; other users can run them. */
export async function installAll(): Promise<string> {
  const [dist, links] = [scratch(), scratch()];
  await bundleDist(dist);
  for (const [name, source] of Object.entries(OTHERS)) await bundlePlugin(name, dist, source);
  for (const name of readdirSync(join(dist, 'bin'))) symlinkSync(join(dist, 'bin', name), join(links, name));
  return links;
}

/** A file below icinga-conf, for checks in another folder of plugins than Debian's. */
export function generatedFor(bin: string, path: string): string {
  const text = readFileSync(join(CONF, path), 'utf8');
  if (!text.includes(`${FOLDER}/check_`)) throw new Error(`${path} names no checks in ${FOLDER}`);
  return text.replaceAll(`${FOLDER}/`, `${bin}/`);
}

/** A folder that stands for /etc/sudoers.d, with the generated rules. */
export function sudoersFor(bin: string): string {
  const folder = join(scratch(), 'sudoers.d');
  mkdirSync(folder, { mode: 0o755 });
  const rules = generatedFor(bin, 'sudo/hypervisor-checks.sudoers');
  writeFileSync(join(folder, 'hypervisor-checks'), rules, { mode: 0o440 });
  return folder;
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
  const found = Object.entries(metrics)
    .filter(isOf)
    .map(([name]) => name);
  return found.sort((a, b) => b.length - a.length)[0];
}

/** The Icinga service and command of a check. */
export function serviceOf(name: string): string {
  return name.replace(/^check_/, '');
}

/** The generated definitions for Icinga, as an administrator copies them to a folder of its own. */
export function generated(folder: string, without: readonly string[] = []): Record<string, string> {
  const source = join(CONF, 'icinga2');
  const names = readdirSync(source).filter((name) => name.endsWith('.conf') && !without.includes(name));
  return Object.fromEntries(
    names.map((name) => [`${folder}/${name}`, readFileSync(join(source, name), 'utf8')]),
  );
}
