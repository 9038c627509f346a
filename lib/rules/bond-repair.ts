/** How a bond is set right: now, and for good in the system that sets it up. */
import type { BondConfig } from '../facts/bond-config.ts';
import type { Bond } from '../facts/bonds.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

/** By the kernel's names (Documentation/networking/bonding.rst). */
export type BondOptions = Readonly<Partial<Record<'primary' | 'primary_reselect' | 'miimon', string>>>;

type OptionName = keyof BondOptions;

/** Sets the options of the running bond, then where it comes from. */
export function optionRepair(bond: Bond, options: BondOptions, how: string): Repair {
  const entries = Object.entries(options) as [OptionName, string][];
  return {
    how,
    commands: [
      ...entries.map(
        ([name, value]) => `ip link set dev ${shellQuote(bond.name)} type bond ${name} ${shellQuote(value)}`,
      ),
      ...entries.flatMap(([name, value]) => lasting(bond, name, value)),
    ],
  };
}

/** The commands, or as a comment the place, that make an option survive a reboot. */
export function lasting({ name: bond, config }: Bond, name: OptionName, value: string): readonly string[] {
  const [bondWord, valueWord] = [shellQuote(bond), shellQuote(value)];
  switch (config.system) {
    case 'ifcfg':
      return [`# and for good, in ${shellQuote(config.path)}: BONDING_OPTS with ${name}=${valueWord}`];
    case 'suse':
      return [`# and for good, in ${shellQuote(config.path)}: BONDING_MODULE_OPTS with ${name}=${valueWord}`];
    case 'netplan': {
      const path = `bonds.${bond.replaceAll('.', '\\.')}.parameters.${NETPLAN[name]}=${value}`;
      return ['# and for good:', `netplan set ${shellQuote(path)}`];
    }
    case 'networkmanager':
      return [
        '# and for good:',
        `nmcli connection modify ${config.uuid} +bond.options ${shellQuote(`${name}=${value}`)}`,
      ];
    case 'networkd':
      return [`# and for good, ${inNetworkd(bondWord, name, value, config)}`];
    case 'ifupdown':
      return [
        `# and for good, in /etc/network/interfaces, iface ${bondWord}: bond-${name.replace('_', '-')} ${valueWord}`,
      ];
    case 'unknown':
      return [`# and for good, where ${bondWord} is set up: ${name}=${valueWord}`];
  }
}

/** doc/netplan-yaml.md */
const NETPLAN: Readonly<Record<OptionName, string>> = {
  primary: 'primary',
  primary_reselect: 'primary-reselect-policy',
  miimon: 'mii-monitor-interval',
};

/** systemd.netdev(5), systemd.network(5): the primary is said at the slave. */
function inNetworkd(
  bond: string,
  name: OptionName,
  value: string,
  { slaveFiles }: Extract<BondConfig, { readonly system: 'networkd' }>,
): string {
  switch (name) {
    case 'primary': {
      const file = slaveFiles.get(value);
      if (file === undefined)
        return `in the .network file of ${shellQuote(value)}, section Network: PrimarySlave=true`;
      // What stands in a file of several slaves holds for all of them, and only one can be the primary.
      const isShared = [...slaveFiles].some(([slave, other]) => slave !== value && other === file);
      return isShared
        ? `in a .network file of its own for ${shellQuote(value)} (${shellQuote(file)} is shared), section Network: Bond=${bond} and PrimarySlave=true`
        : `in ${shellQuote(file)}, section Network: PrimarySlave=true`;
    }
    case 'primary_reselect':
      return `in the .netdev file of ${bond}, section Bond: PrimaryReselectPolicy=${value}`;
    case 'miimon':
      return `in the .netdev file of ${bond}, section Bond: MIIMonitorSec=${value}ms`;
  }
}
