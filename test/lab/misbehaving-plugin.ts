/** A check that goes wrong in the way it is told to: for the tests of what then still holds. */
import { bytes, each, run } from '../../lib/host/ask.ts';
import { names } from '../../lib/option.ts';
import { definePlugin } from '../../lib/plugin.ts';
import { inWords } from '../../lib/reading.ts';

export default definePlugin({
  name: 'check_misbehaving',
  summary: 'goes wrong',
  description: ['Goes wrong.'],
  options: { how: names('what to do'), file: names('files to read') },
  kinds: { found: { state: 'critical', meaning: 'something was found' } },
  metrics: { files: { unit: '', meaning: 'files' } },
  main: 'files',
  looksFor: 'things',
  interval: '5m',
  access: { unprivileged: 'all', root: '', reads: [], secrets: [], runs: [] },
  examples: [],

  async gather(host, options) {
    const [how] = options.how;
    if (how === 'throw') setTimeout(() => fail(), 1);
    if (how === 'reject') void Promise.reject(new Error('rejected'));
    if (how === 'gather-throws') fail();
    if (how === 'never') await new Promise(() => undefined);
    if (how === 'wait') {
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    if (how === 'warn') process.emitWarning('this must not be seen', 'DeprecationWarning');
    if (how === 'throw' || how === 'reject') await new Promise((resolve) => setTimeout(resolve, 1000));
    const { answers } = await host.ask({
      answers: each('/etc/host*', { text: bytes('') }),
      ...(how === 'virsh' ? { ran: run('virsh', '-r', '-c', 'qemu:///system', 'list') } : {}),
    });
    const files = await host.ask(Object.fromEntries(options.file.map((path) => [path, bytes(path)])));
    return { answers, files: options.file.map((path) => ({ path, reading: files[path] })), how };
  },

  judge({ files, how }) {
    if (how === 'judge-throws') fail();
    return {
      findings: [
        ...(how === 'find' ? [{ kind: 'found' as const, subject: 'thing', text: 'is there' }] : []),
        ...files.flatMap(({ path, reading }) =>
          reading === undefined || reading.ok
            ? []
            : [
                {
                  kind: 'unseen' as const,
                  subject: path,
                  text: inWords(reading),
                  timedOut: reading.why === 'timedOut',
                },
              ],
        ),
      ],
      summary: how === 'long' ? 'x'.repeat(500_000) : `${files.length} files`,
      measurements: [{ metric: 'files', value: files.length }],
      items: how === 'long' ? Array.from({ length: 5000 }, (_, index) => `item ${index}`) : [],
    };
  },
});

function fail(): never {
  throw new TypeError('something is undefined');
}
