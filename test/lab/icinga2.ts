/** One real Icinga 2 by itself: it runs a plugin as it does in production, and tells what it made of it. */
import { makeAuthority } from './authority.ts';
import { startNode, type IcingaNode } from './icinga2-node.ts';
import { freePort } from './port.ts';

export { ICINGA, type CheckResult } from './icinga2-node.ts';
export type Icinga = IcingaNode;

/**
 * Starts Icinga 2 with the objects of `config` (CheckCommands, hosts, services), see `startNode`.
 *
 * @param files others below the folder of configuration, for `config` to include
 * @param pluginDir the constant PluginContribDir, and PluginDir as well
 */
export async function startIcinga({
  config,
  files = {},
  pluginDir,
}: {
  config: string;
  files?: Readonly<Record<string, string>>;
  pluginDir: string;
}): Promise<Icinga> {
  return await startNode({
    name: 'lab',
    authority: await makeAuthority(),
    port: await freePort(),
    zones: 'object Endpoint NodeName { }\nobject Zone ZoneName { endpoints = [ NodeName ] }',
    files: { ...files, 'objects.conf': config },
    pluginDir,
    contribDir: pluginDir,
  });
}
