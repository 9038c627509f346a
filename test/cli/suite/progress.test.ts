import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Progress } from '../../../lib/cli/suite/progress.ts';

let written: string[];
const write = (text: string): void => void written.push(text);

beforeEach(() => {
  written = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('the progress', () => {
  it('is shown where it takes a while, and wiped away', () => {
    const progress = new Progress(3, write);
    progress.ended('check_a');
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1000);
    progress.ended('check_b');
    expect(written).toEqual(['\r\x1b[K2 of 3 checks: check_b']);
    progress.clear();
    expect(written.at(-1)).toBe('\r\x1b[K');
  });

  it('is not shown where it was quick', () => {
    const quick = new Progress(1, write);
    quick.ended('check_a');
    quick.clear();
    expect(written).toEqual([]);
  });
});
