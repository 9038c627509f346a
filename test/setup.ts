/** The same inputs on every run, so that a red run can be looked at again; SEED=... tries others. */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['SEED'] ?? 20261121) });
