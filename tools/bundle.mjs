// How the project's sources become files that node runs by themselves.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { notices } from './packages/notices.mjs';

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

/** Third-party code: `outdir`/lib/NAME.cjs. Returns what esbuild knows of the contents. */
export async function bundleVendor(outdir) {
  const { metafile } = await build({
    ...common,
    entryPoints: VENDOR.map((name) => ({ in: `lib/vendor/${name}.ts`, out: name })),
    outdir: join(outdir, 'lib'),
    outExtension: { '.js': '.cjs' },
    minify: true,
    alias: {
      'string-width': join(top, 'tools/shims/string-width.mjs'),
      'wrap-ansi': join(top, 'tools/shims/wrap-ansi.mjs'),
    },
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: 'const __moduleUrl=require("url").pathToFileURL(__filename).href;' },
    metafile: true,
  });
  return metafile;
}

/**
 * The project's own modules that are only ever loaded with import(): files of their own too, since V8 reads all of a file
 * before it runs any of it (5 ms for 90 KB), and most runs need none of them. What they share with the rest they hold
 * twice, so nothing may depend on the identity of a class across them.
 */
export const LATE = [
  'lib/cli/help.ts',
  'lib/cli/suite/demo.ts',
  'lib/cli/suite/doctor.ts',
  'lib/cli/suite/explain.ts',
  'lib/cli/suite/own-files.ts',
  'lib/cli/suite/suite-help.ts',
  'lib/cli/yargs-arguments.ts',
  'lib/facts/boot-entries.ts',
  'lib/facts/partner.ts',
  'lib/facts/proxmox.ts',
  'lib/facts/xen.ts',
  'lib/host/child.ts',
  'lib/host/merging.ts',
  'lib/host/recordings.ts',
  'lib/host/replay.ts',
  'lib/host/root.ts',
  'lib/host/sh-child.ts',
  'lib/host/shared.ts',
  'lib/host/ssh.ts',
  'lib/host/sudo.ts',
  'lib/host/told.ts',
  'lib/report/render-json.ts',
  'lib/state/memory.ts',
];

const fileName = (source) => basename(source, '.ts');

/** What is loaded late: `outdir`/lib/NAME.cjs. Returns what esbuild knows of the contents. */
export async function bundleLate(outdir) {
  const { metafile } = await build({
    ...common,
    entryPoints: LATE.map((source) => ({ in: source, out: fileName(source) })),
    outdir: join(outdir, 'lib'),
    outExtension: { '.js': '.cjs' },
    minify: true,
    metafile: true,
    plugins: [outside('./')],
  });
  return metafile;
}

/** One plugin as a program. Returns what esbuild knows of the contents. */
export function bundlePlugin(name, outdir, source = `./plugins/${name}.ts`) {
  const contents = `import plugin from '${source}'; import { main } from './lib/cli/run.ts'; main(plugin);`;
  return bundleProgram(name, outdir, contents);
}

/** The command for all of them. */
function bundleSuite(name, outdir, plugins) {
  const imports = plugins.map((plugin, i) => `import p${i} from './plugins/${plugin}.ts';`);
  const values = plugins.map((_, i) => `p${i}`);
  const contents = `${imports.join('')} import { suite } from './lib/cli/suite/suite.ts'; suite([${values.join()}]);`;
  return bundleProgram(name, outdir, contents);
}

/**
 * A program of a module's text: `outdir`/bin/NAME is the entry, which loads `outdir`/lib/NAME-ID.js. ID changes with the
 * contents, so that neither the entry nor what V8 kept (warm.cjs) ever meets another body than its own.
 */
export async function bundleProgram(name, outdir, contents) {
  const { outputFiles, metafile } = await build({
    ...common,
    stdin: { contents, resolveDir: top, sourcefile: `${name}.ts` },
    write: false,
    // One expression, the function that the entry calls.
    banner: { js: '(function(require){"use strict";' },
    footer: { js: '})' },
    minify: true,
    metafile: true,
    plugins: [outside('../lib/')],
  });
  // So that one byte is one character: V8 keeps it in half the memory, and node reads it in half the time.
  if (outputFiles[0].contents.some((byte) => byte > 127))
    throw new Error(`${name}: an expression with a character beyond ASCII, write it as \\u....`);
  const id = createHash('sha256').update(outputFiles[0].contents).digest('hex').slice(0, 12);
  mkdirSync(join(outdir, 'bin'), { recursive: true });
  mkdirSync(join(outdir, 'lib'), { recursive: true });
  writeFileSync(join(outdir, 'lib', `${name}-${id}.js`), outputFiles[0].contents);
  const entry = readFileSync(join(top, 'tools/programs/entry.cjs'), 'utf8')
    .replace(/^ *\/\/.*\n/gm, '')
    .replace('@NAME@', name)
    .replace('@ID@', id);
  writeFileSync(join(outdir, 'bin', name), `#!/usr/bin/env node\n${entry}`, { mode: 0o755 });
  return metafile;
}

/** All of dist/: every check, the command for all of them, its pages and the recordings of its demo. The names in bin/. */
export async function bundleDist(outdir) {
  const { plugins } = await load('plugins/index.ts');
  const { NAME } = await load('lib/cli/suite/commands.ts');
  const { SCENES } = await load('lib/cli/suite/scenes.ts');
  const names = Object.keys(plugins);
  const copy = (from, to) => {
    mkdirSync(dirname(join(outdir, to)), { recursive: true });
    copyFileSync(join(top, from), join(outdir, to));
  };
  const { inputs } = await bundleVendor(outdir);
  writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), notices(Object.keys(inputs), top));
  await bundleLate(outdir);
  for (const name of names) await bundlePlugin(name, outdir);
  await bundleSuite(NAME, outdir, names);
  for (const name of names) copy(`plugins/${name}.md`, `pages/${name}.md`);
  for (const { check, before, after } of SCENES) {
    for (const name of [before, after])
      copy(`test/recordings/${check}/${name}.txt`, `demo/${check}/${name}.txt`);
  }
  copy('icinga-conf/completion/hypervisor-checks.bash', 'share/hypervisor-checks.bash');
  finishFolder(outdir);
  return [...names, NAME];
}

/** All of dist/ for one program of a test. */
export async function bundleAll(name, outdir, source) {
  await bundleVendor(outdir);
  await bundleLate(outdir);
  await bundlePlugin(name, outdir, source);
  finishFolder(outdir);
}

/** What every dist/ holds besides. */
export function finishFolder(outdir) {
  // The folder around it may say "module", these files are not.
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  copyFileSync(join(top, 'tools/programs/warm.cjs'), join(outdir, 'lib/warm.cjs'));
}

/** What stands in files of its own is required from there, and only ever by import(). */
const outside = (folder) => ({
  name: 'outside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind, importer, resolveDir }) => {
      const source = relative(top, join(resolveDir, path));
      const isVendor = source.startsWith('lib/vendor/');
      if (!isVendor && (!LATE.includes(source) || kind === 'entry-point')) return undefined;
      // Late ones may hold each other; a program may not hold them.
      if (kind === 'import-statement' && !isVendor && LATE.includes(relative(top, importer)))
        return undefined;
      if (kind !== 'dynamic-import') {
        return {
          errors: [{ text: `${source} must be loaded with import(): it is expensive (in ${importer})` }],
        };
      }
      return { path: `${folder}${fileName(source)}.cjs`, external: true };
    });
  },
});

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
