// npm run picture: the picture of the README, from a real run of the built command on a terminal of its own (script(1)).
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { top } from './bundle.mjs';

const COLUMNS = 118;
const ARGS = ['demo', 'slow-slave'];
const COLOURS = { 31: '#f97583', 32: '#85e89d', 33: '#ffdf5d', 35: '#d2a8ff' };
const LINE = 18;
const CHARACTER = 7.83;

const program = join(top, 'dist/bin/hypervisor-checks');
const { stdout, status } = spawnSync('script', ['-qec', [program, ...ARGS].join(' '), '/dev/null'], {
  encoding: 'utf8',
  env: { PATH: process.env.PATH, TERM: 'xterm' },
});
if (status !== 0) throw new Error(`the command ended with ${status}: ${stdout}`);
const text = `$ hypervisor-checks ${ARGS.join(' ')}\n${stdout.replaceAll('\r', '')}`;
const lines = text.trimEnd().split('\n').flatMap(folded);

const rows = lines.map((line, i) => `<text x="16" y="${40 + i * LINE}">${painted(line)}</text>`);
const [width, height] = [32 + COLUMNS * CHARACTER, 56 + lines.length * LINE];
writeFileSync(
  join(top, 'tools/picture.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" role="img" aria-label="Output of hypervisor-checks ${ARGS.join(' ')}">
<rect width="100%" height="100%" rx="8" fill="#1f2428"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" fill="#e1e4e8" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`,
);

/** A terminal breaks lines where they end; escapes take no room. */
function folded(line) {
  const parts = [];
  let part = '';
  let length = 0;
  for (const [piece] of line.matchAll(/\x1b\[[0-9]*m|[^]/gu)) {
    if (!piece.startsWith('\x1b') && ++length > COLUMNS) {
      parts.push(part);
      part = '';
      length = 1;
    }
    part += piece;
  }
  return [...parts, part];
}

function painted(line) {
  let open = 0;
  const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const marked = escaped.replace(/\x1b\[([0-9]*)m/g, (_, code) => {
    if (code === '0' || code === '') return open-- > 0 ? '</tspan>' : '';
    open += 1;
    return code === '1' ? '<tspan font-weight="bold">' : `<tspan fill="${COLOURS[code] ?? '#e1e4e8'}">`;
  });
  return marked + '</tspan>'.repeat(Math.max(0, open));
}
