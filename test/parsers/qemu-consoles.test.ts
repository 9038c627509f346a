import fc from 'fast-check';
import { expect, it } from 'vitest';

import { qemuConsoleFiles } from '../../lib/parsers/qemu-consoles.ts';
import { walkQemuOptions } from '../../lib/parsers/qemu-options.ts';

function filesOf(...args: string[]): string[] {
  return qemuConsoleFiles(walkQemuOptions(['qemu-system-x86_64', ...args])).map(
    ({ path, appends, isFdset }) => `${path}${appends ? ' appends' : ''}${isFdset ? ' fdset' : ''}`,
  );
}

it.each([
  [['-serial', 'file:/var/log/a, b.log'], ['/var/log/a, b.log']],
  [['-serial', 'mon:file:a.log'], ['a.log']],
  [['-parallel', 'file:/a', '-virtioconsole', 'file:/b', '-debugcon', 'file:/c'], ['/a', '/b', '/c']],
  [['-chardev', 'file,id=x,path=/a,,b/console.log'], ['/a,b/console.log']],
  [['-chardev', 'file,id=x,path=/a,append=on'], ['/a appends']],
  ...['yes', 'true', 'y'].map((on): [string[], string[]] => [['-chardev', `file,id=x,path=/a,append=${on}`], ['/a appends']]),
  [['-chardev', 'file,id=x,path=/a,append=off'], ['/a']],
  [['-chardev', 'pty,id=x,logfile=/l,logappend=on'], ['/l appends']],
  [['-chardev', 'pty,id=x,logfile=/dev/fdset/12'], ['/dev/fdset/12 fdset']],
  [['-serial', 'file:/srv/guest/dev/fdset/12'], ['/srv/guest/dev/fdset/12']],
  [['-chardev', 'file,id=x,path=/a,logfile=/b,logappend=off'], ['/a', '/b']],
  [['-chardev', 'backend=file,id=x,path=/a'], ['/a']],
  [['-serial', 'chardev:x', '-serial', 'null', '-serial', 'stdio', '-serial', 'pty', '-serial', 'file:'], []],
  [['-serial', 'unix:/run/file:web1,server'], []],
  [['-chardev', 'socket,id=x,path=/run/monitor.sock'], []],
  [['-chardev', 'pty,id=x,logfile='], []],
  [['-chardev', 'file,id=x,path='], []],
  [['-append', 'console=ttyS0,logfile=/guest/own.log'], []],
  [['-name', 'file:/x', '-D', '/var/log/qemu-debug.log'], []],
  [['-serial'], []],
])('%j writes to %j', (args, files) => {
  expect(filesOf(...args)).toEqual(files);
}); // prettier-ignore

it('never throws, whatever the command line', () => {
  const word = fc.oneof(
    fc.constantFrom('-serial', '-chardev', '-virtioconsole', 'file:', 'file,path=', ',logfile=', 'append'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(word), (args) => {
      for (const { path } of qemuConsoleFiles(walkQemuOptions(['qemu', ...args]))) expect(path).not.toBe('');
    }),
  );
});
