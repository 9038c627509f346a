import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  parseProxmoxConf,
  parseProxmoxCpuModels,
  proxmoxQemuArgs,
  shellWords,
} from '../../lib/parsers/proxmox-conf.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// Hand-made after qm.conf(5), "Snapshots", and parse_vm_config in PVE/QemuServer.pm.
const CONF = `#notes%3A cpu: host,flags=+invtsc
args: -cpu 'host,+invtsc' -smbios "type=1 x"
boot: order=scsi0;net0
cpu: kvm64,flags=+aes;-pcid
name: acrux
scsi0: local-lvm:vm-100-disk-0,iothread=1,size=32G
smbios1: uuid=4507AAF2-e0db-005c-e863-2016f2779ae8

[before-upgrade]
args: -cpu host,+invtsc
name: older
snaptime: 1700000000
`;

const NO_MODELS = new Map();

describe('a configuration of Proxmox', () => {
  it('is that of the guest, not of its snapshots and notes', () => {
    expect(parseProxmoxConf(CONF)).toMatchObject({
      name: 'acrux',
      uuid: '4507aaf2-e0db-005c-e863-2016f2779ae8',
      cpu: 'kvm64,flags=+aes;-pcid',
      args: `-cpu 'host,+invtsc' -smbios "type=1 x"`,
      isTemplate: false,
    });
  });

  it('has what is pending in effect at the next start', () => {
    const conf = parseProxmoxConf(`${CONF}[PENDING]\ncpu: host\ndelete: args,!name\n`);
    expect(conf).toMatchObject({ cpu: 'host', args: '', name: null });
    // A snapshot may be called what it likes.
    expect(parseProxmoxConf(`${CONF}[pendings]\ncpu: host\n`).cpu).toBe('kvm64,flags=+aes;-pcid');
  });

  it.each([
    '',
    '\n',
    '#only notes\n',
    '[PENDING]\ncpu: host\n',
    'cpu host\n',
    'name: a\n\0\0\0\n',
    '<html>\n',
    'nam',
  ])('is refused where it is none: %j', (text) => {
    expect(() => parseProxmoxConf(text)).toThrow(FormatError);
  });

  it('never shows in an error what stands there', () => {
    expect(() => parseProxmoxConf('name: a\nhunter2\n')).toThrow(/^line 2: expected KEY: VALUE$/);
  });

  it.each([
    ['name: a', ['-cpu', 'kvm64']],
    ['cpu: host', ['-cpu', 'host']],
    ['cpu: cputype=host,flags=+aes', ['-cpu', 'host,+aes']],
    ['cpu: hidden=1,cputype=Haswell,flags=+invtsc;-pcid', ['-cpu', 'Haswell,+invtsc,-pcid']],
    ['args: -cpu "host,+invtsc" -S', ['-cpu', 'kvm64', '-cpu', 'host,+invtsc', '-S']],
    ['cpu: custom-fast', ['-cpu', 'host,+invtsc,+pcid']],
    ['cpu: custom-fast,flags=-invtsc', ['-cpu', 'host,+pcid,-invtsc']],
    ['cpu: custom-gone', null],
    ['cpu: custom-gone\nargs: -cpu host', ['-cpu', 'host']],
  ])('becomes arguments of qemu: %j', (text, expected) => {
    const models = parseProxmoxCpuModels('cpu-model: fast\n\tflags +invtsc;+pcid\n\treported-model host\n');
    expect(proxmoxQemuArgs(parseProxmoxConf(text), models)).toEqual(expected);
  });

  it.each([
    ["-cpu 'host,+invtsc'", ['-cpu', 'host,+invtsc']],
    ['-a "b \\"c\\" d" e\\ f', ['-a', 'b "c" d', 'e f']],
    ["-x a'b c'd", ['-x', 'ab cd']],
    ['  ', []],
  ])('has arguments in the words of a shell: %j', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  it('never throws anything but FormatError', () => {
    const line = fc.constantFrom(
      '[PENDING]',
      '[a]',
      'cpu: custom-x',
      'args: -cpu "',
      'delete: cpu',
      '#',
      'x: y',
      '\0',
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(line).map((all) => all.join('\n'))); // prettier-ignore
    fc.assert(
      fc.property(text, (any) => {
        for (const parse of [
          (one: string) => proxmoxQemuArgs(parseProxmoxConf(one), NO_MODELS),
          parseProxmoxCpuModels,
        ]) {
          try {
            parse(any);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }
      }),
    );
  });
});

it('CPU models are refused where a line is none', () => {
  for (const text of ['flags +a\n', 'cpu-model: a\nflags +b\n', 'cpu-model: \n']) {
    expect(() => parseProxmoxCpuModels(text)).toThrow(FormatError);
  }
  expect(parseProxmoxCpuModels('').size).toBe(0);
});
