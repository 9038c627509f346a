/** The table of CPU models against those who know: the models of a real qemu, and libvirt's. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { featuresOfModel, kernelFlag } from '../../lib/parsers/cpu-models.ts';
import { lab, scratch } from '../lab/lab.ts';
import { runPlugin } from '../lab/process.ts';
import { ORACLE } from './qemu-oracle.ts';

/** What every CPU of 64 bits has, or KVM gives to any guest; what /proc/cpuinfo does not show; virtualization within the guest. */
const LEFT_OUT =
  /^(?:apic|clflush|cmov|cx8|de|fpu|fxsr|lm|mca|mce|mmx|msr|mtrr|nx|pae|pat|pge|pni|pse|pse36|sep|sse|sse2|syscall|tsc|lahf_lm|vme|ss|x2apic|tsc_deadline_timer|arat|ht|umip|hypervisor|xsaves|xgetbv1|ibrs|ibpb|ssbd|stibp|monitor|acpi|svm|npt|nrip_save|svme_addr_chk|vgif|cr8_legacy|osvw|perfctr_core|topoext|pcommit|intel_pt|3dnow|3dnowext|arch_capabilities|core_capability|split_lock_detect|rdctl_no|ibrs_all|skip_l1dfl_vmentry|mds_no|pschange_mc_no|taa_no|cpuid_0xb|check|fill_mtrr_mask|full_cpuid_auto_level|kvm|l3_cache|legacy_cache|migratable|pmu|tcg_cpuid|vmware_cpuid_freq|x_.*|cmp_legacy|invtsc)$/;

/** Models for an emulated world of 32 bits, and the host's own. */
const PASSED_OVER =
  /^(?:host|max|athlon|phenom|core2?duo|n270|pentium.*|486|base|(?:qemu|kvm)(?:32|64))(?:-v1)?$/;

/** Its first version only has it, and -IBRS is the second. */
const FIRST_ONLY = 'Skylake-Server clflushopt';

lab(ORACLE, 'the CPU models of qemu', () => {
  let models: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(async () => {
    const ask = (execute: string, more: object = {}): string => `${JSON.stringify({ execute, ...more })}\n`;
    const qemu = async (lines: readonly string[]): Promise<readonly { id?: string; return?: unknown }[]> => {
      // It ends as soon as it is told to, and drops what nobody has read yet: told so when the last answer was read.
      const script =
        'exec 3<&0; { cat <&3; while [ "$(grep -c "\\"id\\":" "$1")" -lt "$2" ]; do sleep 0.1; done; echo "$3"; } |' +
        'qemu-system-x86_64 -machine none -accel tcg -nodefaults -display none -qmp stdio >"$1"; cat "$1"';
      const answers = join(scratch(), 'answers');
      writeFileSync(answers, '');
      const { stdout } = await runPlugin(
        ['sh', '-c', script, 'sh', answers, String(lines.length), ask('quit')],
        [],
        { input: [ask('qmp_capabilities'), ...lines].join(''), timeoutSeconds: 60 },
      );
      return stdout.trim().split('\n').map((line) => JSON.parse(line) as { id?: string; return?: unknown }); // prettier-ignore
    };
    const [listed] = (await qemu([ask('query-cpu-definitions', { id: 'all' })])).filter(
      ({ id }) => id === 'all',
    );
    const names = (listed?.return as readonly { name: string }[]).map(({ name }) => name);
    const expanded = await qemu(
      names.map((name) =>
        ask('query-cpu-model-expansion', { id: name, arguments: { type: 'full', model: { name } } }),
      ),
    );
    models = new Map(
      expanded.flatMap(({ id, return: told }) => {
        const props = (told as { model?: { props: Record<string, unknown> } } | undefined)?.model?.props;
        if (id === undefined || props === undefined) return [];
        const on = Object.keys(props).filter((key) => props[key] === true);
        return [[id, new Set(on.map(kernelFlag))] as const];
      }),
    );
  });

  it('have all that the table says, each version too: nothing is missed where nothing is missing', () => {
    expect(models.size).toBeGreaterThan(100);
    for (const [name, features] of models) {
      if (PASSED_OVER.test(name)) continue;
      const wrong = (featuresOfModel(name) ?? []).filter((flag) => !features.has(flag));
      expect({ name, wrong }).toEqual({ name, wrong: [] });
    }
  });

  it('are all in the table, with all that tells them apart', () => {
    for (const [name, features] of models) {
      if (PASSED_OVER.test(name) || /-v[0-9]+$/.test(name)) continue;
      const mine = featuresOfModel(name);
      const lacking = [...features].filter(
        (flag) => !LEFT_OUT.test(flag) && mine?.includes(flag) !== true && `${name} ${flag}` !== FIRST_ONLY,
      );
      expect({ name, lacking }).toEqual({ name, lacking: [] });
    }
  });
});

// Package libvirt0, which virsh needs.
const CPU_MAP = '/usr/share/libvirt/cpu_map';
lab(['virsh', CPU_MAP], 'the CPU models of libvirt', () => {
  it('have what the table says, but for what only qemu adds', () => {
    const files = readdirSync(CPU_MAP).filter((file) => /^x86_(?!features|vendors)/.test(file));
    expect(files.length).toBeGreaterThan(40);
    const added = files.flatMap((file) => {
      const xml = readFileSync(join(CPU_MAP, file), 'utf8');
      const [, name = ''] = /<model name='([^']+)'>/.exec(xml) ?? [];
      const theirs = [...xml.matchAll(/<feature name='([^']+)'/g)].map(([, feature = '']) =>
        kernelFlag(feature),
      );
      return (featuresOfModel(name) ?? [])
        .filter((flag) => !theirs.includes(flag))
        .map((flag) => `${name} ${flag}`);
    });
    expect(added.filter((one) => !ONLY_QEMU.test(one))).toEqual([]);
  });
});

/** libvirt leaves its models as they were when they came, and adds the rest by name (cpu_map/x86_*.xml). */
const ONLY_QEMU =
  /^(?:(?:Haswell|Broadwell)\S* (?:xsaveopt|f16c|rdrand|abm)|(?:Cascadelake|Skylake)-Server\S* pku|(?:IvyBridge|SandyBridge)\S* xsaveopt|Snowridge mpx|Westmere\S* pclmulqdq)$/;
