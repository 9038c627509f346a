/** The values of the options `--expect` and `--min-slaves`. */
import { UsageError } from '../option.ts';

export interface Expectation {
  /** A bond or a slave. */
  readonly name: string;
  readonly speedMbps: number;
}

/** `bond0=10000`, `eth0=10G`, `eth1=2.5G`, `eth2=100M`. */
export function parseExpectation(text: string): Expectation {
  const [, name, number, unit] =
    /^([^\s/=]+)=([0-9]{1,9}(?:\.[0-9]{1,3})?)(?:([MG])(?:b(?:it)?(?:\/?s)?)?)?$/i.exec(text) ?? [];
  const speedMbps = Number(number) * (unit?.toUpperCase() === 'G' ? 1000 : 1);
  if (name === undefined || speedMbps <= 0) {
    throw new UsageError(`"${text}" is not NAME=SPEED in Mb/s, such as bond0=10000 or eth0=10G`);
  }
  return { name, speedMbps };
}

export function parseCount(text: string): number {
  if (!/^[0-9]{1,3}$/.test(text)) throw new UsageError(`"${text}" is not a number of slaves, such as 2`);
  return Number(text);
}
