/** The bonds of a host and their slaves, without a judgement; `bond-gather.ts` asks a host for them. */
import type { BondMode, LinkState } from '../parsers/proc-net-bonding.ts';
import type { EthtoolSettings } from '../parsers/ethtool-settings.ts';
import type { Failure } from '../reading.ts';
import type { BondConfig } from './bond-config.ts';

export interface Bond {
  readonly name: string;
  /** Null: not known. */
  readonly mode: BondMode | null;
  /** Switched on by the administrator (IFF_UP); null: not known. */
  readonly isSwitchedOn: boolean | null;
  /** What the bond itself says of its link; null: not known. */
  readonly isUp: boolean | null;
  /** The name is null where there is none; null: not known, or its mode uses all slaves. */
  readonly active: { readonly name: string | null } | null;
  readonly primary: string | null;
  /** always, better, failure */
  readonly primaryReselect: string | null;
  /** Whether it looks at its slaves' links at all, by MII or ARP; null: not known. */
  readonly isMonitored: boolean | null;
  /** It asks its ARP targets, and not the carrier. */
  readonly isMonitoredByArp: boolean;
  readonly updelayMs: number | null;
  /** 802.3ad: the switch's address; null: not told. */
  readonly partnerMac: string | null;
  readonly slaves: readonly Slave[];
  /** Whether `slaves` are surely all. */
  readonly areSlavesKnown: boolean;
  /** What keeps it for good. */
  readonly config: BondConfig;
}

export interface Slave {
  readonly name: string;
  /** What the bonding driver takes it for; null: not known. */
  readonly link: LinkState | null;
  readonly isSwitchedOn: boolean | null;
  /** Null: not known, as of every device that is switched off. */
  readonly hasCarrier: boolean | null;
  /** As the device says now; of one that is down or cannot be asked, as the bonding driver was told before. Null: not known. */
  readonly speedMbps: number | null;
  readonly duplex: 'full' | 'half' | null;
  /** Since it was enslaved; null: not known. */
  readonly linkFailures: number | null;
  /** What it was made with: names a card for good. '' where it is not known. */
  readonly permanentAddress: string;
  readonly aggregatorId: number | null;
  /** 802.3ad: none, monitoring, churned; null: not told. Of the last minute in which it was looked at, not of now. */
  readonly actorChurn: string | null;
  readonly partnerChurn: string | null;
  /** Of one that is churned: whether either end says now that the port may be used; null: not told. */
  readonly isActorInSync: boolean | null;
  readonly isPartnerInSync: boolean | null;
  /** What it can do, as ethtool says; null: nobody could say. */
  readonly settings: EthtoolSettings | null;
}

/** What could not be looked at, and of which bond; '' of all. */
export interface Unread {
  readonly bond: string;
  readonly failure: Failure;
}

export interface Bonds {
  readonly all: readonly Bond[];
  readonly unread: readonly Unread[];
  /** The names of all network devices; null: not known. */
  readonly devices: readonly string[] | null;
  /** The host's clock: seconds since 1970. */
  readonly epochSeconds: number;
}
