/** check_console_log on hosts that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import plugin from '../../plugins/check_console_log.ts';
import { consoleHost, GIB, MIB, type ConsoleHost } from '../console-host.ts';
import { definition, uuidOf } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const size = fc.constantFrom(0, 4096, 50 * MIB, 200 * MIB, 3 * GIB);
const place = fc.constantFrom('nova', 'rotated', 'libvirt', 'named', 'deleted', 'xen');

/** A recorded host with up to five logs, of guests that run, are defined, or neither; its directories local or shared. */
const host = fc
  .record({
    logs: fc.array(
      fc.record({ size, allocated: size, place, isRunning: fc.boolean(), isDefined: fc.boolean() }),
      {
        maxLength: 5,
      },
    ),
    isShared: fc.boolean(),
  })
  .map(({ logs, isShared }) => {
    const qemu: Record<number, string[]> = {};
    const definitions: Record<string, string> = {};
    const files: Record<string, { size: number; allocated: number }> = {};
    const open: Record<number, Record<number, string>> = {};
    const behind: Record<string, { size: number; allocated: number }> = {};
    for (const [index, { place: where, isRunning, isDefined, ...sizes }] of logs.entries()) {
      const name = `g${index}`;
      const pid = 100 + index;
      const path = pathOf(where, name);
      const serial = `<devices><serial type='file'><source path='${path}'/></serial></devices>`;
      if (isRunning || where === 'deleted') {
        qemu[pid] = ['qemu-system-x86_64', '-name', name, '-uuid', uuidOf(name), '-serial', `file:${path}`];
      }
      if (isDefined || where === 'named') definitions[name] = definition(name, '<cpu/>', serial);
      if (where === 'deleted') {
        open[pid] = { 5: `${path} (deleted)` };
        behind[`/proc/${pid}/fd/5`] = sizes;
      } else files[path] = sizes;
    }
    const given: ConsoleHost = {
      qemu,
      definitions,
      logs: files,
      open,
      behind,
      systems: { 1: { magic: isShared ? 0x6969 : 0xef53 } },
    };
    // A guest names its log whether or not it is there.
    const absent = Object.keys(qemu).map((pid) =>
      pathOf(logs[Number(pid) - 100]?.place ?? 'nova', `g${Number(pid) - 100}`),
    );
    return [
      ...consoleHost(given),
      ...absent
        .filter((path) => files[path] === undefined)
        .flatMap((path) => [`absent lstat ${path}`, `absent list ${path.slice(0, path.lastIndexOf('/'))}`]),
    ];
  });

function pathOf(where: string, name: string): string {
  const nova = `/var/lib/nova/instances/${uuidOf(name)}/console.log`;
  switch (where) {
    case 'libvirt':
      return `/var/log/libvirt/qemu/${name}.log`;
    case 'xen':
      return `/var/log/xen/console/guest-${name}.log`;
    case 'named':
      return `/srv/${name}/serial.log`;
    case 'rotated':
      return `${nova}.1`;
    default:
      return nova;
  }
}

const spoiled = spoiledOf(host);
const CHOICES = [
  '--definitions-denied',
  'warning',
  '--open-files-denied',
  'warning',
  '--guests-denied',
  'warning',
];

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines);
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^CONSOLE_LOG (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 200 },
  );
});

/**
 * What may be missed without a word: a log, a guest, a definition or a link to an open file that went while it was looked at,
 * and settings, which say only why a log could grow. A file system that does not say what it is counts as a local one.
 */
it('never turns a fault into OK because something could not be read', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole, ...CHOICES);
      fc.pre(before.code === 1 || before.code === 2);
      const isExcused = lines.some((line) =>
        /^(?:absent|vanished) (?:lstat|stat|list|link|bytes head \/proc\/[0-9]+\/cmdline|bytes whole \/etc\/libvirt\/qemu\/)/.test(
          line,
        ),
      );
      fc.pre(!isExcused);
      const after = await replay(plugin, lines, ...CHOICES);
      expect(after.code, `${after.text}\n${lines.join('\n')}`).not.toBe(0);
    }),
    { numRuns: 300 },
  );
});
