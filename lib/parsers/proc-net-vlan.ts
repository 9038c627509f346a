/**
 * /proc/net/vlan/config: the VLAN devices of the own network namespace, for root only (vlandev_seq_show in
 * net/8021q/vlanproc.c). Not there while the module 8021q is not loaded.
 *
 *     VLAN Dev name	 | VLAN ID
 *     Name-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
 *     vlan20         | 20  | bond0
 *     enp0s31f6.1000x| 5  | enp0s31f6
 *
 * The name is padded to 15 characters, which is all that a name may have. The device below is told by its name even where it
 * is in another namespace. Whether a VLAN is 802.1Q or 802.1ad is not told here.
 */
import { FormatError } from './text.ts';

export interface VlanConfigLine {
  readonly name: string;
  readonly id: number;
  /** The device that it stands on; perhaps in another namespace. */
  readonly parent: string;
}

/** Throws FormatError. */
export function parseProcNetVlan(text: string): readonly VlanConfigLine[] {
  const [first = '', second = '', ...rest] = text.split('\n');
  if (!first.startsWith('VLAN Dev name') || !second.startsWith('Name-Type')) {
    throw new FormatError('/proc/net/vlan/config', 'does not begin with its two lines of headings', first);
  }
  return rest.flatMap((line, index) => {
    if (line === '') return [];
    // A name may hold a bar, but no blank.
    const match = /^(\S+?) *\| ([0-9]{1,4}) {2}\| (\S+)$/.exec(line);
    if (match === null) {
      throw new FormatError('/proc/net/vlan/config', `line ${index + 3} is no VLAN device`, line);
    }
    const [, name = '', id, parent = ''] = match;
    return { name, id: Number(id), parent };
  });
}
