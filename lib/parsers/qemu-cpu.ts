/**
 * The value of qemu's -cpu, and whether it gives the guest an invariant TSC (target/i386/cpu.c:
 * x86_cpu_parse_featurestr and x86_cpu_expand_features).
 *
 *     SandyBridge,+invtsc,+erms,-vme,tsc-frequency=2400000000
 *
 * Not read from left to right: first all `property=value` (alone, `property` is `=on`), then all `+`, then all `-`. So `+`
 * beats `=off` and `-` beats both, wherever they stand. `-global` for the type of the CPU comes before all of them,
 * wherever it stands; among several, the last wins, however specific its type (measured with 7.2, like all of this).
 * `_` in a name is `-`. Commas cannot be escaped; empty elements count for nothing.
 *
 * What qemu refuses (`invtsc=ON`, an unknown property) is in no running process, and counts for nothing here.
 */
import type { QemuGlobal } from './qemu-argv.ts';
import { isBoolean, isOn } from './qemu-opts.ts';

export interface QemuCpu {
  readonly model: string;
  /** What each property is in the end. */
  readonly props: ReadonlyMap<string, string>;
  /** The same in the order in which qemu applies them. */
  readonly settings: readonly CpuSetting[];
}

export interface CpuSetting {
  readonly property: string;
  readonly value: string;
  /** How it was written. */
  readonly token: string;
}

/**
 * Whether the guest is to have the invariant TSC (CPUID 8000_0007H, EDX bit 8). It has it if the host's CPU does, and
 * qemu refuses then to migrate it or save its state, unless the frequency is fixed (target/i386/kvm/kvm.c, invtsc_mig_blocker).
 */
export interface Invtsc {
  readonly requested: boolean;
  /**
   * `named`: asked for by name. `passthrough`: not named, but part of a host CPU passed through. Null: not requested.
   * A `passthrough` that only a fixed frequency brings (`host,tsc-frequency=N`) is there from
   * qemu 9.2 on, and not in 7.2; it never blocks.
   */
  readonly how: 'named' | 'passthrough' | null;
  /** What decided, as it was written: `+invtsc`, `-invtsc`, `migratable=off`; '' where nothing did. */
  readonly by: string;
  /** Null: not fixed. */
  readonly tscFrequencyHz: number | null;
}

/** Total: any text is a CPU. */
export function parseQemuCpu(cpu: string): QemuCpu {
  const [model = '', ...tokens] = cpu.split(',');
  const values: CpuSetting[] = [];
  const plus: CpuSetting[] = [];
  const minus: CpuSetting[] = [];
  for (const token of tokens) {
    if (token === '') continue;
    if (token.startsWith('+')) plus.push({ property: propertyOf(token.slice(1)), value: 'on', token });
    else if (token.startsWith('-')) minus.push({ property: propertyOf(token.slice(1)), value: 'off', token });
    else values.push(valueSetting(token));
  }
  const settings = [...values, ...plus, ...minus];
  return { model, settings, props: new Map(settings.map(({ property, value }) => [property, value])) };
}

/** What a command line asks for; `cpu` null: the default model. */
export function invtscOf(cpu: string | null, globals: readonly QemuGlobal[]): Invtsc {
  const { model, settings } = parseQemuCpu(cpu ?? DEFAULT_MODEL);
  return decideInvtsc(model, [...globalSettings(model, globals), ...settings]);
}

/** Of a model with settings in the order in which they are applied. */
export function decideInvtsc(model: string, settings: readonly CpuSetting[]): Invtsc {
  const named = lastBoolean(settings, 'invtsc');
  const migratable = lastBoolean(settings, 'migratable');
  const frequency = settings.findLast(({ property }) => property === 'tsc-frequency');
  const tscFrequencyHz = effectiveHz(frequency?.value);
  const decided = (requested: boolean, how: 'named' | 'passthrough', by: string): Invtsc => ({
    requested,
    how: requested ? how : null,
    by,
    tscFrequencyHz,
  });
  if (named !== null) return decided(named.isOn, 'named', named.token);
  if (PASSTHROUGH.includes(model)) {
    if (migratable?.isOn === false) return decided(true, 'passthrough', migratable.token);
    if (frequency !== undefined && tscFrequencyHz !== null) {
      return decided(true, 'passthrough', frequency.token);
    }
  }
  return { requested: false, how: null, by: '', tscFrequencyHz };
}

/** The globals that reach a CPU of this model: those for its own type and for the types that it is derived from. */
export function globalSettings(model: string, globals: readonly QemuGlobal[]): CpuSetting[] {
  // What is for `max` is for `host` too, which is derived from it.
  const models = model === 'host' ? [model, 'max'] : [model];
  const types = ['cpu', ...ARCHES, ...models.flatMap((one) => ARCHES.map((arch) => `${one}-${arch}`))];
  return globals
    .filter(({ driver }) => types.includes(driver))
    .map(({ driver, property, value }) => ({
      property,
      value,
      token: `-global ${driver}.${property}=${value}`,
    }));
}

/** Of qemu-system-x86_64. */
const DEFAULT_MODEL = 'qemu64';
const ARCHES = ['x86_64-cpu', 'i386-cpu'];
/** Models that take over what the host has, and the only ones with a property `migratable`. */
const PASSTHROUGH = ['host', 'max'];

function valueSetting(token: string): CpuSetting {
  const equals = token.indexOf('=');
  const property = propertyOf(equals < 0 ? token : token.slice(0, equals));
  const value = equals < 0 ? 'on' : token.slice(equals + 1);
  if (property !== 'tsc-freq') return { property, value, token };
  return { property: 'tsc-frequency', value: metricInteger(value) ?? value, token };
}

function propertyOf(name: string): string {
  return name.replaceAll('_', '-');
}

function lastBoolean(
  settings: readonly CpuSetting[],
  property: string,
): { isOn: boolean; token: string } | null {
  const last = settings.findLast((one) => one.property === property && isBoolean(one.value));
  return last === undefined ? null : { isOn: isOn(last.value), token: last.token };
}

/** A C integer of 64 bits; with a larger one qemu does not start. It keeps kHz: less than one of them is none. */
function effectiveHz(text: string | undefined): number | null {
  const digits = /^\s*\+?(0x[0-9a-f]+|[0-9]+)$/i.exec(text ?? '')?.[1];
  if (digits === undefined) return null;
  const hz = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return hz >= 1000 && hz < 2 ** 63 ? hz : null;
}

/** `2.5G` is 2500000000 (qemu_strtosz_metric in util/cutils.c); null where qemu refuses it. */
function metricInteger(text: string): string | null {
  const [, whole, fraction, suffix = ''] = /^\s*([0-9]+)(?:\.([0-9]*))?([bkmgtpe]?)$/i.exec(text) ?? [];
  if (whole === undefined) return null;
  const factor = 1000 ** Math.max(0, 'bkmgtpe'.indexOf(suffix.toLowerCase()));
  if (fraction !== undefined && factor === 1) return null;
  return String(Number(whole) * factor + Math.trunc(Number(`0.${fraction ?? ''}0`) * factor));
}
