/** The same inputs on every run, so that a red run can be looked at again; SEED=... tries others. */
import fc from 'fast-check';
import { afterAll } from 'vitest';

import { undoAll } from './lab/lab.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['SEED'] ?? 20261121) });

// Before the file's own hooks are registered, so that it runs after them.
afterAll(undoAll);
