// How the project's sources become files that node runs by themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

export const top = dirname(dirname(fileURLToPath(import.meta.url)));

// The heavy third-party packages stand in files of their own, loaded when they are needed: inlined, even unused ones
// cost 13 ms of parsing at every start.
export const VENDOR = readdirSync(join(top, 'lib/vendor')).map((name) => basename(name, '.ts'));

const common = {
  absWorkingDir: top,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // import() would pull in node's loader for ES modules, 5 ms.
  supported: { 'dynamic-import': false },
  external: ['*.node', 'cpu-features'],
  loader: { '.sh': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
};

/** Third-party code: `outdir`/lib/NAME.cjs. */
export async function bundleVendor(outdir) {
  await build({
    ...common,
    entryPoints: VENDOR.map((name) => ({ in: `lib/vendor/${name}.ts`, out: name })),
    outdir: join(outdir, 'lib'),
    outExtension: { '.js': '.cjs' },
    minify: true,
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: 'const __moduleUrl=require("url").pathToFileURL(__filename).href;' },
  });
}

/** One plugin as a program, `outdir`/bin/NAME. Returns what esbuild knows of its contents. */
export async function bundlePlugin(name, outdir, source = `./plugins/${name}.ts`) {
  const result = await build({
    ...common,
    stdin: {
      contents: `import plugin from '${source}'; import { main } from './lib/cli/run.ts'; main(plugin);`,
      resolveDir: top,
      sourcefile: `${name}.ts`,
    },
    outfile: join(outdir, 'bin', name),
    banner: { js: '#!/usr/bin/env node\n"use strict";' },
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    plugins: [vendorOutside],
  });
  return result.metafile;
}

/** lib/vendor/X.ts is required from ../lib/X.cjs, and only ever by import(). */
const vendorOutside = {
  name: 'vendor-outside',
  setup({ onResolve }) {
    onResolve({ filter: /\/vendor\/[a-z0-9-]+\.ts$/ }, ({ path, kind }) => {
      if (kind !== 'dynamic-import') {
        return { errors: [{ text: `${path} must be loaded with import(), it is expensive` }] };
      }
      return { path: `../lib/${basename(path, '.ts')}.cjs`, external: true };
    });
  },
};

/** A TypeScript module of the project, for a tool: its exports. */
export async function load(source) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [source],
    write: false,
    packages: 'external',
    define: { 'import.meta.url': '""' },
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(
    module,
    module.exports,
    createRequire(join(top, 'package.json')),
  );
  return module.exports;
}

export function packageJson() {
  return JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
}
