/**
 * The value of qemu's -cpu option, evaluated as qemu does it (target/i386/cpu.c, x86_cpu_parse_featurestr and
 * x86_cpu_expand_features): `MODEL,+feature,-feature,property=value,property`, split at every comma.
 *
 * Not from left to right: first all properties, the later of two wins; then all +features; then all -features. Minus
 * beats plus and plus beats `=off`, wherever they stand. In names `_` is `-`.
 */
import type { Global } from './qemu-argv.ts';

export interface QemuCpu {
  readonly model: string;
  /** Properties after evaluation, with the text that decided each. */
  readonly properties: ReadonlyMap<string, Property>;
}

export interface Property {
  readonly value: string;
  /** `+invtsc`, `invtsc=on`, `invtsc`. */
  readonly by: string;
}

/** Whether a guest asks for the invariant TSC. */
export interface Invtsc {
  readonly requested: boolean;
  /** `passthrough`: nobody named it, but the host's CPU is passed through with all that it has, so also this. */
  readonly how: 'named' | 'passthrough' | null;
  /** What asks for it, as it is written there. */
  readonly by: string;
  /** A fixed frequency of the TSC: with it the guest can migrate to hosts that can provide it. */
  readonly tscFrequencyHz: number | null;
}

const NOT_REQUESTED: Invtsc = { requested: false, how: null, by: '', tscFrequencyHz: null };

export function parseQemuCpu(cpu: string): QemuCpu {
  const [model = '', ...features] = cpu.split(',').filter((part) => part !== '');
  const properties = new Map<string, Property>();
  const set = (name: string, value: string, by: string): void =>
    void properties.set(name.replaceAll('_', '-'), { value, by });
  for (const part of features.filter((text) => !/^[+-]/.test(text))) {
    const equals = part.indexOf('=');
    if (equals < 0) set(part, 'on', part);
    else set(part.slice(0, equals), part.slice(equals + 1), part);
  }
  for (const part of features.filter((text) => text.startsWith('+'))) set(part.slice(1), 'on', part);
  for (const part of features.filter((text) => text.startsWith('-'))) set(part.slice(1), 'off', part);
  return { model, properties };
}

/**
 * What qemu makes of -cpu and -global. Only x86 has the feature; elsewhere nobody names it. -global comes first, -cpu
 * after it (both are global properties; the later wins, but +feature and -feature are applied last).
 */
export function invtscOf(cpu: string | null, globals: readonly Global[]): Invtsc {
  const { model, properties } = parseQemuCpu(cpu ?? '');
  const all = new Map<string, Property>();
  for (const { driver, property, value } of globals) {
    if (isDriverOf(driver, model)) {
      all.set(property.replaceAll('_', '-'), { value, by: `-global ${driver}.${property}=${value}` });
    }
  }
  for (const [name, property] of properties) all.set(name, property);
  const tscFrequencyHz = frequencyOf(all);
  const invtsc = all.get('invtsc');
  if (invtsc !== undefined) {
    return isOn(invtsc.value)
      ? { requested: true, how: 'named', by: invtsc.by, tscFrequencyHz }
      : NOT_REQUESTED;
  }
  if (model !== 'host' && model !== 'max') return NOT_REQUESTED;
  const migratable = all.get('migratable');
  const isMigratable = migratable === undefined || isOn(migratable.value);
  if (!isMigratable)
    return { requested: true, how: 'passthrough', by: `${model},${migratable.by}`, tscFrequencyHz };
  // With a fixed frequency the feature counts as migratable, and so is among those that are passed through.
  if (tscFrequencyHz !== null) return { requested: true, how: 'passthrough', by: model, tscFrequencyHz };
  return NOT_REQUESTED;
}

/** A type of CPU is MODEL-x86_64-cpu (or -i386-cpu); its parents are x86_64-cpu, i386-cpu, X86CPU's base `cpu`. */
function isDriverOf(driver: string, model: string): boolean {
  if (/^(?:cpu|x86_64-cpu|i386-cpu|max-x86_64-cpu|max-i386-cpu)$/.test(driver)) {
    return !driver.startsWith('max-') || model === 'max' || model === 'host';
  }
  return driver === `${model}-x86_64-cpu` || driver === `${model}-i386-cpu`;
}

/** qapi_bool_parse (qapi/qapi-util.c); anything else makes qemu refuse to start. */
function isOn(value: string): boolean {
  return ['on', 'yes', 'true', 'y'].includes(value);
}

/** `tsc-frequency` in Hz, `tsc-freq` with a metric suffix. qemu counts in kHz, so less than 1000 Hz is none. */
function frequencyOf(properties: ReadonlyMap<string, Property>): number | null {
  const plain = /^[0-9]+$/.exec(properties.get('tsc-frequency')?.value ?? '')?.[0];
  const metric = /^([0-9]+(?:\.[0-9]+)?)([kKmMgGtT]?)$/.exec(properties.get('tsc-freq')?.value ?? '');
  const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }[metric?.[2]?.toLowerCase() ?? ''] ?? 1;
  const hertz =
    plain !== undefined ? Number(plain) : metric === null ? 0 : Math.round(Number(metric[1]) * factor);
  return hertz >= 1000 ? hertz : null;
}
