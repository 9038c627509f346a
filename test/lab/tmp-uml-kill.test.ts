import { it } from 'vitest';
import { scratch } from './lab.ts';
import { runInUml } from './uml.ts';
it('a', async () => { await runInUml({ script: 'taps a b; node -e "setTimeout(()=>0,60000)"', folder: scratch() }); }, 4000);
it('b', async () => { const r = await Promise.all([1,2].map((n) => runInUml({ script: `echo ${n}; date +%T.%N`, folder: scratch() }))); console.log(JSON.stringify(r.map(x=>x.stdout))); });
