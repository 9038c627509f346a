/** Every check of the registry, built and installed in one folder, as a package would have it. */
import { join } from 'node:path';
import { bundleLate, bundlePlugin, bundleVendor, finishFolder } from '../../tools/bundle.mjs';
import type { AnyPlugin } from '../../lib/plugin.ts';
import { plugins } from '../../plugins/index.ts';
import { scratch } from './lab.ts';

export const NAMES: readonly string[] = Object.keys(plugins);

/** The folder with all programs; other users can run them. */
export async function installAll(): Promise<string> {
  const folder = scratch();
  await bundleVendor(folder);
  await bundleLate(folder);
  for (const name of NAMES) await bundlePlugin(name, folder);
  finishFolder(folder);
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
