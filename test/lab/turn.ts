/** Taking turns at what there is once on a machine, across the workers of a test run and across test runs. */
import { createServer, type Server } from 'node:net';
import { until } from './lab.ts';

/** Waits for the turn called `name`; returns how to give it back. It also ends with the process, however that ends. */
export async function takeTurn(name: string, { seconds }: { seconds: number }): Promise<() => void> {
  const held = await until(() => tryToListen(name), {
    seconds,
    everyMs: 100,
    what: `another test that uses ${name} to finish`,
  });
  return () => {
    held.close();
  };
}

// An abstract socket (unix(7)) belongs to one process at a time and goes away with it.
function tryToListen(name: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(`\0hypervisor-checks-lab-${name}`, () => resolve(server));
    server.unref();
  });
}
