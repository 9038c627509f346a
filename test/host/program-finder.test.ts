import { expect, it } from 'vitest';

import { baseName } from '../../lib/host/program-finder.ts';

it.each([
  ['/usr/bin/qemu-system-x86_64', 'qemu-system-x86_64'],
  ['/usr/bin/qemu-system-x86_64 (deleted)', 'qemu-system-x86_64'],
  ['/usr/libexec/qemu-kvm;557576d7 (deleted)', 'qemu-kvm'],
  ['/usr/libexec/qemu-kvm;557576d7', 'qemu-kvm'],
  ['/opt/a;b/kvm', 'kvm'],
  ['kvm', 'kvm'],
  ['/opt/x;notahexa', 'x;notahexa'],
  ['', ''],
])('the base name of %s is %s', (path, name) => {
  expect(baseName(path)).toBe(name);
});
