import { readFileSync } from 'node:fs';

import { defineConfig, type Plugin } from 'vitest/config';

/** Shell scripts are imported as their text, as the bundler does it. */
const shellScripts: Plugin = {
  name: 'shell-scripts',
  enforce: 'pre',
  load(id) {
    return id.endsWith('.sh') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};` : null;
  },
};

const ALONE = 'test/lab/check_invtsc.hostile.test.ts';

export default defineConfig({
  plugins: [shellScripts],
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Two cores, and one worker more: labs wait for timers of kernels and daemons half of their time.
    maxWorkers: 3,
    // In this order: what is long begins first, and the many short ones fill up the end.
    projects: [
      // Processes that hang in the kernel are seen by every other test on this machine: these are alone.
      { extends: true, test: { name: 'alone', include: [ALONE], sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'labs',
          include: ['test/lab/**/*.test.ts'],
          exclude: [ALONE],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'units',
          sequence: { groupOrder: 1 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**'],
          // They keep nothing between them, and loading vitest, fast-check and lib anew for each file is half of their time.
          isolate: false,
        },
      },
    ],
  },
});
