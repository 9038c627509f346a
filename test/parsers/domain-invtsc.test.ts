import { describe, expect, it } from 'vitest';

import { definitionInvtsc, type DefinitionInvtsc } from '../../lib/parsers/domain-invtsc.ts';
import { parseDomainXml } from '../../lib/parsers/domain-xml.ts';

interface Parts {
  readonly arch?: string;
  readonly clock?: string;
  readonly args?: readonly string[];
}

async function invtsc(
  cpu: string,
  { arch = 'x86_64', clock = '', args = [] }: Parts = {},
): Promise<DefinitionInvtsc> {
  const passed = args.map((arg) => `<qemu:arg value='${arg}'/>`).join('');
  return definitionInvtsc(
    await parseDomainXml(`<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
      <name>a</name><os><type arch='${arch}'>hvm</type></os>${cpu}<clock offset='utc'>${clock}</clock>
      <qemu:commandline>${passed}</qemu:commandline></domain>`),
  );
}

const custom = (policy: string): string =>
  `<cpu mode='custom' match='exact'><model>Haswell</model><feature ${policy} name='invtsc'/></cpu>`;
const TIMER = "<timer name='tsc' frequency='4567890000'/>";
const REQUIRED = "<feature policy='require' name='invtsc'/>";
const HOST_OFF = "<cpu mode='host-passthrough' migratable='off'/>";
const none = { requested: false, how: null, by: '', tscFrequencyHz: null, optional: false };

describe('a definition', () => {
  // qemuBuildCpuFeature and qemuBuildCpuModelArgStr in src/qemu/qemu_command.c
  it.each([
    ['', none],
    ['<cpu><model>Haswell</model></cpu>', none],
    ["<cpu><topology sockets='1'/></cpu>", none],
    [custom("policy='require'"), { ...none, requested: true, how: 'named', by: REQUIRED }],
    [custom(''), { ...none, requested: true, how: 'named', by: REQUIRED }],
    [
      custom("policy='force'"),
      { ...none, requested: true, how: 'named', by: REQUIRED.replace('require', 'force') },
    ],
    [custom("policy='disable'"), { ...none, by: REQUIRED.replace('require', 'disable') }],
    [custom("policy='forbid'"), { ...none, by: REQUIRED.replace('require', 'forbid') }],
    [custom("policy='optional'"), { ...none, optional: true }],
    [custom("policy='require'").replace('invtsc', 'tsc_adjust'), none],
    [
      `<cpu mode='host-model'><model fallback='allow'/>${REQUIRED}</cpu>`,
      { ...none, requested: true, how: 'named', by: REQUIRED },
    ],
    ["<cpu mode='host-passthrough'/>", none],
    ["<cpu mode='host-passthrough' check='none' migratable='on'/>", none],
    [
      HOST_OFF,
      { ...none, requested: true, how: 'passthrough', by: "<cpu mode='host-passthrough' migratable='off'>" },
    ],
    [
      "<cpu mode='maximum' migratable='off'/>",
      { ...none, requested: true, how: 'passthrough', by: "<cpu mode='maximum' migratable='off'>" },
    ],
    [
      `<cpu mode='host-passthrough' migratable='off'><feature policy='disable' name='invtsc'/></cpu>`,
      { ...none, by: REQUIRED.replace('require', 'disable') },
    ],
    [
      `<cpu mode='host-passthrough' migratable='off'><feature policy='disable' name='vmx'/>${REQUIRED}</cpu>`,
      { ...none, requested: true, how: 'named', by: REQUIRED },
    ],
    [
      "<cpu mode='host-passthrough'><feature policy='optional' name='topoext'/><feature policy='optional' name='invtsc'/></cpu>",
      { ...none, optional: true },
    ],
  ])('with %s', async (cpu, expected) => {
    expect(await invtsc(cpu)).toEqual(expected);
  });

  it('with a fixed frequency is migratable with the feature', async () => {
    // libvirt's own example: tests/qemuxml2argvdata/cpu-tsc-frequency.xml
    const cpu = `<cpu mode='host-model'><model fallback='allow'/>${REQUIRED}</cpu>`;
    expect(await invtsc(cpu, { clock: TIMER })).toEqual({
      requested: true,
      how: 'named',
      by: REQUIRED,
      tscFrequencyHz: 4567890000,
      optional: false,
    });
    expect(await invtsc(HOST_OFF, { clock: TIMER })).toMatchObject({
      requested: true,
      tscFrequencyHz: 4567890000,
    });
    expect(await invtsc("<cpu mode='host-passthrough'/>", { clock: TIMER })).toMatchObject({ by: TIMER });
  });

  it('with a frequency that qemu takes for none is not', async () => {
    const clock = "<timer name='tsc' frequency='999'/>";
    expect(await invtsc(HOST_OFF, { clock })).toMatchObject({ requested: true, tscFrequencyHz: null });
  });

  it('of another architecture has no such thing', async () => {
    expect(await invtsc(HOST_OFF, { arch: 'aarch64' })).toEqual(none);
    expect((await invtsc(HOST_OFF, { arch: 'i686' })).requested).toBe(true);
  });

  it.each<[string[], Partial<DefinitionInvtsc>]>([
    [['-cpu', 'Westmere,+invtsc'], { requested: true, how: 'named', by: '+invtsc', tscFrequencyHz: null }],
    [['-cpu', 'Westmere,+invtsc', '-cpu', 'Westmere'], { requested: false, by: '' }],
    [['-cpu', 'host,migratable=off'], { requested: true, how: 'passthrough', by: 'migratable=off' }],
    [['-cpu', 'max', '-global', 'cpu.invtsc=on'], { requested: true, by: '-global cpu.invtsc=on' }],
    [['-append', '-cpu', '-S'], { requested: false, by: REQUIRED.replace('require', 'disable') }],
  ])('with the arguments %j for qemu', async (args, expected) => {
    expect(await invtsc(custom("policy='disable'"), { args, clock: TIMER })).toMatchObject(expected);
  });

  it('that names no architecture is one of x86', async () => {
    const text = "<domain type='kvm'><name>a</name><cpu mode='host-passthrough' migratable='off'/></domain>";
    expect(definitionInvtsc(await parseDomainXml(text))).toMatchObject({ how: 'passthrough' });
  });

  it('is optional by the policy of this feature, not by that of another', async () => {
    const other = "<feature policy='optional' name='vmx'/>";
    const optional = REQUIRED.replace('require', 'optional');
    const cpu = (features: string): string => `<cpu><model>Haswell</model>${features}</cpu>`;
    expect(await invtsc(cpu(optional + other.replace('optional', 'require')))).toMatchObject({ optional: true });
    expect(await invtsc(cpu(REQUIRED + other))).toMatchObject({ requested: true, optional: false });
  }); // prettier-ignore

  it('without a frequency of its own keeps that of -global', async () => {
    const args = ['-global', 'cpu.tsc-frequency=2400000000'];
    expect((await invtsc(HOST_OFF, { args })).tscFrequencyHz).toBe(2400000000);
    expect((await invtsc(HOST_OFF, { args, clock: TIMER })).tscFrequencyHz).toBe(4567890000);
  });

  it('whose -cpu for qemu replaces everything is not optional, either', async () => {
    expect(await invtsc(custom("policy='optional'"), { args: ['-cpu', 'Westmere'] })).toEqual(none);
    expect(await invtsc(custom("policy='require'"), { args: ['-cpu', 'Westmere'], clock: TIMER })).toEqual(
      none,
    );
  });

  it.each([
    [custom("policy='require'"), 'cpu.invtsc=off', true],
    [custom("policy='disable'"), 'cpu.invtsc=on', false],
    ['<cpu><model>Haswell</model></cpu>', 'Haswell-x86_64-cpu.invtsc=on', true],
    ['<cpu><model>Haswell</model></cpu>', 'Westmere-x86_64-cpu.invtsc=on', false],
    ["<cpu mode='host-passthrough'/>", 'host-x86_64-cpu.migratable=off', true],
  ])('%s with -global %s: requested %s', async (cpu, global, requested) => {
    expect((await invtsc(cpu, { args: ['-global', global] })).requested).toBe(requested);
  });
});
