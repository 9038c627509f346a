/**
 * A machine could not be looked at at all: nothing of it was seen, so there is nothing to judge. Its message is one line that
 * says which machine, why, and where it can be said what to do.
 */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(machine: string, cause: string) {
    super(machine === '' ? cause : `${machine}: ${cause}`);
  }
}

/** By name: what is loaded late is a file of its own in the build, with a class of its own. */
export function isUnreachable(error: unknown): error is Unreachable {
  return error instanceof Error && error.name === 'Unreachable';
}
