/** What is generated into pages: all of a declaration, and nothing outside of the marks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { optionsOf } from '../../lib/cli/command-line.ts';
import { cell, code, table, withGenerated } from '../../lib/generate/marks.ts';
import { withDeclaration } from '../../lib/generate/page.ts';
import { plugins } from '../../plugins/index.ts';
import { examplePlugin } from '../example-plugin.ts';

const EMPTY =
  'before\n<!-- declaration: generated, do not edit -->\nold\n<!-- end of declaration -->\nafter\n';
const all = await Promise.all(Object.values(plugins).map(async (load) => (await load()).default));

/** The cells of each row of each table, unescaped as GFM does it. */
function rows(page: string): readonly (readonly string[])[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((one) => one.trim().replaceAll('\\|', '|')),
    );
}

describe('the generated part of a page', () => {
  it('has the options, states and metrics of the declaration', () => {
    const page = withDeclaration(EMPTY, examplePlugin);
    const [before, , after] = page.split(/<!--.*-->/);
    expect([before, after]).toEqual(['before\n', '\nafter\n']);
    expect(page.match(/^## .*$/gm)).toEqual(['## Options', '## States', '## Metrics']);
    expect(rows(page)).toEqual(
      expect.arrayContaining([
        ['`-q`, `--quick`', 'do not look twice'],
        ['`--only NAME`', 'only these; may be given several times'],
        ['`-w`, `--warning RANGE`', 'WARNING when this range is left: size of the file'],
        [
          '`--format FORMAT`',
          'nagios: text and performance data; json: the same for programs (nagios, json); default nagios',
        ],
        ['`--too-big`', 'warning', 'a file is too big'],
        ['`--none`', 'ok', 'there are no files at all'],
        ['`size`', 'B', 'size of the file (`-w`, `-c`)'],
        ['`files`', '', 'files'],
      ]),
    );
    expect(page).not.toContain('old');
  });

  it('says of a metric what it is measured for', () => {
    const metrics = { ...examplePlugin.metrics, size: { ...examplePlugin.metrics.size, of: 'file' } };
    expect(rows(withDeclaration(EMPTY, { ...examplePlugin, metrics })).map(([name]) => name)).toContain(
      '`FILE_size`',
    );
  });

  it.each(all)('has every option of $name once', (plugin) => {
    const names = rows(withDeclaration(EMPTY, plugin)).flatMap(
      ([name = '']) => /--([a-z][a-z-]*)/.exec(name)?.[1] ?? [],
    );
    expect(names.sort()).toEqual(
      optionsOf(plugin)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('is the same when it is made again', () => {
    const page = withDeclaration(EMPTY, examplePlugin);
    expect(withDeclaration(page, examplePlugin)).toBe(page);
  });

  it.each(['', EMPTY.replace('<!-- end', '<!-- END'), [...EMPTY.split('\n')].reverse().join('\n')])(
    'needs its marks, in this order: %j',
    (page) => {
      expect(() => withDeclaration(page, examplePlugin)).toThrow('plugins/check_example.md lacks the lines');
    },
  );

  it('keeps all text around it', () => {
    const line = fc.stringMatching(/^[ -~äöü]*$/).filter((text) => !text.includes('<!--'));
    fc.assert(
      fc.property(fc.array(line), fc.array(line), fc.string(), (before, after, content) => {
        const [head, tail] = [before.join('\n'), after.join('\n')];
        const page = withGenerated(
          'x',
          `${head}<!-- a: generated, do not edit --><!-- end of a -->${tail}`,
          'a',
          content,
        );
        expect(page).toBe(
          `${head}<!-- a: generated, do not edit -->\n\n${content}\n\n<!-- end of a -->${tail}`,
        );
      }),
    );
  });
});

describe('a table', () => {
  it('has as many cells as it was given, whatever is in them', () => {
    const text = fc.stringMatching(/^[ -~]*$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (given) => {
        const made = rows(
          table(
            ['a', 'b'],
            given.map(([a, b]) => [cell(a), code(b)]),
          ),
        );
        expect(made.map((row) => row.length)).toEqual(made.map(() => 2));
        expect(made.length).toBe(given.length + 2);
      }),
    );
  });

  it.each([
    ["'/home/*/service' and ~/.ssh", "'/home/\\*/service' and \\~/.ssh"],
    ['<log file> | `x`', '\\<log file> \\| \\`x\\`'],
  ])('shows %s as it is', (text, escaped) => {
    expect(cell(text)).toBe(escaped);
  });
});
