/**
 * A machine could not be looked at at all: nothing of it was seen, so there is nothing to judge. Its message is one line that
 * says which machine, why, and where it can be said what to do.
 */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  /** What stands behind the machine's name. */
  readonly reason: string;

  /** @param machine its name; '' where it lies on this side */
  constructor(machine: string, reason: string) {
    super(machine === '' ? reason : `${machine}: ${reason}`);
    this.reason = reason;
  }
}

/** By name: what is loaded late is a file of its own in the build, with a class of its own. */
export function isUnreachable(error: unknown): error is Unreachable {
  return error instanceof Error && error.name === 'Unreachable';
}
