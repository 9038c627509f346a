/** What is odd about the running kernel where no newer one waits, and whether it can still load modules. */
import type { InstalledKernels, KernelFacts } from '../facts/kernels.ts';
import type { Finding } from '../report/finding.ts';
import type { KernelView } from './kernel-view.ts';
import { reboot } from './reboot-required.ts';

export type RunningKind = 'running-newer' | 'unpackaged' | 'modules-gone';

/** The running kernel is the newest of its kind: or is there none of its kind? */
export function withoutNewer(
  { running, same, own, version }: KernelView,
  { found, unread }: InstalledKernels,
): readonly Finding<RunningKind>[] {
  const [newest] = same;
  if (newest === undefined) {
    if (unread.length > 0) return [];
    const others = found.slice(0, 3).map(({ release }) => release);
    const text =
      others.length === 0
        ? `${running.release} runs and no kernel is installed here, so that none can be newer`
        : `${running.release} runs and is of no package, installed are others: ${others.join(', ')}`;
    return [{ kind: 'unpackaged', subject: 'kernel', text }];
  }
  const isOwnOlder = version !== null && own === newest && own.version !== version;
  // The newest, or held on purpose.
  if (own !== null && !isOwnOlder) return [];
  const runs = isOwnOlder
    ? `${running.release} runs as built for ${version}`
    : `${running.release} runs and is not installed any more`;
  const next = isOwnOlder ? newest.version : newest.release;
  return [
    {
      kind: 'running-newer',
      subject: 'kernel',
      text: `${runs}, the newest installed is older: a reboot goes back to ${next}`,
    },
  ];
}

/** Without them nothing can be loaded any more: the first mount of another file system, the first new device fails. */
export function modulesGone(
  { running, same }: KernelView,
  { modules }: KernelFacts,
): readonly Finding<RunningKind>[] {
  if (!modules.ok || modules.value.includes(running.release)) return [];
  // A kernel with everything built in, started from outside, has none; and nothing else is installed here.
  if (same.length === 0 || modules.value.length === 0) return [];
  const text = `/lib/modules/${running.release} is gone, the running kernel can load no more modules`;
  return [
    {
      kind: 'modules-gone',
      subject: 'modules',
      text,
      detail: [`there are: ${modules.value.slice(0, 5).join(', ')}`],
      repair: reboot(),
    },
  ];
}
