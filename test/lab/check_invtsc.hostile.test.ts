/** check_invtsc, built, where something on the host is out of the ordinary: hung, huge, or made by a user to disturb it. */
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { uuidOf } from '../guest-host.ts';
import { FUSE, hungMount } from './fuse.ts';
import { lab, scratch, until } from './lab.ts';
import { stateOf, threadIdsOf } from './proc.ts';
import { isGone, runPlugin, spawnProcess, untilUp } from './process.ts';

const NOBODY = { uid: 65534, gid: 65534 };

let plugin: string;

beforeAll(async () => {
  const folder = scratch();
  await bundleAll('check_invtsc', folder);
  plugin = join(folder, 'bin/check_invtsc');
});

/**
 * Whoever reads the command line of this process waits for ever: one thread lets go of a changed page whose server does not
 * answer, another wants to change the memory's map meanwhile, and readers queue behind that one (mmap_lock, mm/mmap.c).
 * Neither is the first thread, whose state is all that /proc/PID/stat tells.
 */
const HOLDER = `
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
page = os.open(sys.argv[1], os.O_RDWR)
address = libc.mmap(None, 4096, 3, 1, page, 0)
os.close(page)
ctypes.memmove(address, b'changed', 7)
def let_go():
    while not os.path.exists(sys.argv[2]): time.sleep(0.05)
    libc.munmap(address, 4096)
def change():
    while not os.path.exists(sys.argv[3]): time.sleep(0.05)
    libc.mmap(None, 4096, 3, 0x22, -1, 0)
for body in (let_go, change): threading.Thread(target=body, daemon=True).start()
print('ready', flush=True)
time.sleep(1000)
`;

lab([...FUSE, 'python3'], 'a guest whose command line nobody can read without hanging', () => {
  it.each([
    ['root', {}],
    ['nobody', NOBODY],
  ])('is UNKNOWN in time, for %s', async (_, user) => {
    const mount = await hungMount(scratch(), { page: 'x'.repeat(4096) });
    const folder = scratch();
    const qemu = join(folder, 'qemu-system-x86_64');
    copyFileSync(realpathSync('/usr/bin/python3'), qemu);
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const guest = spawnProcess([qemu, '-I', '-S', '-c', HOLDER, join(mount.path, 'page'), first, second]);
    await untilUp(guest, () => guest.output().includes('ready'), { seconds: 20, what: 'the guest' });
    await mount.hang();
    const hangsAt = (i: number): Promise<unknown> =>
      until(() => hangingThreads(guest.pid).length > i, { seconds: 20, what: `${i + 1} threads to hang` });
    writeFileSync(first, '');
    await hangsAt(0);
    writeFileSync(second, '');
    await hangsAt(1);

    const ran = await runPlugin(plugin, ['-t', '2', '--no-definitions'], user);
    expect({ code: ran.code, signal: ran.signal, stderr: ran.stderr }).toEqual({
      code: 3,
      signal: null,
      stderr: '',
    });
    expect(ran.stdout).toContain(`/proc/${guest.pid}`);
    expect(ran.stdout).not.toMatch(/ guests?=0/);

    await mount.heal();
    await guest.stop();
  });
});

/** The threads that wait in the kernel for something that no signal ends. */
function hangingThreads(pid: number): readonly number[] {
  return threadIdsOf(pid).filter((thread) => stateOf(thread) === 'D');
}

lab(['root', 'setpriv', '/bin/dash'], 'users who call programs like qemu', () => {
  it('with megabytes of arguments make it UNKNOWN, with the size, and hide no guest', async () => {
    const kvm = join(scratch(), 'kvm');
    copyFileSync('/bin/dash', kvm);
    const words = Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(120_000, 'x'));
    const many = Array.from({ length: 20 }, () => spawnProcess([kvm, '-c', 'sleep 1000; :', ...words]));
    const guest = spawnProcess([kvm, '-c', 'sleep 1000; :', '-name', 'real', '-cpu', 'qemu64,+invtsc']);
    for (const { pid } of [...many, guest]) await until(() => !isGone(pid), { seconds: 10, what: 'a start' });
    const alone = await runPlugin(plugin, ['--no-definitions', '--ignore', 'real']);
    expect({ code: alone.code, stderr: alone.stderr }).toEqual({ code: 3, stderr: '' });
    expect(alone.stdout).toMatch(/^INVTSC UNKNOWN - \/proc\/[0-9]+\/cmdline \(qemu\): is too big/);
    expect(alone.stdout).not.toMatch(/guests=0/);
    const all = await runPlugin(plugin, ['--no-definitions']);
    expect(all.code).toBe(1);
    expect(all.stdout).toMatch(/^INVTSC WARNING - real: runs with \+invtsc/);
    for (const one of [...many, guest]) await one.stop();
  });
});

lab(['root'], 'definitions beyond measure', () => {
  it('end the check in time, as UNKNOWN', async () => {
    const root = scratch();
    mkdirSync(join(root, 'etc/libvirt/qemu'), { recursive: true });
    mkdirSync(join(root, 'proc/1'), { recursive: true });
    writeFileSync(join(root, 'proc/1/comm'), 'init\n');
    const metadata = '<x><y z="1">text</y></x>'.repeat(40_000);
    for (let i = 0; i < 60; i++) {
      const name = `guest-${i}`;
      const xml = `<domain type='kvm'><name>${name}</name><uuid>${uuidOf(name)}</uuid><metadata>${metadata}</metadata></domain>`;
      writeFileSync(join(root, `etc/libvirt/qemu/${name}.xml`), xml);
    }
    const { code, stdout, stderr } = await runPlugin(plugin, ['-t', '2', '--root', root], {
      timeoutSeconds: 15,
    });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout).toMatch(/^INVTSC UNKNOWN - timed out after 2 s/);
  });
});
