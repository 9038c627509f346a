/** Which partner takes which guest, so that the memory of all suffices. */

/** A guest is whatever the caller knows it by: on Proxmox two may have the same name. */
export interface Arrival<Guest> {
  readonly guest: Guest;
  readonly bytes: number;
  readonly hugePages: boolean;
  /** The partners that nothing else keeps it from, by name. */
  readonly possible: readonly string[];
}

export interface Room {
  readonly name: string;
  /** Null: not known, and taken for enough. */
  readonly availableBytes: number | null;
  readonly hugeFreeBytes: number | null;
}

export interface Homeless<Guest> extends Arrival<Guest> {
  /** What its possible partners had left, of huge pages where it needs those, when its turn came. */
  readonly rooms: readonly { readonly name: string; readonly leftBytes: number }[];
}

export interface Placement<Guest> {
  /** The partner by the guest. */
  readonly to: ReadonlyMap<Guest, string>;
  /** Guests that no partner has the memory for. */
  readonly homeless: readonly Homeless<Guest>[];
  /** What is left of each partner's memory when all have arrived; null: not known. */
  readonly leftBytes: ReadonlyMap<string, number | null>;
}

/**
 * Those with the fewest choices first, of these the largest; each to where most is left. No search for the best
 * arrangement: where this one does not fit, a person would have to puzzle, too.
 */
export function place<Guest>(arrivals: readonly Arrival<Guest>[], rooms: readonly Room[]): Placement<Guest> {
  const left = new Map(rooms.map((room) => [room.name, room]));
  const to = new Map<Guest, string>();
  const homeless: Homeless<Guest>[] = [];
  const order = (a: Arrival<Guest>, b: Arrival<Guest>): number => {
    const choices = a.possible.length - b.possible.length;
    return choices === 0 ? b.bytes - a.bytes : choices;
  };
  for (const one of [...arrivals].sort(order)) {
    const key = one.hugePages ? 'hugeFreeBytes' : 'availableBytes';
    const choices = [...left.values()]
      .filter(({ name }) => one.possible.includes(name))
      .map((room) => ({ name: room.name, leftBytes: room[key] ?? Number.POSITIVE_INFINITY, room }));
    const [best] = choices
      .filter(({ leftBytes }) => leftBytes >= one.bytes)
      .sort((a, b) => b.leftBytes - a.leftBytes);
    if (best === undefined) {
      homeless.push({ ...one, rooms: choices });
      continue;
    }
    to.set(one.guest, best.name);
    const before = best.room[key];
    if (before !== null) left.set(best.name, { ...best.room, [key]: before - one.bytes });
  }
  return { to, homeless, leftBytes: new Map([...left].map(([name, room]) => [name, room.availableBytes])) };
}
