import { describe, expect, it } from 'vitest';

import { isStuckFormat } from '../../lib/parsers/guest-hardware.ts';

describe('the format of a disk', () => {
  // migrate_add_blocker in block/NAME.c of qemu 8.2.
  it.each(['vmdk', 'vdi', 'vhdx', 'vpc', 'qcow', 'parallels', 'vvfat'])(
    '%s keeps its guest where it is',
    (format) => {
      expect(isStuckFormat(format)).toBe(true);
    },
  );

  it.each(['raw', 'qcow2', 'qed', 'luks', 'rbd', '', null])('%j lets its guest move', (format) => {
    expect(isStuckFormat(format)).toBe(false);
  });
});
