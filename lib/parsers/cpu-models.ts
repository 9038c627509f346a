/**
 * The features that tell the CPU models of qemu apart, called as /proc/cpuinfo calls them (builtin_x86_defs in
 * target/i386/cpu.c; the same in libvirt's cpu_map/x86_*.xml). For a host that has no libvirt to ask whether it can run a model.
 *
 * Only what a guest needs of the host's CPU: what KVM emulates on any (x2apic, tsc_deadline_timer) is left out, and so is what
 * every CPU of 64 bits has.
 */

/** Each model with the one that it extends. */
const MODELS = `
  Conroe: ssse3
  Penryn: Conroe sse4_1 cx16
  Nehalem: Penryn sse4_2 popcnt
  Westmere: Nehalem aes
  SandyBridge: Westmere avx xsave pclmulqdq rdtscp
  IvyBridge: SandyBridge f16c fsgsbase rdrand smep erms
  Haswell-noTSX: IvyBridge avx2 bmi1 bmi2 fma movbe invpcid pcid
  Haswell: Haswell-noTSX hle rtm
  Broadwell-noTSX: Haswell-noTSX adx rdseed smap 3dnowprefetch
  Broadwell: Broadwell-noTSX hle rtm
  Skylake-Client-noTSX: Broadwell-noTSX xsavec xgetbv1
  Skylake-Client: Skylake-Client-noTSX hle rtm
  Skylake-Server-noTSX: Skylake-Client-noTSX avx512f avx512bw avx512cd avx512dq avx512vl clwb pdpe1gb
  Skylake-Server: Skylake-Server-noTSX hle rtm
  Cascadelake-Server-noTSX: Skylake-Server-noTSX avx512_vnni
  Cascadelake-Server: Cascadelake-Server-noTSX hle rtm
  Cooperlake: Cascadelake-Server avx512_bf16
  Icelake-Server-noTSX: Skylake-Server-noTSX avx512_vnni avx512vbmi avx512_vbmi2 avx512_bitalg avx512_vpopcntdq gfni vaes vpclmulqdq
  Icelake-Server: Icelake-Server-noTSX hle rtm
  Opteron_G3: cx16 popcnt abm misalignsse sse4a
  Opteron_G4: Opteron_G3 aes avx fma4 pclmulqdq sse4_1 sse4_2 ssse3 xop xsave
  Opteron_G5: Opteron_G4 f16c fma tbm
  EPYC: aes avx avx2 bmi1 bmi2 clflushopt cx16 f16c fma fsgsbase movbe pclmulqdq popcnt rdrand rdseed sha_ni smap smep sse4a xsavec
  EPYC-Rome: EPYC clwb
  EPYC-Milan: EPYC-Rome erms invpcid pcid pku vaes vpclmulqdq`;

/** `-IBRS`, `-IBPB` and `-v2` are the same CPU with mitigations, or in another version. */
export function featuresOfModel(model: string): readonly string[] {
  const known = new Map(
    MODELS.trim()
      .split('\n')
      .map((line): [string, readonly string[]] => {
        const [name = '', rest = ''] = line.trim().split(': ');
        return [name, rest.split(' ')];
      }),
  );
  const resolve = (name: string): readonly string[] =>
    (known.get(name) ?? []).flatMap((word) => (known.has(word) ? resolve(word) : [word]));
  return resolve(model.replace(/-v[0-9]+$/, '').replace(/-IB(?:RS|PB)$/, ''));
}

/** Where the kernel's name is not qemu's with `_` for the other signs. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['sse3', 'pni'],
  ['pclmuldq', 'pclmulqdq'],
  ['ds', 'dts'],
  ['i64', 'lm'],
  ['xd', 'nx'],
  ['ffxsr', 'fxsr_opt'],
  ['lzcnt', 'abm'],
  ['sha_ni', 'sha_ni'],
  ['tsc_deadline', 'tsc_deadline_timer'],
  ['sse4', 'sse4_1'],
]);

/** A feature as qemu and libvirt call it (`sse4.1`, `avx512-vnni`) in the words of /proc/cpuinfo. */
export function kernelFlag(feature: string): string {
  const plain = feature.replace(/[-.]/g, '_');
  return NAMES.get(plain) ?? plain;
}
