/** What every check owes its users, said in plain words when it is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { acceptPlain, valuesOf } from '../lib/cli/arguments.ts';
import { optionsOf, tableOf } from '../lib/cli/command-line.ts';
import { parseWithYargs } from '../lib/cli/yargs-arguments.ts';
import { commandName } from '../lib/generate/icinga2.ts';
import { withDeclaration } from '../lib/generate/page.ts';
import { anyMatcher } from '../lib/glob.ts';
import { TOOLS } from '../lib/host/ask.ts';
import type { AnyPlugin } from '../lib/plugin.ts';
import { VERSION } from '../lib/version.ts';
import { plugins } from '../plugins/index.ts';
import { askedIn } from './asked.ts';
import { incidentOf, recorded, recordingsOf } from './recordings.ts';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE_HEADINGS = ['## What it catches', '## How it looks', '## When it is wrong', '## Repair'];
const taken = new Set(readFileSync(join(top, 'test/fixtures/itl-commands.txt'), 'utf8').split('\n'));

function read(path: string): string | null {
  return existsSync(join(top, path)) ? readFileSync(join(top, path), 'utf8') : null;
}

function lacksInDeclaration(plugin: AnyPlugin): string[] {
  const lacks: string[] = [];
  const check = (isMet: boolean, lack: string): void => {
    if (!isMet) lacks.push(lack);
  };
  check(/^check_[a-z][a-z0-9_]*$/.test(plugin.name), 'a name like check_thing');
  check(
    /^(?:[a-z]|TODO).*[^.]$/.test(plugin.summary),
    'a summary that begins with a small letter and has no full stop',
  );
  check(plugin.summary.length <= 100, 'a summary of at most 100 characters');
  check(plugin.description.length > 0, 'a description for someone who meets the problem for the first time');
  check(plugin.examples.length > 0, 'examples');
  check(Object.hasOwn(plugin.metrics, plugin.main), `its main metric "${plugin.main}" among its metrics`);
  for (const label of Object.keys(plugin.metrics)) {
    check(
      /^[a-z][a-z0-9_]{0,30}$/.test(label),
      `a metric name that every consumer keeps, instead of "${label}"`,
    );
  }
  const names = optionsOf(plugin).map(({ name }) => name);
  check(new Set(names).size === names.length, `options that are not there twice: ${names.join(' ')}`);
  const letters = optionsOf(plugin).flatMap(({ option }) => option.short ?? []);
  check(new Set(letters).size === letters.length, 'letters that are used once');
  for (const command of plugin.access.runs) {
    const [tool = ''] = command.split(' ');
    check((TOOLS as readonly string[]).includes(tool), `"${tool}" among the tools`);
  }
  for (const path of plugin.access.reads) {
    // In a pattern of sh a bracket begins a set of characters, and white space ends a word of sudoers.
    check(/^\/[A-Za-z0-9_./*+-]+$/.test(path), `a path that sh and sudo read as it is, instead of "${path}"`);
    // /service is where djb put services, before there was a standard for such things; /efi is systemd's for the boot loader.
    check(
      /^\/(?:proc|sys|run|etc|var|usr|boot|efi|service)\//.test(path),
      `a reason to let root read ${path}`,
    );
  }
  check(!taken.has(commandName(plugin)), `an Icinga command name that the template library does not have`);
  return lacks;
}

async function lacksInExamples(plugin: AnyPlugin): Promise<string[]> {
  const lacks: string[] = [];
  const table = tableOf(plugin);
  for (const { args } of plugin.examples) {
    const words = args === '' ? [] : args.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
    try {
      valuesOf(acceptPlain(words, table) ?? (await parseWithYargs(words, table)), table);
    } catch (error) {
      lacks.push(`an example that works instead of "${args}": ${String(error)}`);
    }
  }
  return lacks;
}

function lacksInFiles(plugin: AnyPlugin): string[] {
  const lacks: string[] = [];
  const page = read(`plugins/${plugin.name}.md`);
  if (page === null) lacks.push(`its page plugins/${plugin.name}.md`);
  else {
    for (const heading of PAGE_HEADINGS) if (!page.includes(heading)) lacks.push(`"${heading}" in its page`);
    if (withDeclaration(page, plugin) !== page)
      lacks.push('a page that was generated after its declaration (npm run generate)');
  }
  if (read(`test/plugins/${plugin.name}.test.ts`) === null)
    lacks.push(`its test test/plugins/${plugin.name}.test.ts`);
  if (incidentOf(plugin.name) === null) {
    const file = `test/recordings/${plugin.name}/incident.txt`;
    lacks.push(
      `a recording of a host that shows the fault: ${plugin.name} --record ${file}, with its line "# expected: 1 ..."`,
    );
  }
  if (read('CHANGELOG.md')?.includes(plugin.name) !== true) lacks.push('a line in CHANGELOG.md');
  return lacks;
}

/** What is left of the texts that npm run new has made. */
function lacksInTexts({ name }: AnyPlugin): string[] {
  const parser = name.replace(/^check_/, '').replaceAll('_', '-');
  const paths = [
    `plugins/${name}.ts`,
    `plugins/${name}.md`,
    `lib/parsers/${parser}.ts`,
    `test/parsers/${parser}.test.ts`,
    `test/plugins/${name}.test.ts`,
  ];
  return paths.flatMap((path) => {
    const left = (read(path)?.split('TODO').length ?? 1) - 1;
    return left === 0 ? [] : [`texts in ${path} instead of TODO (${left})`];
  });
}

/** What is asked of the hosts that were recorded, and no list of the declaration has. */
async function lacksInAccess({ name, access }: AnyPlugin): Promise<string[]> {
  const isListed = anyMatcher([
    ...access.reads,
    ...access.secrets,
    ...(access.searches ?? []).map(({ path }) => path),
  ]);
  const isCommand = (words: readonly string[]): boolean =>
    access.runs.some((command) => {
      const patterns = command.split(' ');
      return patterns.length === words.length && patterns.every((one, i) => isWord(one, words[i] ?? ''));
    });
  const lacks = new Set<string>();
  for (const recording of recordingsOf(name)) {
    for (const { files, commands } of await askedIn(name, recorded(name, recording))) {
      for (const path of files)
        if (!isListed(path))
          lacks.add(`"${path}" in access.reads (in access.secrets if there may be passwords in it)`);
      for (const words of commands) if (!isCommand(words)) lacks.add(`"${words.join(' ')}" in access.runs`);
    }
  }
  return [...lacks].slice(0, 10);
}

function isWord(pattern: string, word: string): boolean {
  if (pattern === '*') return /^[A-Za-z0-9._:@+][A-Za-z0-9._:@+-]*$/.test(word);
  return pattern === '@definitions' ? word.startsWith('dumpxml') : pattern === word;
}

describe.each(Object.entries(plugins))('%s', (name, load) => {
  it('is complete', async () => {
    const plugin = (await load()).default;
    expect(plugin.name).toBe(name);
    const lacks = [
      ...lacksInDeclaration(plugin),
      ...(await lacksInExamples(plugin)),
      ...lacksInTexts(plugin),
      ...lacksInFiles(plugin),
      ...(await lacksInAccess(plugin)),
    ];
    expect(lacks, `${name} lacks:\n- ${lacks.join('\n- ')}`).toEqual([]);
  });
});

describe('the registry', () => {
  it('is sorted', () => {
    expect(Object.keys(plugins)).toEqual(Object.keys(plugins).sort());
  });

  it('has the version of package.json', () => {
    expect(JSON.parse(read('package.json') ?? '{}')).toMatchObject({ version: VERSION });
  });
});
