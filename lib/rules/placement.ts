/** Which partner takes which guest, so that the memory of all suffices. */

export interface Arrival {
  readonly name: string;
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

export interface Placement {
  /** The partner by the name of the guest. */
  readonly to: ReadonlyMap<string, string>;
  /** Guests that no partner has the memory for. */
  readonly homeless: readonly Arrival[];
  /** What is left of each partner's memory when all have arrived; null: not known. */
  readonly leftBytes: ReadonlyMap<string, number | null>;
}

/**
 * Those with the fewest choices first, of these the largest; each to where most is left. No search for the best
 * arrangement: where this one does not fit, a person would have to puzzle, too.
 */
export function place(arrivals: readonly Arrival[], rooms: readonly Room[]): Placement {
  const left = new Map(
    rooms.map(({ name, availableBytes, hugeFreeBytes }) => [name, { availableBytes, hugeFreeBytes }]),
  );
  const to = new Map<string, string>();
  const homeless: Arrival[] = [];
  const order = (a: Arrival, b: Arrival): number => {
    const choices = a.possible.length - b.possible.length;
    return choices === 0 ? b.bytes - a.bytes : choices;
  };
  for (const guest of [...arrivals].sort(order)) {
    const key = guest.hugePages ? 'hugeFreeBytes' : 'availableBytes';
    const free = (name: string): number => left.get(name)?.[key] ?? Number.POSITIVE_INFINITY;
    const [best] = guest.possible
      .filter((name) => free(name) >= guest.bytes)
      .sort((a, b) => free(b) - free(a));
    if (best === undefined) {
      homeless.push(guest);
      continue;
    }
    to.set(guest.name, best);
    const room = left.get(best);
    const before = room?.[key] ?? null;
    if (room !== undefined && before !== null) left.set(best, { ...room, [key]: before - guest.bytes });
  }
  return { to, homeless, leftBytes: new Map([...left].map(([name, room]) => [name, room.availableBytes])) };
}
