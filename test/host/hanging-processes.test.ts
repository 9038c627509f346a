/**
 * Processes in state D, for which no real one can be had at will: a kernel thread that writes to a disk, another user's program with one
 * thread and with many. Their folders below /proc are hand-made after do_task_stat (fs/proc/array.c), the numbers of kthreadd's own.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import * as ask from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { ProgramFinder, type ProcessFiles } from '../../lib/host/program-finder.ts';
import { askShellChild } from '../../lib/host/sh-child.ts';
import { failed, found } from '../../lib/reading.ts';
import { lab, scratch } from '../lab/lab.ts';

interface Hung {
  readonly comm: string;
  readonly threads?: number;
  /** Address space in bytes; 0: none, as a kernel thread. */
  readonly memory?: number;
  readonly executable?: string;
}

/** Process id, the process, and whether it is told from a guest: by its executable, as none, or not at all. */
const HUNG: readonly (readonly [number, Hung, 'guest' | 'none' | 'undecided'])[] = [
  [11, { comm: 'jbd2/sda1-8', memory: 0 }, 'none'],
  [12, { comm: 'kworker/u4:2+flush (x', memory: 0 }, 'none'],
  [13, { comm: 'ends', threads: 4, memory: 0 }, 'none'],
  [14, { comm: 'tar' }, 'none'],
  [15, { comm: 'webby', threads: 6 }, 'undecided'],
  [16, { comm: 'webby) Z 1 (', threads: 6 }, 'undecided'],
  [17, { comm: 'webby', threads: 6, executable: '/usr/bin/kvm' }, 'guest'],
  [18, { comm: 'tar', threads: 6, executable: '/usr/bin/tar' }, 'none'],
];
const PROGRAMS = ['qemu-system-*', 'kvm'];

/** A folder that looks like /proc with these processes and no other. */
function proc(): string {
  const folder = scratch();
  mkdirSync(join(folder, 'sys/kernel/random'), { recursive: true });
  writeFileSync(join(folder, 'uptime'), '70.15 120.02\n');
  writeFileSync(join(folder, 'sys/kernel/hostname'), 'kvm1\n');
  writeFileSync(join(folder, 'sys/kernel/random/boot_id'), '0b0d1e5c-3b41-4c52-9d1c-6b5b6a2f8f2e\n');
  for (const [pid, { comm, threads = 1, memory = 9_000_000, executable }] of HUNG) {
    const at = join(folder, String(pid));
    mkdirSync(at);
    writeFileSync(join(at, 'comm'), `${comm}\n`);
    const numbers = `2 0 0 0 -1 2129984 0 0 0 0 0 6 0 0 20 0 ${threads} 0 21 ${memory} 0 18446744073709551615 0 0 0`;
    writeFileSync(join(at, 'stat'), `${pid} (${comm}) D ${numbers}\n`);
    writeFileSync(join(at, 'cmdline'), 'kvm\0-name\0never read\0');
    if (executable !== undefined) symlinkSync(executable, join(at, 'exe'));
  }
  return folder;
}

/** As another user than theirs, who may see executables only where the test made one. */
function files(folder: string): ProcessFiles {
  const at = (path: string): string => join(folder, path.replace('/proc/', ''));
  return {
    isPrivileged: false,
    list: (path) => failed('absent', path),
    stat: (path) => failed('vanished', path),
    glance: (path) => readFileSync(at(path), 'latin1'),
    link: (path) =>
      readdirSync(join(at(path), '..')).includes('exe')
        ? found(HUNG.find(([pid]) => path === `/proc/${pid}/exe`)?.[1].executable ?? '')
        : failed('denied', path),
  };
}

it.each(HUNG)('process %i in state D, %o, is %s to the direct reader', (pid, _, expected) => {
  const program = new ProgramFinder(files(proc()), PROGRAMS, 2).programOf(pid);
  expect(program).toEqual({ guest: { name: 'kvm' }, none: null, undecided: 'undecided' }[expected]);
});

lab(['root', 'unshare', 'mount', 'busybox'], 'another /proc', () => {
  it.each([['/bin/dash'], ['/bin/bash'], ['/bin/busybox', 'sh']])(
    'tells kernel threads in state D from guests in %s',
    async (...shell: readonly string[]) => {
      const script = 'mount --bind "$0" /proc && exec "$@"';
      const command = ['unshare', '-m', 'sh', '-c', script, proc(), ...shell] as const;
      const want = { hung: ask.processes(PROGRAMS, {}, { minThreads: 2 }) };
      const answers = await askShellChild(want, 'here', new Deadline(30), command);
      const pidsOf = (which: string): number[] => HUNG.filter(([, , is]) => is === which).map(([pid]) => pid);
      expect(answers).toMatchObject({
        value: {
          hung: {
            value: {
              found: pidsOf('guest').map((pid) => ({ pid, program: 'kvm' })),
              scanned: HUNG.length,
              undecided: pidsOf('undecided'),
            },
          },
        },
      });
    },
  );
});
