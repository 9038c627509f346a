import { bytes } from '../lib/host/ask.ts';
import { flag, names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { inWords } from '../lib/reading.ts';

/** A small check with one of everything, for the tests of what is made from declarations. */
export const examplePlugin = definePlugin({
  name: 'check_example',
  summary: 'finds files that are too big',
  description: ['Reads a file and says how big it is.'],
  options: { quick: { ...flag('do not look twice'), short: 'q' }, only: names('only these') },
  kinds: {
    'too-big': { state: 'warning', meaning: 'a file is too big' },
    gone: { state: 'critical', meaning: 'the file is gone', fixed: true },
  },
  metrics: {
    size: { unit: 'B', meaning: 'size of the file', min: 0 },
    files: { unit: '', meaning: 'files' },
  },
  main: 'size',
  looksFor: 'files',
  interval: '5m',
  access: { unprivileged: 'its own files', root: 'all files', reads: [], secrets: [], runs: [] },
  examples: [{ args: '-w 10', does: 'warns above 10 bytes' }],
  async gather(host) {
    const { file } = await host.ask({ file: bytes('/example', 1000) });
    return file;
  },
  judge(file) {
    if (!file.ok) {
      const kind = file.why === 'absent' ? 'gone' : 'unseen';
      return {
        findings: [{ kind, subject: '/example', text: inWords(file), timedOut: file.why === 'timedOut' }],
        summary: 'nothing seen',
        measurements: [{ metric: 'size', value: null }],
        items: [],
      };
    }
    const size = file.value.bytes.length;
    return {
      findings:
        size > 100
          ? [{ kind: 'too-big', subject: '/example', text: `has ${size} bytes, expected at most 100` }]
          : [],
      summary: `1 file, ${size} bytes`,
      measurements: [
        { metric: 'size', value: size },
        { metric: 'files', value: 1 },
      ],
      items: [`/example: ${size} bytes`],
    };
  },
});
