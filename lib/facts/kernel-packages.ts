/** Which kernels are installed: from dpkg's records, from rpm, else from the files that they consist of. */
import type { Ran } from '../host/ask.ts';
import { compareDpkgVersions } from '../parsers/dpkg-version.ts';
import { parseDpkgStatus } from '../parsers/dpkg-status.ts';
import { DPKG_KERNELS, flavourOfRpm, releaseOfDpkg, splitRelease } from '../parsers/kernel-release.ts';
import { parseRpmQuery, type RpmPackage } from '../parsers/rpm-query.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import { nameOf, type KernelAnswers } from './kernel-questions.ts';
import type { Hypervisor, InstalledKernel, InstalledKernels } from './kernels.ts';

/**
 * Where dpkg has none.
 *
 * @param rpm its answer; null: it was not asked
 */
export function otherKernels(
  answers: KernelAnswers,
  byDpkg: InstalledKernels,
  rpm: Reading<Ran> | null,
): InstalledKernels {
  const byRpm = rpm === null ? null : rpmKernels(rpm);
  if (byRpm !== null && byRpm.found.length > 0) return byRpm;
  // No package manager brought a kernel, or none could be asked: what is there, is there.
  const files = fileKernels(answers);
  // rpm is not run on another tree, and a package manager that is not there has nothing to say.
  const silent = (byRpm?.unread ?? []).filter(({ why }) => why !== 'absent');
  return { ...files, unread: [...byDpkg.unread, ...silent, ...files.unread] };
}

/** What dpkg says of a package that is all there (dpkg(1), package states). */
const WHOLE = new Set(['installed', 'triggers-pending', 'triggers-awaited']);
const NOT_THERE = new Set(['not-installed', 'config-files']);

/** Since when they are there is still to be asked. */
export function dpkgKernels({ dpkg }: KernelAnswers): InstalledKernels {
  const none = (unread: readonly Failure[]): InstalledKernels => ({ source: 'dpkg', found: [], unread });
  // Another distribution has no such file.
  if (!dpkg.ok) return none(dpkg.why === 'absent' ? [] : [dpkg]);
  try {
    const kernels = parseDpkgStatus(dpkg.value.bytes, DPKG_KERNELS).flatMap((one): InstalledKernel[] => {
      const release = releaseOfDpkg(one.name);
      if (release === null || NOT_THERE.has(one.state)) return [];
      return [
        {
          release,
          flavour: splitRelease(release).flavour,
          version: one.version,
          package: one.name,
          broken: WHOLE.has(one.state) ? null : one.state,
          installedAt: null,
        },
      ];
    });
    return { source: 'dpkg', found: kernels, unread: [] };
  } catch (error) {
    return none([unparsable(error, '/var/lib/dpkg/status')]);
  }
}

/** Whether dpkg brought this system: each one of it has that package (Essential). Others may have the tool only. */
export function isDpkgs({ dpkg }: KernelAnswers): boolean {
  try {
    return dpkg.ok && parseDpkgStatus(dpkg.value.bytes, ['base-files\n']).length > 0;
  } catch (error) {
    unparsable(error, '/var/lib/dpkg/status');
    return false;
  }
}

function rpmKernels(ran: Reading<Ran>): InstalledKernels {
  const none = (unread: readonly Failure[]): InstalledKernels => ({ source: 'rpm', found: [], unread });
  if (!ran.ok) return none([ran]);
  const { status, stdout, stderr } = ran.value;
  if (status !== 0) return none([failed('failed', 'rpm -qa', stderr.split('\n')[0] ?? '')]);
  try {
    const packages = parseRpmQuery(stdout);
    // Since RHEL 8, `kernel` only asks for `kernel-core`.
    const cores = new Set(packages.filter(({ name }) => name.endsWith('-core')).map(versionOf));
    const kernels = packages.flatMap((one): InstalledKernel[] => {
      const flavour = flavourOfRpm(one.name);
      const isMeta = !one.name.endsWith('-core') && cores.has(versionOf(one));
      if (flavour === null || isMeta) return [];
      const release = releaseOfRpm(one, flavour);
      return [
        {
          release,
          flavour,
          version: versionOf(one),
          package: `${one.name}-${versionOf(one)}.${one.arch}`,
          broken: null,
          installedAt: one.installedAt,
        },
      ];
    });
    return { source: 'rpm', found: kernels, unread: [] };
  } catch (error) {
    return none([unparsable(error, 'rpm -qa')]);
  }
}

function versionOf({ version, release }: RpmPackage): string {
  return `${version}-${release}`;
}

const SUSE_FLAVOURS = new Set([
  'default',
  'azure',
  'preempt',
  'desktop',
  'kvmsmall',
  'longterm',
  'trace',
  'pae',
]);

/**
 * SUSE leaves the number of the rebuild out of the name and puts the flavour in; the others add architecture and flavour, but that
 * of real-time kernels only since these come from the sources of the others (RHEL 9.4), before it stood in the release.
 */
function releaseOfRpm(one: RpmPackage, flavour: string): string {
  // Its releases are numbers, those of all others name their distribution too.
  const isSuse = SUSE_FLAVOURS.has(flavour) || (flavour !== '' && /^[0-9.]+$/.test(one.release));
  if (isSuse) return `${one.version}-${one.release.replace(/\.[0-9]+$/, '')}-${flavour}`;
  const isNamed = /^(?:uek|lt|ml|plus)?$/.test(flavour) || /\.rt[0-9]/.test(one.release);
  return `${versionOf(one)}.${one.arch}${isNamed ? '' : `+${flavour}`}`;
}

/** Images in /boot and directories of modules; a directory that only holds what somebody built for a kernel is none. */
function fileKernels({ boot, modules }: KernelAnswers): InstalledKernels {
  const kernels = new Map<string, InstalledKernel>();
  for (const { path, stat, order, package: base, image } of modules.ok ? modules.value.found : []) {
    if (!order.ok && !base.ok && !image.ok) continue;
    kernels.set(nameOf(path), fileKernel(nameOf(path), stat.ok ? stat.value.changedAt : null));
  }
  for (const { path, stat } of boot.ok ? boot.value.found : []) {
    const release = /^(?:vmlinu[xz]|kernel|Image)-([0-9].*)$/.exec(nameOf(path))?.[1];
    if (release === undefined || kernels.has(release)) continue;
    kernels.set(release, fileKernel(release, stat.ok ? stat.value.changedAt : null));
  }
  const unread = [boot, modules].flatMap((reading) =>
    reading.ok ? reading.value.unlisted : reading.why === 'absent' ? [] : [reading],
  );
  return { source: 'files', found: [...kernels.values()], unread };
}

function fileKernel(release: string, installedAt: number | null): InstalledKernel {
  const { version, flavour } = splitRelease(release);
  return { release, flavour, version, package: null, broken: null, installedAt };
}

/** The newest hypervisor that dpkg knows; what cannot be read is said with the kernels. */
export function xenPackage({ dpkg }: KernelAnswers): Pick<Hypervisor, 'installed' | 'package'> {
  try {
    const all = dpkg.ok ? parseDpkgStatus(dpkg.value.bytes, ['xen-hypervisor-']) : [];
    const newest = all
      .filter(({ name, state }) => WHOLE.has(state) && /^xen-hypervisor-[0-9]/.test(name))
      .sort((a, b) => compareDpkgVersions(b.version, a.version))[0];
    return { installed: newest?.version ?? null, package: newest?.name ?? null };
  } catch (error) {
    unparsable(error, '/var/lib/dpkg/status');
    return { installed: null, package: null };
  }
}

function unparsable(error: unknown, path: string): Failure {
  if (error instanceof FormatError) return failed('unparsable', path, error.message);
  throw error;
}
