import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyMatcher } from '../../lib/glob.ts';
import { isQemuProgram, parseQemuArgv, QEMU_PROGRAMS } from '../../lib/parsers/qemu-argv.ts';
import { lab } from '../lab/lab.ts';
import { askQemu, ORACLE } from './qemu-oracle.ts';

/** Words separated by single spaces. */
const line = (text: string): ReturnType<typeof parseQemuArgv> => parseQemuArgv(text.split(' '));

describe('the command line of a guest', () => {
  it('of libvirt on RHEL 6 says who it is and what its CPU is', () => {
    // The form that qemuBuildCommandLine of libvirt 0.10 gives it.
    const acrux = line(
      '/usr/libexec/qemu-kvm -name acrux -S -M rhel6.6.0 -cpu SandyBridge,+invtsc,+erms,+vme -enable-kvm -m 24576 ' +
        '-realtime mlock=off -smp 8,sockets=8,cores=1,threads=1 -uuid 4507AAF2-e0db-005c-e863-2016f2779ae8 -nodefconfig ' +
        '-nodefaults -chardev socket,id=charmonitor,path=/var/lib/libvirt/qemu/acrux.monitor,server,nowait ' +
        '-mon chardev=charmonitor,id=monitor,mode=control -rtc base=utc -no-shutdown -incoming tcp:0:49152',
    );
    const { options, ...rest } = acrux;
    expect(rest).toEqual({
      program: 'qemu-kvm',
      kind: 'guest',
      name: 'acrux',
      uuid: '4507aaf2-e0db-005c-e863-2016f2779ae8',
      proxmoxId: null,
      isOfLibvirt: true,
      pidfile: null,
      cpu: 'SandyBridge,+invtsc,+erms,+vme',
      globals: [],
      accel: 'kvm',
      machine: 'rhel6.6.0',
      readconfigFiles: [],
      incoming: true,
    });
    expect(options.map(({ name }) => name).slice(0, 4)).toEqual(['name', 'S', 'M', 'cpu']);
  });

  it('of Proxmox has a number, and its UUID with the tables of the firmware', () => {
    // config_to_command of PVE/QemuServer.pm
    const guest = line(
      '/usr/bin/kvm -id 100 -name win,debug-threads=on -no-shutdown -smbios type=1,uuid=7B10D7AF-6C9A-4C2A-9A3B-0123456789ab ' +
        '-pidfile /var/run/qemu-server/100.pid -daemonize -cpu host,+invtsc,tsc-frequency=3600000000 -machine type=pc+pve0',
    );
    expect(guest).toMatchObject({
      program: 'kvm',
      kind: 'guest',
      name: 'win',
      uuid: '7b10d7af-6c9a-4c2a-9a3b-0123456789ab',
      proxmoxId: 100,
      isOfLibvirt: false,
      pidfile: '/var/run/qemu-server/100.pid',
      cpu: 'host,+invtsc,tsc-frequency=3600000000',
      machine: 'pc+pve0',
      accel: null,
      incoming: false,
    });
    expect(line('/usr/bin/kvm -id 100').name).toBe('vm100');
  });

  it('has the last -cpu, whole', () => {
    expect(line('qemu -cpu qemu64,+invtsc -cpu Westmere').cpu).toBe('Westmere');
    expect(line('qemu -S').cpu).toBeNull();
    expect(parseQemuArgv(['qemu', '-append', '-cpu', '-cpu', 'max']).cpu).toBe('max');
  });

  it('lists the files with more options', () => {
    expect(line('qemu -readconfig /a --readconfig /b').readconfigFiles).toEqual(['/a', '/b']);
  });

  it.each([
    ['-name acrux', 'acrux'],
    ['--name acrux', 'acrux'],
    ['-name guest=foo=1,,bar=2,debug-threads=on', 'foo=1,bar=2'],
    ['-name a,,b=c', 'a,b=c'],
    ['-name guest=web,process=qemu:web', 'web'],
    ['-name one -name guest=two -name debug-threads=on', 'two'],
    ['-name one,debug-threads=on -name process=x', 'one'],
    ['-name nodebug-threads', 'nodebug-threads'],
    ['-name -cpu', '-cpu'],
    ['-name debug-threads=on', null],
    ['-name process=qemu:web', null],
    ['-name guest=,debug-threads=on', null],
    ['-S', null],
  ])('%s: the guest is %j', (args, name) => {
    expect(line(`qemu ${args}`).name).toBe(name);
  });

  it('of a qemu before 2.1 may have = in its name', () => {
    expect(line('qemu -name foo=1,process=x').name).toBe('foo=1');
    expect(parseQemuArgv(['qemu', '-name', '']).name).toBeNull();
  });

  it.each([
    ['-global qemu64-x86_64-cpu.invtsc=on', { driver: 'qemu64-x86_64-cpu', property: 'invtsc', value: 'on' }],
    ['-global driver=cpu,property=invtsc,value=on', { driver: 'cpu', property: 'invtsc', value: 'on' }],
    [
      '-global kvm-pit.lost_tick_policy=discard',
      { driver: 'kvm-pit', property: 'lost_tick_policy', value: 'discard' },
    ],
    ['-global a.b=c,d=e', { driver: 'a', property: 'b', value: 'c,d=e' }],
    ['-global a.b=', { driver: 'a', property: 'b', value: '' }],
  ])('%s is a default of a device', (args, global) => {
    expect(line(`qemu ${args}`).globals).toEqual([global]);
  });

  it.each([
    '-global x',
    '-global driver=cpu,property=invtsc',
    '-global driver=cpu,value=on',
    '-global property=invtsc,value=on',
    '-global .b=c',
    // vl.c reads 63 characters of each.
    `-global ${'x'.repeat(64)}.b=c`,
  ])('%s is none', (args) => {
    expect(line(`qemu ${args}`).globals).toEqual([]);
  });

  it.each([
    ['-S', null, null],
    ['-accel kvm', 'kvm', null],
    ['-accel accel=kvm,thread=single', 'kvm', null],
    ['-accel kvm -accel tcg', 'kvm', null],
    ['-machine q35,accel=kvm:tcg', 'kvm', 'q35'],
    ['-machine type=q35,smm=off,accel=kvm -enable-kvm', 'kvm', 'q35'],
    ['-machine accel=tcg -M pc', 'tcg', 'pc'],
    ['-machine pc -machine accel=tcg', 'tcg', 'pc'],
    ['-enable-kvm', 'kvm', null],
    ['-no-kvm', 'tcg', null],
    ['-M q35,accel=kvm', 'kvm', 'q35'],
    ['-object x,accel=tcg', null, null],
  ])('%s: accelerator %j, machine %j', (args, accel, machine) => {
    expect(line(`qemu ${args}`)).toMatchObject({ accel, machine });
  });

  it.each([
    // virQEMUCapsInit of libvirt, src/qemu/qemu_process.c (qemuProcessQMPLaunch)
    [
      '/usr/bin/qemu-system-x86_64 -S -no-user-config -nodefaults -nographic -machine none,accel=kvm:tcg -qmp unix:/q',
      'probe',
    ],
    ['qemu-system-x86_64 -M none', 'probe'],
    ['qemu-system-x86_64 -machine type=none', 'probe'],
    // libxl__build_device_model_args_new of tools/libs/light/libxl_dm.c
    ['/usr/lib/xen-4.17/bin/qemu-system-i386 -xen-domid 3 -no-shutdown -name hvm1 -machine xenfv', 'xen'],
    ['/usr/lib/xen/bin/qemu-dm -d 3 -domain-name hvm1', 'xen'],
    ['qemu-dm-12 -machine pc', 'xen'],
    ['qemu-system-x86_64 -machine xenpv -xen-domid 3 -xen-attach', 'xen'],
    ['qemu-system-x86_64 -accel kvm,xen-version=0x4000a -machine pc', 'guest'],
    ['qemu-system-x86_64', 'guest'],
    ['qemu-system-x86_64 -name none', 'guest'],
    ['/usr/bin/qemu-system-x86_64 -version', 'other'],
    ['qemu-system-x86_64 -cpu help', 'other'],
    ...['-h', '-help', '-audio-help', '-machine help', '-M help', '-accel help', '-device ?'].map(
      (option): [string, string] => [`qemu-system-x86_64 ${option}`, 'other'],
    ),
    ['qemu-system-x86_64 -name help', 'guest'],
    ['qemu-system-x86_64 -machine xenpv -xen-attach', 'xen'],
    ['', 'other'],
    ['qemu-img convert a b', 'other'],
    ['/bin/sh -c qemu-system-x86_64', 'other'],
  ])('%s: %s', (args, kind) => {
    expect(line(args).kind).toBe(kind);
  });

  it('has the UUID of the first table of the firmware, and none where it is told none', () => {
    expect(line('qemu -smbios type=1,uuid=A1 -smbios type=2,uuid=b2').uuid).toBe('a1');
    expect(line('qemu -smbios type=1,uuid=A1 -uuid C3').uuid).toBe('c3');
    expect(line('qemu -smbios type=2,uuid=b2').uuid).toBeNull();
  });

  it.each(['x5', '5x', '1e3', '-5', '1234567890123456', ''])('has no number of Proxmox by -id %j', (id) => {
    expect(parseQemuArgv(['kvm', '-id', id])).toMatchObject({ proxmoxId: null, name: null });
  });

  it('may be empty', () => {
    expect(parseQemuArgv([])).toMatchObject({ program: '', kind: 'other', options: [] });
  });

  it('is judged by the executable where that is known', () => {
    expect(parseQemuArgv(['web1', '-name', 'x'], 'qemu-kvm (deleted)')).toMatchObject({
      kind: 'guest',
      program: 'qemu-kvm',
    });
  });

  it('is read from any arguments', () => {
    const arg = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '-name',
        '-global',
        '-M',
        '-accel',
        '-uuid',
        '-smbios',
        '-id',
        '-cpu',
        'guest=',
        'a.b=c',
        'type=1',
      ),
    );
    fc.assert(
      fc.property(fc.array(arg), (argv) => {
        expect(parseQemuArgv(argv).options.length).toBeLessThan(Math.max(1, argv.length));
      }),
    );
  });
});

describe('the programs that run guests', () => {
  it.each([
    'qemu-system-x86_64',
    'qemu-system-x86_64 (deleted)',
    'qemu-system-x86',
    'qemu-system-aarch64',
    'qemu-system-x86_64-microvm',
    'qemu-virtiofs-system-x86_64',
    'qemu-kvm',
    'qemu-kvm (deleted)',
    'kvm',
    'kvm-spice',
    'qemu',
    'qemu-dm',
    'qemu-dm-12',
    // What a `*` stands for may be nothing.
    'qemu-system-',
    'qemu--system-',
    'qemu-dm-',
    '.qemu-system-x86_64-wrapped',
    '.qemu-kvm-wrapped',
  ])('%s is one', (name) => {
    expect(isQemuProgram(name)).toBe(true);
    expect(anyMatcher(QEMU_PROGRAMS)(name.replace(/ \(deleted\)$/, ''))).toBe(true);
  });

  it.each([
    'qemu-img',
    'qemu-nbd',
    'qemu-ga',
    'qemu-io',
    'qemu-x86_64',
    'qemu-x86_64-static',
    'qemu-storage-daemon',
    'qemu-bridge-helper',
    'libvirtd',
    'virtqemud',
    'kvm-nx-lpage-recovery-16224',
    'qemu-kvm (deleted).bak',
    'kvm (deleted)-spice',
    'grep',
    '',
  ])('%j is none', (name) => {
    expect(isQemuProgram(name)).toBe(false);
    expect(anyMatcher(QEMU_PROGRAMS)(name)).toBe(false);
  });

  it('are told by the name and by the globs alike', () => {
    const matches = anyMatcher(QEMU_PROGRAMS);
    const part = fc.constantFrom(
      'qemu',
      'kvm',
      '-',
      'system',
      'dm',
      '.',
      'img',
      'x86_64',
      'wrapped',
      '/',
      ' ',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
        ),
        (name) => {
          expect(isQemuProgram(name)).toBe(matches(name.replace(/ \(deleted\)$/, '')));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

lab(ORACLE, 'the installed qemu', () => {
  it.each([
    ['acrux'],
    ['guest=foo=1,,bar=2,debug-threads=on'],
    ['a,,b=c,debug-threads=on'],
    ['two,guest=three'],
    ['nodebug-threads'],
    ['x,nodebug-threads'],
    ['-cpu'],
    ['debug-threads=on'],
    [''],
  ])('takes -name %j as we do', async (text) => {
    const verdict = await askQemu(['-name', text]);
    expect(verdict.starts, verdict.output).toBe(true);
    expect(parseQemuArgv(['qemu', '-name', text]).name).toBe(verdict.name);
  });
});
