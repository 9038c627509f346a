/** Which processes of a host run one of some programs. */
import { failed, found, type Reading } from '../reading.ts';
import type { Files, LooseProcesses } from './answer.ts';
import type { ProcessesQuestion } from './ask.ts';
import type { Deadline } from './deadline.ts';
import { ProgramFinder } from './program-finder.ts';

/** The processes found, without the answers to what is asked of each. */
export function scanProcesses(
  files: Files,
  { programs, minThreads }: ProcessesQuestion,
  deadline: Deadline,
): Reading<LooseProcesses> {
  const names = files.list('/proc');
  if (!names.ok) return names;
  const pids = Uint32Array.from(names.value.filter(isNumber), Number).sort();
  const threads = kernelThreads(files);
  const finder = new ProgramFinder(files, programs, minThreads);
  const processes: { pid: number; program: string }[] = [];
  const undecided: number[] = [];
  for (const pid of pids) {
    if (deadline.passed()) return failed('timedOut', '/proc', `of ${pids.length} processes`);
    if (threads.has(pid)) continue;
    const program = finder.programOf(pid);
    if (program === 'undecided') undecided.push(pid);
    else if (program !== null) processes.push({ pid, program: program.name });
  }
  return found({ found: processes, scanned: pids.length, undecided });
}

/** In /proc nothing else begins with a digit (proc_pid_readdir in fs/proc/base.c). */
function isNumber(name: string): boolean {
  return name >= '0' && name < ':';
}

const PF_KTHREAD = 0x00200000;

/**
 * The kernel's own threads, all children of process 2: on a host with many CPUs most of what /proc lists, and nothing to
 * be looked at one by one. Process 2 is kthreadd where it is a thread of the kernel itself (PF_KTHREAD of its flags,
 * include/linux/sched.h); in a container it is a process like any other.
 */
function kernelThreads(files: Files): ReadonlySet<number> {
  const stat = files.glance('/proc/2/stat', 512) ?? '';
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]);
  if ((flags & PF_KTHREAD) === 0) return new Set();
  const children = files.bytes('/proc/2/task/2/children', 1024 * 1024, 'whole');
  return new Set(
    children.ok ? Buffer.from(children.value.bytes).toString().trim().split(' ').map(Number) : [],
  );
}
