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
#
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

  it('has no more than is written down', () => {
    expect(parseProxmoxConf('memory: 512\nx: 1\n')).toEqual({
      name: null,
      uuid: null,
      cpu: null,
      args: '',
      isTemplate: false,
      hardware: { drives: [], bridges: [], ports: [] },
    });
    expect(parseProxmoxConf('description:\nargs: -a\t-b [PENDING]\ncpu: host\n')).toMatchObject({
      cpu: 'host',
      args: '-a\t-b [PENDING]',
    });
  });

  it.each([
    ['1', true],
    ['0', false],
  ])('is a template or none: %s', (word, isTemplate) => {
    expect(parseProxmoxConf(`template: ${word}\n`).isTemplate).toBe(isTemplate);
  });

  it.each(['', '\n', '#only notes\n', '[PENDING]\ncpu: host\n'])(
    'is refused without a setting: %j',
    (text) => {
      expect(() => parseProxmoxConf(text)).toThrow(new FormatError('the file', 'no setting in it'));
    },
  );

  it.each(['cpu host\n', '\0\0\0\n', 'args: a\0b\n', '<html>\n', 'nam', ' cpu: host\n', '[]\n', '[old] x\n'])(
    'is refused where a line is no setting: %j',
    (text) => {
      expect(() => parseProxmoxConf(`name: a\n${text}`)).toThrow(
        new FormatError('line 2', 'expected KEY: VALUE'),
      );
    },
  );

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
    ['cpu: flags=+aes', ['-cpu', 'kvm64,+aes']],
    ['cpu: custom-plain', ['-cpu', 'kvm64,+aes,-pcid']],
    ['cpu: custom-bare', ['-cpu', 'kvm64']],
    ['cpu: custom-gone', null],
    ['cpu: custom-gone\nargs: -smbios x-cpu -cpus 1', null],
    ['cpu: custom-gone\nargs: --cpu host', ['--cpu', 'host']],
    ['cpu: custom-gone\nargs: -cpu host', ['-cpu', 'host']],
  ])('becomes arguments of qemu: %j', (text, expected) => {
    const models = parseProxmoxCpuModels(
      '#\ncpu-model: fast\n\tflags +invtsc;+pcid\n\thidden\n\tx\n\treported-model  host  \n\ncpu-model:plain\n    flags  ;+aes; -pcid;\ncpu-model: bare\n\tflags\n\treported-model\n',
    );
    expect(proxmoxQemuArgs(parseProxmoxConf(text), models)).toEqual(expected);
  });

  it.each([
    ["-cpu 'host,+invtsc'", ['-cpu', 'host,+invtsc']],
    ['-a "b \\"c\\" d" e\\ f', ['-a', 'b "c" d', 'e f']],
    ["-x a'b c'd", ['-x', 'ab cd']],
    [`-x "" '' y`, ['-x', '', '', 'y']],
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
  for (const bad of ['flags +b', 'cpu-model: ', '\tcpu-model: b', 'cpu-model: b c', '\tflags+b', '\t+b']) {
    expect(() => parseProxmoxCpuModels(`cpu-model: a\n${bad}\n`)).toThrow(
      new FormatError('line 2', 'expected a property of a CPU model'),
    );
  }
  expect(() => parseProxmoxCpuModels('\tflags +a\n')).toThrow('line 1: expected a property');
  expect(parseProxmoxCpuModels('').size).toBe(0);
});
