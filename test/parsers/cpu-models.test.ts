import { describe, expect, it } from 'vitest';

import { featuresOfModel, kernelFlag } from '../../lib/parsers/cpu-models.ts';

describe('a CPU model', () => {
  it.each([
    ['Haswell', ['ssse3', 'avx2', 'hle', 'rtm'], ['ibrs']],
    ['Haswell-v1', ['avx2', 'hle', 'rtm'], []],
    ['Haswell-v2', ['avx2'], ['hle', 'rtm']],
    ['Haswell-v10', ['avx2'], ['hle', 'rtm']],
    ['Haswell-IBRS', ['avx2', 'hle', 'ibrs'], []],
    ['EPYC-IBPB', ['sse4a', 'ibpb'], []],
    ['Snowridge', ['clwb', 'mpx'], []],
    ['Snowridge-v2', ['clwb'], ['mpx']],
  ])('%s has %j and not %j', (model, has, lacks) => {
    const features = featuresOfModel(model);
    expect(features).toEqual(expect.arrayContaining(has));
    expect(features?.filter((flag) => lacks.includes(flag))).toEqual([]);
  });

  it.each(['qemu64', 'kvm32', 'base', 'pentium', 'pentium3', 'Opteron_G1', 'kvm64-v1'])(
    'of the beginnings needs nothing: %s',
    (model) => {
      expect(featuresOfModel(model)).toEqual([]);
    },
  );

  it.each(['', '-v2', 'Haswell-v', 'Haswell-EP', 'myqemu64', 'qemu64x', 'pentium4', 'base2', 'nehalem'])(
    'that nobody knows here is not taken for one without needs: %j',
    (model) => {
      expect(featuresOfModel(model)).toBeNull();
    },
  );
});

// Left as qemu 7.2 or libvirt 9 (cpu_map/x86_features.xml) call it, right as arch/x86/include/asm/cpufeatures.h of Linux 6.1 does.
it.each([
  ['sse3', 'pni'],
  ['pclmuldq', 'pclmulqdq'],
  ['ds', 'dts'],
  ['i64', 'lm'],
  ['xd', 'nx'],
  ['ffxsr', 'fxsr_opt'],
  ['fxsr-opt', 'fxsr_opt'],
  ['avx512vnni', 'avx512_vnni'],
  ['avx512vbmi2', 'avx512_vbmi2'],
  ['avx512bitalg', 'avx512_bitalg'],
  ['avx512-vpopcntdq', 'avx512_vpopcntdq'],
  ['spec-ctrl', 'ibrs'],
  ['amd-ssbd', 'ssbd'],
  ['amd-stibp', 'stibp'],
  ['cr8legacy', 'cr8_legacy'],
  ['tsc-deadline', 'tsc_deadline_timer'],
  ['sse4.1', 'sse4_1'],
  ['sse4-2', 'sse4_2'],
  ['avx2', 'avx2'],
])('the feature %s is %s in /proc/cpuinfo', (feature, flag) => {
  expect(kernelFlag(feature)).toBe(flag);
});
