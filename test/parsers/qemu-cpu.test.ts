import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { invtscOf, parseQemuCpu } from '../../lib/parsers/qemu-cpu.ts';

describe('the CPU of a guest', () => {
  it('has what is written before +, and + before -', () => {
    const { model, props, settings } = parseQemuCpu('Haswell,-a_1,+b,a-1=on,,b=off,c');
    expect(model).toBe('Haswell');
    expect(settings.map(({ token }) => token)).toEqual(['a-1=on', 'b=off', 'c', '+b', '-a_1']);
    expect([...props]).toEqual([
      ['a-1', 'off'],
      ['b', 'on'],
      ['c', 'on'],
    ]);
  });

  it.each([
    ['', '', []],
    ['qemu64', 'qemu64', []],
    ['host,hv-vendor-id=a=b', 'host', [['hv-vendor-id', 'a=b']]],
    ['host,x=', 'host', [['x', '']]],
    ['host,tsc_freq=2.5G', 'host', [['tsc-frequency', '2500000000']]],
  ])('%j is the model %j with %j', (cpu, model, props) => {
    const parsed = parseQemuCpu(cpu);
    expect(parsed.model).toBe(model);
    expect([...parsed.props]).toEqual(props);
  });

  it('is read from any text', () => {
    const token = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('+', '-', '=', 'tsc-freq=1e9', '+invtsc'),
    );
    fc.assert(
      fc.property(fc.array(token), fc.array(fc.tuple(token, token, token)), (tokens, triples) => {
        const globals = triples.map(([driver, property, value]) => ({ driver, property, value }));
        const invtsc = invtscOf(tokens.join(','), globals);
        expect(invtsc.how === null).toBe(!invtsc.requested);
      }),
    );
  });
});

describe('the invariant TSC', () => {
  // The table of x86_cpu_parse_featurestr and max_features in target/i386/cpu.c; qemu 7.2 agrees (qemu-cpu.oracle.test.ts).
  it.each([
    ['Haswell', null, '', null],
    ['Haswell,+invtsc', 'named', '+invtsc', null],
    ['Haswell,invtsc', 'named', 'invtsc', null],
    ['Haswell,invtsc=on', 'named', 'invtsc=on', null],
    ['Haswell,invtsc=true', 'named', 'invtsc=true', null],
    ['Haswell,invtsc=yes', 'named', 'invtsc=yes', null],
    ['Haswell,invtsc=y', 'named', 'invtsc=y', null],
    ['Haswell,invtsc=n', null, 'invtsc=n', null],
    ['Haswell,invtsc=ON', null, '', null],
    ['Haswell,invtsc=off', null, 'invtsc=off', null],
    ['Haswell,-invtsc', null, '-invtsc', null],
    ['Haswell,invtsc=off,invtsc=on', 'named', 'invtsc=on', null],
    ['Haswell,invtsc=on,invtsc=off', null, 'invtsc=off', null],
    ['Haswell,+invtsc,invtsc=off', 'named', '+invtsc', null],
    ['Haswell,-invtsc,invtsc=on', null, '-invtsc', null],
    ['Haswell,-invtsc,+invtsc', null, '-invtsc', null],
    ['Haswell,+invtscx', null, '', null],
    ['Haswell,invtsc=on,tsc-frequency=4567890000', 'named', 'invtsc=on', 4567890000],
    ['Haswell,+invtsc,tsc_frequency=4567890000', 'named', '+invtsc', 4567890000],
    ['Haswell,tsc-frequency=4567890000', null, '', 4567890000],
    ['host', null, '', null],
    ['max', null, '', null],
    ['host,migratable=on', null, '', null],
    ['host,migratable=off', 'passthrough', 'migratable=off', null],
    ['host,migratable=no', 'passthrough', 'migratable=no', null],
    ['host,migratable=n', 'passthrough', 'migratable=n', null],
    ['host,migratable=yes', null, '', null],
    ['host,-migratable', 'passthrough', '-migratable', null],
    ['host,+migratable,migratable=off', null, '', null],
    ['max,migratable=false', 'passthrough', 'migratable=false', null],
    ['host,migratable=off,-invtsc', null, '-invtsc', null],
    ['host,migratable=off,invtsc=off', null, 'invtsc=off', null],
    ['host,migratable=off,+invtsc', 'named', '+invtsc', null],
    ['host,+invtsc', 'named', '+invtsc', null],
    ['host,tsc-frequency=2000000000', 'passthrough', 'tsc-frequency=2000000000', 2000000000],
    ['host,migratable=off,tsc-frequency=2000000000', 'passthrough', 'migratable=off', 2000000000],
    ['host,tsc-frequency=999', null, '', null],
  ])('of %s is %j by %j, its frequency %j', (cpu, how, by, tscFrequencyHz) => {
    expect(invtscOf(cpu, [])).toEqual({ requested: how !== null, how, by, tscFrequencyHz });
  });

  // Command lines of the field, abridged: a Windows container, NixOS, Proxmox.
  it.each([
    ['host,kvm=on,l3-cache=on,+hypervisor,migratable=no,+invtsc', 'named', null],
    ['host,invtsc=on,arch-capabilities=on,kvm-pv-eoi=off,host-phys-bits=on', 'named', null],
    [
      'host,kvm=off,hv-vendor-id=GenuineIntel,-hypervisor,+pcid,+invtsc,tsc-frequency=3600000000',
      'named',
      3600000000,
    ],
    ['SandyBridge,+invtsc,+erms,+smep,+fsgsbase,+pdpe1gb,+rdrand,+f16c', 'named', null],
  ])('of %s is found', (cpu, how, tscFrequencyHz) => {
    expect(invtscOf(cpu, [])).toMatchObject({ requested: true, how, tscFrequencyHz });
  });

  it.each([
    ['tsc-frequency=999', null],
    ['tsc-frequency=1000', 1000],
    ['tsc-frequency=0x10000000', 0x10000000],
    ['tsc-frequency=010000', 0o10000],
    ['tsc-frequency=0X10000000', 0x10000000],
    ['tsc-frequency=2400000000x', null],
    ['tsc-frequency=x2400000000', null],
    ['tsc-frequency=-5000', null],
    ['tsc-frequency=2G', null],
    ['tsc-frequency=9223372036854775808', null],
    ['tsc-frequency=2400000000,tsc-frequency=0', null],
    ['tsc-frequency=2400000000,tsc-freq=1G', 1000000000],
    ['tsc-freq=2.5G', 2500000000],
    ['tsc-freq=2500m', 2500000000],
    ['tsc-freq=2300000k', 2300000000],
    ['tsc-freq=2300000000', 2300000000],
    // The short name alone is a size: no octal (7.2 says 10000).
    ['tsc-freq=010000', 10000],
    ['tsc-freq=0x10000000', 0x10000000],
    ['tsc-freq=2.G', 2000000000],
    ['tsc-freq=x2G', null],
    // "bad numerical value .5G", says 7.2.
    ['tsc-freq=.5G', null],
    ['tsc-freq=2300000000.5', null],
    ['tsc-freq=2.', null],
    ['tsc-freq=2.5', null],
    ['tsc-freq=1.5e3', null],
    ['tsc-freq=3kB', null],
  ])('with %s has the frequency %j', (tokens, tscFrequencyHz) => {
    expect(invtscOf(`qemu64,${tokens}`, []).tscFrequencyHz).toBe(tscFrequencyHz);
  });

  const global = (driver: string, property: string, value: string) => ({ driver, property, value });

  it.each([
    ['qemu64', global('cpu', 'invtsc', 'on'), true],
    ['qemu64', global('x86_64-cpu', 'invtsc', 'on'), true],
    ['qemu64', global('i386-cpu', 'invtsc', 'on'), true],
    ['qemu64', global('qemu64-x86_64-cpu', 'invtsc', 'on'), true],
    [null, global('qemu64-x86_64-cpu', 'invtsc', 'on'), true],
    ['Westmere', global('qemu64-x86_64-cpu', 'invtsc', 'on'), false],
    // "global X86CPU.invtsc has invalid class name", says qemu, and goes on.
    ['qemu64', global('X86CPU', 'invtsc', 'on'), false],
    ['qemu64,invtsc=off', global('cpu', 'invtsc', 'on'), false],
    ['qemu64,-invtsc', global('cpu', 'invtsc', 'on'), false],
    ['qemu64,+invtsc', global('cpu', 'invtsc', 'off'), true],
    ['qemu64,invtsc=on', global('cpu', 'invtsc', 'off'), true],
    ['host', global('host-x86_64-cpu', 'migratable', 'off'), true],
    ['host', global('max-x86_64-cpu', 'migratable', 'off'), true],
    ['max', global('host-x86_64-cpu', 'migratable', 'off'), false],
    ['qemu64', global('max-x86_64-cpu', 'invtsc', 'on'), false],
  ])('of %s with %j is requested: %s', (cpu, one, requested) => {
    expect(invtscOf(cpu, [one]).requested).toBe(requested);
  });

  it('is decided by the last of several globals, and names it', () => {
    const globals = [global('qemu64-x86_64-cpu', 'invtsc', 'off'), global('cpu', 'invtsc', 'on')];
    expect(invtscOf('qemu64', globals)).toMatchObject({ requested: true, by: '-global cpu.invtsc=on' });
    expect(invtscOf('qemu64', globals.toReversed())).toMatchObject({ requested: false });
  });
});
