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

export default defineConfig({
  plugins: [shellScripts],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Two cores: more workers only make real qemus and daemons wait for each other.
    maxWorkers: 2,
  },
});
