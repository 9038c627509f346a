/**
 * The features that tell the CPU models of qemu apart, called as /proc/cpuinfo calls them (builtin_x86_defs in
 * target/i386/cpu.c of qemu 7.2; cpu-models.oracle.test.ts holds them against qemu itself and libvirt's cpu_map/x86_*.xml). For a host
 * that has no libvirt to ask whether it can run a model.
 *
 * Only what a guest needs of the host's CPU: what KVM emulates on any (x2apic, tsc_deadline_timer) is left out, what every CPU
 * of 64 bits has, and what belongs to virtualization within the guest (svm, npt).
 */

/** Each model with the one that it extends. */
const MODELS = `
  Conroe: ssse3
  Penryn: Conroe cx16 sse4_1
  Nehalem: Penryn popcnt sse4_2
  Westmere: Nehalem aes pclmulqdq
  SandyBridge: Westmere avx rdtscp xsave xsaveopt
  IvyBridge: SandyBridge erms f16c fsgsbase rdrand smep
  Haswell-noTSX: IvyBridge abm avx2 bmi1 bmi2 fma invpcid movbe pcid
  Haswell: Haswell-noTSX hle rtm
  Broadwell-noTSX: Haswell-noTSX 3dnowprefetch adx rdseed smap
  Broadwell: Broadwell-noTSX hle rtm
  Skylake-Client-noTSX: Broadwell-noTSX xsavec
  Skylake-Client: Broadwell xsavec
  Skylake-Server-noTSX: Skylake-Client-noTSX avx512bw avx512cd avx512dq avx512f avx512vl clwb pdpe1gb pku
  Skylake-Server: Skylake-Server-noTSX hle rtm
  Cascadelake-Server-noTSX: Skylake-Server-noTSX avx512_vnni clflushopt
  Cascadelake-Server: Skylake-Server avx512_vnni clflushopt
  Cooperlake: Cascadelake-Server avx512_bf16
  Icelake-Server-noTSX: Cascadelake-Server-noTSX avx512_bitalg avx512_vbmi2 avx512_vpopcntdq avx512vbmi gfni la57 vaes vpclmulqdq wbnoinvd
  Icelake-Server: Icelake-Server-noTSX hle rtm
  KnightsMill: IvyBridge 3dnowprefetch abm adx avx2 avx512_4fmaps avx512_4vnniw avx512_vpopcntdq avx512cd avx512er avx512f avx512pf bmi1 bmi2 fma movbe pdpe1gb rdseed
  Denverton: Westmere 3dnowprefetch clflushopt erms fsgsbase movbe mpx pdpe1gb rdrand rdseed rdtscp sha_ni smap smep xsave xsavec xsaveopt
  Snowridge: Denverton cldemote clwb gfni movdir64b movdiri
  Opteron_G2: cx16
  Opteron_G3: Opteron_G2 abm misalignsse popcnt rdtscp sse4a
  Opteron_G4: Westmere 3dnowprefetch abm avx fma4 misalignsse pdpe1gb rdtscp sse4a xop xsave
  Opteron_G5: Opteron_G4 f16c fma tbm
  EPYC: SandyBridge 3dnowprefetch abm adx avx2 bmi1 bmi2 clflushopt f16c fma fsgsbase fxsr_opt misalignsse mmxext movbe pdpe1gb rdrand rdseed sha_ni smap smep sse4a xsavec
  EPYC-Rome: EPYC clwb clzero rdpid wbnoinvd xsaveerptr
  EPYC-Milan: EPYC-Rome erms fsrm invpcid pcid pku
  Dhyana: Opteron_G3 3dnowprefetch adx avx avx2 bmi1 bmi2 clflushopt f16c fma fsgsbase fxsr_opt mmxext movbe pdpe1gb rdrand rdseed smap smep sse4_1 sse4_2 ssse3 xsave xsavec xsaveopt`;

/** Models that need nothing that a host of today could lack. */
const PLAIN =
  /^(?:qemu|kvm)(?:32|64)$|^(?:base|486|pentium[23]?|athlon|phenom|coreduo|core2duo|n270|Opteron_G1)$/;

/** Those of TSX and MPX, which later versions of some models do without. */
const DROPPED = ['hle', 'rtm', 'mpx'];

/** Null: the model is not known here. `-IBRS` and `-IBPB` are the same CPU with mitigations. */
export function featuresOfModel(model: string): readonly string[] | null {
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
  const [, name = '', mitigation, version] = /^(.*?)(?:-(IBRS|IBPB))?(?:-v([0-9]+))?$/.exec(model) ?? [];
  if (!known.has(name)) return PLAIN.test(name) ? [] : null;
  const dropped = version === undefined || version === '1' ? [] : DROPPED;
  const features = resolve(name).filter((flag) => !dropped.includes(flag));
  return mitigation === undefined ? features : [...features, mitigation.toLowerCase()];
}

/** Where the kernel's name is not qemu's with `_` for the other signs. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['sse3', 'pni'],
  ['pclmuldq', 'pclmulqdq'],
  ['ds', 'dts'],
  ['i64', 'lm'],
  ['xd', 'nx'],
  ['ffxsr', 'fxsr_opt'],
  ['avx512vnni', 'avx512_vnni'],
  ['avx512vbmi2', 'avx512_vbmi2'],
  ['avx512bitalg', 'avx512_bitalg'],
  ['spec_ctrl', 'ibrs'],
  ['amd_ssbd', 'ssbd'],
  ['amd_stibp', 'stibp'],
  ['cr8legacy', 'cr8_legacy'],
  ['tsc_deadline', 'tsc_deadline_timer'],
]);

/** A feature as qemu and libvirt call it (`sse4.1`, `avx512-vnni`) in the words of /proc/cpuinfo. */
export function kernelFlag(feature: string): string {
  const plain = feature.replace(/[-.]/g, '_');
  return NAMES.get(plain) ?? plain;
}
