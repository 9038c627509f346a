/** Every file that is made from the declarations, whole or in parts: its path in the project, and what it should hold. */
import type { AnyPlugin } from '../plugin.ts';
import { answerScript } from './answer.ts';
import { bashCompletion } from './completion.ts';
import { commandName, icingaCommand } from './icinga2.ts';
import { loadPage } from './load.ts';
import { manPage, suitePage } from './man.ts';
import { nrpeCommands } from './nrpe.ts';
import { withDeclaration } from './page.ts';
import { withChecks } from './readme.ts';
import { includes, services } from './services.ts';
import { sudoers } from './sudoers.ts';

/** @param read the text of a file of the project that people write, and parts of which are generated */
export function generatedFiles(
  plugins: readonly AnyPlugin[],
  read: (path: string) => string,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const plugin of plugins) {
    files.set(`icinga-conf/icinga2/${commandName(plugin)}.conf`, icingaCommand(plugin));
    files.set(`icinga-conf/man/${plugin.name}.1`, manPage(plugin));
    files.set(`plugins/${plugin.name}.md`, withDeclaration(read(`plugins/${plugin.name}.md`), plugin));
  }
  files.set('icinga-conf/man/hypervisor-checks.1', suitePage(plugins));
  files.set('icinga-conf/icinga2/hypervisor-checks.conf', includes(plugins));
  files.set('icinga-conf/icinga2/services.conf', services(plugins));
  files.set('icinga-conf/icinga2/LOAD.md', loadPage(plugins));
  files.set('icinga-conf/nrpe/hypervisor-checks.cfg', nrpeCommands(plugins));
  files.set('icinga-conf/completion/hypervisor-checks.bash', bashCompletion(plugins));
  files.set('icinga-conf/sudo/hypervisor-checks-answer', answerScript(plugins));
  files.set('icinga-conf/sudo/hypervisor-checks.sudoers', sudoers(plugins));
  files.set('README.md', withChecks(read('README.md'), plugins));
  return files;
}
