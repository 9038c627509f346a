/** Who else asks for a reboot: other packages, and the hypervisor below the kernel. */
import type { KernelFacts } from '../facts/kernels.ts';
import { compareRpmVersions } from '../parsers/rpm-version.ts';
import type { Finding, Repair } from '../report/finding.ts';

export type RebootKind = 'reboot-required' | 'hypervisor';

/** Packages that mean the kernel itself, which has been judged by its age. */
const OF_KERNEL = /^(?:linux-|pve-kernel-|proxmox-kernel-|kernel)/;

export function requiredFindings(
  { rebootRequired }: KernelFacts,
  isWaiting: boolean,
  cost: readonly string[],
): readonly Finding<RebootKind>[] {
  if (!rebootRequired.ok || rebootRequired.value === null) return [];
  const others = rebootRequired.value.filter((name) => !OF_KERNEL.test(name));
  if (isWaiting && others.length === 0) return [];
  const by = others.length > 0 ? others : rebootRequired.value;
  const names =
    by.length === 0
      ? ''
      : `, for ${by.slice(0, 5).join(', ')}${by.length > 5 ? ` and ${by.length - 5} more` : ''}`;
  const text = `asked for by /run/reboot-required${names}`;
  return [{ kind: 'reboot-required', subject: 'reboot', text, detail: cost, repair: reboot() }];
}

export function requiredDetail({ rebootRequired }: KernelFacts): readonly string[] {
  return rebootRequired.ok && rebootRequired.value !== null ? ['/run/reboot-required asks for it too'] : [];
}

/** Of the hypervisor, only the numbers can be compared: what the package adds to them is not in what runs. */
export function hypervisorFindings(
  { hypervisor }: KernelFacts,
  cost: readonly string[],
): readonly Finding<RebootKind>[] {
  if (hypervisor === null || hypervisor.installed === null) return [];
  const numbers = (text: string): string => /^[0-9]+(?:\.[0-9]+)*/.exec(text)?.[0] ?? '';
  const [running, installed] = [numbers(hypervisor.running), numbers(hypervisor.installed)];
  if (running === '' || compareRpmVersions(installed, running) <= 0) return [];
  const text = `Xen ${running} runs, ${installed} is installed`;
  return [
    {
      kind: 'hypervisor',
      subject: 'hypervisor',
      text,
      detail: [hypervisor.package ?? '', ...cost],
      repair: reboot(),
    },
  ];
}

export function reboot(): Repair {
  return { how: 'Reboot, when what runs here has been moved or may stop', commands: ['reboot'] };
}
