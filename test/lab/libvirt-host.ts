/**
 * The traces that a libvirtd of the lab leaves on the machine, and whose machine it is: it works in the folders of the
 * system, so it must have them for itself and leave them as they were.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const DEFINITIONS = '/etc/libvirt/qemu';
const LOGS = '/var/log/libvirt/qemu';
const SOCKET = '/run/libvirt/libvirt-sock';
/** Domains defined by the lab, one a line: what a test run that was killed left behind may go, nobody else's guests. */
const MARK = '/run/hypervisor-checks-lab-domains';
const WRITTEN = [
  DEFINITIONS,
  '/run/libvirt',
  '/run/libvirtd.pid',
  '/run/virtlogd.pid',
  '/var/lib/libvirt/qemu',
  LOGS,
];

/** Removes what an earlier run has left; throws where the machine has guests or a libvirtd of its own. */
export function forgetLeftovers(): void {
  for (const name of existsSync(MARK) ? readFileSync(MARK, 'utf8').split('\n') : []) {
    if (name === '') continue;
    for (const path of [
      `${DEFINITIONS}/${name}.xml`,
      `${DEFINITIONS}/autostart/${name}.xml`,
      `${LOGS}/${name}.log`,
    ]) {
      rmSync(path, { force: true });
    }
  }
  rmSync(MARK, { force: true });
  const own = existsSync(DEFINITIONS) ? readdirSync(DEFINITIONS).filter((file) => file.endsWith('.xml')) : [];
  if (own.length > 0) {
    throw new Error(
      `this machine has guests of its own, the lab does not start a libvirtd here: ${own.join(' ')}`,
    );
  }
}

/** To be called before a domain is defined. */
export function remember(name: string): void {
  appendFileSync(MARK, `${name}\n`);
}

/** Whether a libvirtd takes connections. */
export function accepts(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(SOCKET);
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

/** What libvirt's folders hold now; the function returned removes what has come since. */
export function snapshot(): () => void {
  const before = new Set(WRITTEN.flatMap(below));
  return () => {
    for (const path of WRITTEN.flatMap(below)) {
      if (!before.has(path)) rmSync(path, { recursive: true, force: true });
    }
    rmSync(MARK, { force: true });
  };
}

function below(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const names = path.endsWith('.pid') ? [] : readdirSync(path, { recursive: true, encoding: 'utf8' });
  return [path, ...names.map((name) => join(path, name))];
}
