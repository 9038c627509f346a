import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Progress } from '../../../lib/cli/suite/progress.ts';
import { Deadline } from '../../../lib/host/deadline.ts';

let written: string[];
let deadline: Deadline;
const write = (text: string): void => void written.push(text);

beforeEach(() => {
  written = [];
  deadline = new Deadline(30);
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('the progress', () => {
  it('says what is waited for where that takes a while, and is wiped away', () => {
    const progress = new Progress(3, deadline, write);
    deadline.stage = 'connecting to kvm1';
    vi.advanceTimersByTime(200);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(written).toEqual(['\r\x1b[K0 of 3 checks have ended, connecting to kvm1']);
    // Nothing new is not written again.
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(1);
    progress.ended();
    deadline.stage = `reading ${'/long\n'.repeat(40)}`;
    vi.advanceTimersByTime(300);
    expect(written).toHaveLength(2);
    expect(written[1]).toMatch(/^\r\x1b\[K1 of 3 checks have ended, reading \/long [^\n]{1,40}$/);
    progress.clear();
    expect(written.at(-1)).toBe('\r\x1b[K');
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(3);
  });

  it('is not shown where it was quick, or where nobody looks', () => {
    const quick = new Progress(1, deadline, write);
    quick.ended();
    quick.clear();
    expect(written).toEqual([]);
    const unseen = new Progress(1, deadline, null);
    vi.advanceTimersByTime(1000);
    unseen.clear();
    expect(vi.getTimerCount()).toBe(0);
  });
});
