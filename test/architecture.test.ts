/** The borders of the house: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const top = dirname(dirname(fileURLToPath(import.meta.url)));

interface Import {
  readonly from: string;
  /** A path in the project, or the name of a package. */
  readonly to: string;
  readonly isType: boolean;
  readonly isLazy: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(top, file), 'utf8');
  const found: Import[] = [];
  const resolve = (to: string): string =>
    to.startsWith('.') ? relative(top, join(top, dirname(file), to)) : to;
  for (const [, type, to] of text.matchAll(/^(?:import|export)( type)?\b[^;]*?\bfrom '([^']+)'/gm)) {
    found.push({ from: file, to: resolve(to ?? ''), isType: type !== undefined, isLazy: false });
  }
  for (const [, to] of text.matchAll(/\bimport\('([^']+)'\)/g)) {
    found.push({ from: file, to: resolve(to ?? ''), isType: false, isLazy: true });
  }
  return found;
}

const all = [...sources('lib'), ...sources('plugins')].flatMap(importsOf);

function breaking(rule: (one: Import) => boolean): string[] {
  return all.filter(rule).map(({ from, to }) => `${from} imports ${to}`);
}

const inFolder = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const isHost = inFolder('lib/host');
const isParser = inFolder('lib/parsers');
const isReport = inFolder('lib/report');
const isPlugin = inFolder('plugins');

describe('the borders', () => {
  it('were looked for in real imports', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  it('only lib/host and the edge of the process touch files', () => {
    const isFiles = (to: string): boolean =>
      /^(node:)?(fs|child_process|net|os|worker_threads)(\/|$)/.test(to);
    const mayTouch = (from: string): boolean =>
      isHost(from) || inFolder('lib/state')(from) || inFolder('lib/cli')(from);
    expect(breaking(({ from, to }) => isFiles(to) && !mayTouch(from))).toEqual([]);
  });

  it('only lib/vendor names third-party packages', () => {
    const isPackage = (to: string): boolean =>
      /^[a-z@]/.test(to) && !/^(lib|plugins)\//.test(to) && !to.startsWith('node:');
    expect(breaking(({ from, to }) => isPackage(to) && !inFolder('lib/vendor')(from))).toEqual([]);
  });

  it('lib/vendor is loaded when it is needed, never before', () => {
    const isVendor = inFolder('lib/vendor');
    expect(breaking(({ to, isLazy, isType }) => isVendor(to) && !isLazy && !isType)).toEqual([]);
  });

  it('parsers know nothing but parsers and third-party code', () => {
    expect(
      breaking(({ from, to }) => isParser(from) && !isParser(to) && !inFolder('lib/vendor')(to)),
    ).toEqual([]);
  });

  it('reports know no host, no plugin and no command line', () => {
    const foreign = (to: string): boolean =>
      isHost(to) || isPlugin(to) || inFolder('lib/cli')(to) || isParser(to);
    expect(breaking(({ from, to, isType }) => isReport(from) && foreign(to) && !isType)).toEqual([]);
  });

  it('hosts know no report, no plugin and no command line', () => {
    // How a name is quoted in a command that people copy is the same everywhere.
    const foreign = (to: string): boolean =>
      (isReport(to) && to !== 'lib/report/text.ts') || isPlugin(to) || inFolder('lib/cli')(to);
    expect(breaking(({ from, to }) => isHost(from) && foreign(to))).toEqual([]);
  });

  it('plugins do not import each other, nor the command line', () => {
    const foreign = (from: string, to: string): boolean =>
      (isPlugin(to) && from !== 'plugins/index.ts') || inFolder('lib/cli')(to) || inFolder('lib/vendor')(to);
    expect(breaking(({ from, to }) => isPlugin(from) && foreign(from, to))).toEqual([]);
  });

  it('plugins ask, they do not answer: of lib/host they know the questions only', () => {
    const known = ['lib/host/ask.ts', 'lib/host/host.ts'];
    expect(
      breaking(
        ({ from, to }) =>
          (isPlugin(from) || inFolder('lib/facts')(from)) && isHost(to) && !known.includes(to),
      ),
    ).toEqual([]);
  });
});

describe('sizes', () => {
  it.each([...sources('lib'), ...sources('plugins')])(
    '%s has at most 200 lines, or says why in its header',
    (file) => {
      const text = readFileSync(join(top, file), 'utf8');
      const lines = text.split('\n').length;
      const isExplained = /^\s*\*? ?Longer than usual:/m.test(text.slice(0, 2500));
      expect(lines <= 220 || isExplained, `${file} has ${lines} lines`).toBe(true);
    },
  );
});
