import { describe, expect, it } from 'vitest';

import { helpPage } from '../../lib/cli/help.ts';
import { plugins } from '../../plugins/index.ts';

describe.each(Object.entries(plugins))('the help of %s', (_, load) => {
  it('fits a terminal, and has a blank before each default', async () => {
    // The line for sudo is to be copied, and as long as it is.
    const lines = (await helpPage((await load()).default))
      .split('\n')
      .filter((line) => !line.includes('ALL=(root)'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.filter((line) => /\S\[default: /.test(line))).toEqual([]);
    expect(lines.filter((line) => /^ +\[default: /.test(line)).every((line) => line.length === 80)).toBe(
      true,
    );
  });
});
