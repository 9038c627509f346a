/**
 * `ethtool NAME`: what a network card can do, what it offers, and what the other end offers (dump_link_usettings in ethtool.c,
 * netlink/settings.c of ethtool 5.7 and later).
 *
 *     Settings for eth0:
 *     	Supported ports: [ TP ]
 *     	Supported link modes:   100baseT/Full
 *     	                        1000baseT/Full
 *     	                        10000baseT/Full
 *     	Advertised link modes:  100baseT/Full
 *     	                        1000baseT/Full
 *     	                        10000baseT/Full
 *     	Link partner advertised link modes:  100baseT/Half 100baseT/Full
 *     	                                     1000baseT/Full
 *     	Speed: 1000Mb/s
 *     	Duplex: Full
 *     	Auto-negotiation: on
 *     	Link detected: yes
 *
 * Modes are "Not reported" where the driver does not tell them (virtual devices), those of the partner also without
 * autonegotiation. Where the user may not read the wake-on-LAN settings, old versions end with status 1, after all of
 * this. "Speed" and "Link detected" come after all that is read here: an output with neither was cut off. The latter is
 * printed for any user, but not for a driver without get_link; the former not where only the link may be asked for. Skipped on
 * purpose: what is supported and not offered, ports, pauses, error correction, transceivers, messages.
 */
import { FormatError } from './text.ts';

export interface EthtoolSettings {
  /** `10000baseT/Full`, ...; null: not reported. */
  readonly advertised: readonly string[] | null;
  readonly partner: readonly string[] | null;
}

const MODE = /^([0-9]{1,9})base/;

/** Throws FormatError. */
export function parseEthtool(text: string): EthtoolSettings {
  if (!/^Settings for \S+:\n/.test(text)) throw new FormatError('ethtool', 'no settings', text);
  if (!/^\t(?:Speed|Link detected): /m.test(text)) {
    throw new FormatError('ethtool', 'has no "Speed" and no "Link detected", it is cut off');
  }
  return {
    advertised: modesOf(text, 'Advertised link modes'),
    partner: modesOf(text, 'Link partner advertised link modes'),
  };
}

/** The rest of a list stands below it, behind a tab and blanks. */
function modesOf(text: string, list: string): readonly string[] | null {
  const found = new RegExp(`^\\t${list}:.*(?:\\n\\t .*)*`, 'm').exec(text)?.[0] ?? '';
  const modes = found.split(/\s/).filter((word) => MODE.test(word));
  return modes.length === 0 ? null : modes;
}

/** What the number in front of a mode says; 0 where it is none. */
export function speedOfMode(mode: string): number {
  return Number(MODE.exec(mode)?.[1] ?? 0);
}
