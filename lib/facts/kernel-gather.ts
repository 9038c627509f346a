/** What a host answers about its kernels, as facts: one batch of questions and, where there are packages of rpm, a second one. */
import { run } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseProcStat } from '../parsers/proc-stat.ts';
import { RPM_FORMAT } from '../parsers/rpm-query.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { failed, found, mapReading, type Reading } from '../reading.ts';
import { bootOf } from './kernel-boot.ts';
import { datedKernels, type Dates } from './kernel-dates.ts';
import { dpkgKernels, otherKernels, isDpkgs, xenPackage } from './kernel-packages.ts';
import { nameOf, QUESTIONS, textOf, type KernelAnswers } from './kernel-questions.ts';
import type { Hypervisor, InstalledKernels, KernelFacts, NixKernels, RunningKernel } from './kernels.ts';

export async function gatherKernels(host: Host): Promise<KernelFacts> {
  const answers: KernelAnswers = await host.ask(QUESTIONS);
  const running = runningKernel(answers);
  const container = containerOf(answers);
  const { installed, ...dates } = container === null ? await installedOn(host, answers) : NONE;
  const releases = (installed?.found ?? []).map(({ release }) => release);
  return {
    now: answers.now,
    who: answers.who,
    running,
    container,
    ...uptimeOf(answers, container),
    installed,
    nix: nixOf(answers),
    ...dates,
    modules: mapReading(answers.modules, ({ found: all }) =>
      all
        .filter(({ order, builtin, package: base }) => order.ok || builtin.ok || base.ok)
        .map(({ path }) => nameOf(path)),
    ),
    boot: await bootOf(answers, releases),
    rebootRequired: requiredOf(answers),
    livePatches: livePatchesOf(answers),
    hypervisor: hypervisorOf(answers),
  };
}

interface Installed extends Dates {
  readonly installed: InstalledKernels | null;
}

const NO_DATES: Dates = { history: [], isHistoryWhole: false };
const NONE: Installed = { installed: null, ...NO_DATES };

/** rpm is asked where it has a database and the system is not dpkg's: a Debian host may have the tool for other reasons. */
async function installedOn(host: Host, answers: KernelAnswers): Promise<Installed> {
  const byDpkg = dpkgKernels(answers);
  if (byDpkg.found.length > 0) {
    const { found: kernels, ...dates } = await datedKernels(host, byDpkg.found);
    return { installed: { ...byDpkg, found: kernels }, ...dates };
  }
  const hasRpm = answers.rpmOld.ok || answers.rpmNew.ok;
  const { rpm } =
    hasRpm && !isDpkgs(answers)
      ? await host.ask({ rpm: run('rpm', '-qa', '--qf', RPM_FORMAT, 'kernel', 'kernel-*') })
      : { rpm: null };
  return { installed: otherKernels(answers, byDpkg, rpm), ...NO_DATES };
}

function runningKernel({ osrelease, version }: KernelAnswers): Reading<RunningKernel> {
  const release = textOf(osrelease);
  const build = textOf(version);
  if (!release.ok) return release;
  if (!build.ok) return build;
  if (!/^[\x21-\x7e]{1,64}$/.test(release.value)) {
    return failed('unparsable', '/proc/sys/kernel/osrelease', 'no name of a kernel');
  }
  return found({ release: release.value, build: build.value });
}

/** The kernel's own process namespace has a fixed number (PROC_PID_INIT_INO in include/linux/proc_ns.h). */
const FIRST_NAMESPACE = 'pid:[4026531836]';

/**
 * Not from the environment of the first process, where others have passwords. A machine that was made of the image of a
 * container has its marks, and a kernel of its own.
 */
function containerOf(answers: KernelAnswers): string | null {
  const { namespace, vz, vzHost } = answers;
  if (namespace.ok && namespace.value === FIRST_NAMESPACE) return null;
  const told = textOf(answers.container);
  if (told.ok && /^[\w.-]+$/.test(told.value)) return told.value;
  if (answers.docker.ok) return 'docker';
  if (answers.podman.ok) return 'podman';
  // OpenVZ: both directories on the host, only the first in a container.
  if (vz.ok && !vzHost.ok && vzHost.why === 'absent') return 'openvz';
  return namespace.ok ? 'by its process namespace' : null;
}

const TICKS = 100;
/** The first process starts within seconds of the kernel; more than that, and the uptime is not the kernel's own. */
const MAX_START_SECONDS = 300;

/** Of a machine, what /proc/uptime says; of a container, the age of its first process, where that can be told. */
function uptimeOf(
  answers: KernelAnswers,
  container: string | null,
): Pick<KernelFacts, 'uptimeSeconds' | 'bootedAt'> {
  const text = textOf(answers.uptime);
  const seconds = text.ok && /^[0-9]+\.[0-9]+ /.test(text.value) ? Number.parseFloat(text.value) : null;
  const btime = answers.btime.ok ? /^btime ([0-9]+)$/.exec(answers.btime.value[0] ?? '')?.[1] : undefined;
  const bootedAt = btime === undefined ? null : Number(btime);
  if (seconds === null) {
    const failure = text.ok ? failed('unparsable', '/proc/uptime', 'no number of seconds') : text;
    return { uptimeSeconds: failure, bootedAt };
  }
  const started = container === null ? null : startOfInit(answers);
  // LXCFS shows the container's own age already (lxcfs, proc_uptime_read): less than the first process seems to have waited.
  const isVirtual = started === null || started > seconds + MAX_START_SECONDS;
  return { uptimeSeconds: found(isVirtual ? seconds : Math.max(0, seconds - started)), bootedAt };
}

function startOfInit({ init }: KernelAnswers): number | null {
  const text = textOf(init);
  if (!text.ok) return null;
  try {
    return parseProcStat(text.value).starttimeTicks / TICKS;
  } catch {
    return null;
  }
}

/** The next boot takes what the profile says, which `nixos-rebuild boot` sets and `test` does not; what runs is another matter. */
function nixOf(answers: KernelAnswers): NixKernels | null {
  const { nixBooted, nixCurrent, nixNext } = answers;
  const [next, system] = nixNext.ok ? [nixNext, answers.nixProfile] : [nixCurrent, answers.nixCurrentSystem];
  if (!nixBooted.ok || !next.ok) return null;
  return {
    booted: nixBooted.value,
    next: next.value,
    switchedAt: system.ok ? system.value.modifiedAt : null,
  };
}

function requiredOf({ required }: KernelAnswers): KernelFacts['rebootRequired'] {
  if (!required.ok) return required;
  if (required.value.found.length === 0) return found(null);
  const file = required.value.found.find(({ path }) => path.endsWith('.pkgs'));
  if (file === undefined) return found([]);
  return mapReading(textOf(file.text), (text) => [
    ...new Set(text.split('\n').filter((line) => /^[a-z0-9][a-z0-9+.-]*$/.test(line))),
  ]);
}

function livePatchesOf({ patches }: KernelAnswers): readonly string[] {
  const all = patches.ok ? patches.value.found : [];
  return all
    .filter(
      ({ enabled }) => enabled.ok && textOf(enabled).ok && decodeUtf8(enabled.value.bytes).startsWith('1'),
    )
    .map(({ path }) => nameOf(path));
}

/** Only dom0 has it in its hands to reboot the hypervisor. */
function hypervisorOf(answers: KernelAnswers): Hypervisor | null {
  const capabilities = textOf(answers.xenCapabilities);
  if (!capabilities.ok || !capabilities.value.includes('control_d')) return null;
  const [major, minor, extra] = [answers.xenMajor, answers.xenMinor, answers.xenExtra].map(textOf);
  if (major?.ok !== true || minor?.ok !== true) return null;
  return {
    running: `${major.value}.${minor.value}${extra?.ok === true ? extra.value : ''}`,
    ...xenPackage(answers),
  };
}
