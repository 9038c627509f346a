/** One real Icinga 2 by itself: it runs a plugin as it does in production, and tells what it made of it. */
import { makeAuthority } from './authority.ts';
import { freePort } from './icinga2-api.ts';
import { startNode, type IcingaNode } from './icinga2-node.ts';

export { ICINGA, type CheckResult } from './icinga2-node.ts';
export type Icinga = IcingaNode;

/**
 * Starts Icinga 2 with the objects of `config` (CheckCommands, hosts, services), see `startNode`.
 *
 * @param pluginDir the constant PluginContribDir, and PluginDir as well
 */
export async function startIcinga({
  config,
  pluginDir,
}: {
  config: string;
  pluginDir: string;
}): Promise<Icinga> {
  return await startNode({
    name: 'lab',
    authority: await makeAuthority(),
    port: await freePort(),
    zones: 'object Endpoint NodeName { }\nobject Zone ZoneName { endpoints = [ NodeName ] }',
    files: { 'objects.conf': config },
    pluginDir,
    contribDir: pluginDir,
  });
}
