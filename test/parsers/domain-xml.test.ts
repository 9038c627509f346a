import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDomainXml } from '../../lib/parsers/domain-xml.ts';
import { FormatError } from '../../lib/parsers/text.ts';
import { lab } from '../lab/lab.ts';
import { domainXml, TEST_DRIVER, withTestDriver } from '../lab/libvirt.ts';

/** A definition as libvirt 9 writes it to /etc/libvirt/qemu (virDomainDefFormatInternal in src/conf/domain_conf.c). */
const ACRUX = `<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh edit acrux
or other application using the libvirt API.
-->

<domain type='kvm'>
  <name>acrux</name>
  <uuid>4507AAF2-e0db-005c-e863-2016f2779ae8</uuid>
  <metadata>
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:name>not this one</nova:name><name>nor this</name>
    </nova:instance>
  </metadata>
  <memory unit='KiB'>25165824</memory>
  <os><type arch='x86_64' machine='rhel6.6.0'>hvm</type></os>
  <features><hyperv mode='custom'><feature name='invtsc'/></hyperv></features>
  <cpu mode='custom' match='exact' check='partial'>
    <model fallback='allow'>SandyBridge</model>
    <feature policy='require' name='invtsc'/>
    <feature policy='disable' name='vme'/>
    <feature name='erms'/>
  </cpu>
  <clock offset='utc'><timer name='rtc' frequency='1'/><timer name='tsc' frequency='3504000000'/></clock>
  <devices>
    <emulator>/usr/libexec/qemu-kvm</emulator>
    <disk type='file' device='disk'><source file='/srv/a.img'/></disk>
    <serial type='file'><source path='/var/log/a.log' append='on'/><target port='0'/></serial>
    <console type='pty'><source path='/dev/pts/3'/><log file='/var/log/b.log' append='on'/><target type='serial'/></console>
    <graphics type='vnc' passwd='s3cret'/>
  </devices>
</domain>
`;

/** The record of a running guest (virDomainObjFormat in src/conf/domain_conf.c). */
const status = (domain: string): string =>
  `<domstatus state='running' reason='booted' pid='15433'>
  <taint flag='high-privileges'/>
  <monitor path='/var/lib/libvirt/qemu/domain-4-acrux/monitor.sock' type='unix'/>
  <vcpus><vcpu id='0' pid='15449'/></vcpus>
  <qemuCaps><flag name='invtsc'/><flag name='name-guest'/></qemuCaps>
  ${domain.slice(domain.indexOf('<domain'))}
</domstatus>`;

const domain = (inner: string, attributes = ''): string =>
  `<domain type='kvm' ${attributes}><name>a</name>${inner}</domain>`;

describe('the definition of a guest', () => {
  it('is read from a file of libvirt', async () => {
    expect(await parseDomainXml(ACRUX)).toEqual({
      type: 'kvm',
      name: 'acrux',
      uuid: '4507aaf2-e0db-005c-e863-2016f2779ae8',
      id: null,
      statusPid: null,
      state: null,
      arch: 'x86_64',
      cpu: {
        mode: 'custom',
        model: 'SandyBridge',
        check: 'partial',
        migratable: null,
        features: [
          { name: 'invtsc', policy: 'require' },
          { name: 'vme', policy: 'disable' },
          { name: 'erms', policy: 'require' },
        ],
      },
      tscTimerHz: 3504000000,
      qemuArgs: [],
      emulator: '/usr/libexec/qemu-kvm',
      consoles: [
        { device: 'serial', type: 'file', sourcePath: '/var/log/a.log', logPath: null },
        { device: 'console', type: 'pty', sourcePath: '/dev/pts/3', logPath: '/var/log/b.log' },
      ],
      hardware: {
        disks: [
          { path: '/srv/a.img', remote: null, device: 'disk', format: null, cache: null, isReadOnly: false },
        ],
        obstacles: [],
        networks: [],
        memoryBytes: 24 * 2 ** 30,
        hugePages: false,
        machine: 'rhel6.6.0',
      },
    });
  });

  it('is read from the record of a running guest, with its process', async () => {
    const live = status(ACRUX.replace("<domain type='kvm'>", "<domain type='kvm' id='4'>"));
    expect(await parseDomainXml(live)).toEqual({
      ...(await parseDomainXml(ACRUX)),
      id: 4,
      statusPid: 15433,
      state: 'running',
    });
  });

  it('can be next to nothing', async () => {
    expect(await parseDomainXml("<domain type='xen'><name>a</name></domain>")).toEqual({
      type: 'xen',
      name: 'a',
      uuid: null,
      id: null,
      statusPid: null,
      state: null,
      arch: null,
      cpu: null,
      tscTimerHz: null,
      qemuArgs: [],
      emulator: null,
      consoles: [],
      hardware: {
        disks: [],
        obstacles: [],
        networks: [],
        memoryBytes: null,
        hugePages: false,
        machine: null,
      },
    });
  });

  it('keeps the name as it is', async () => {
    const { name } = await parseDomainXml("<domain type='kvm'><name> a&lt;&amp;b,c </name></domain>");
    expect(name).toBe(' a<&b,c ');
  });

  it.each([
    ["<cpu mode='host-passthrough' check='none' migratable='off'/>", 'host-passthrough', null, false],
    ["<cpu mode='host-passthrough' migratable='on'/>", 'host-passthrough', null, true],
    ["<cpu mode='host-passthrough' migratable='yes'/>", 'host-passthrough', null, true],
    ["<cpu mode='host-passthrough' migratable='perhaps'/>", 'host-passthrough', null, null],
    ["<cpu mode='maximum' migratable='no'/>", 'maximum', null, false],
    ["<cpu mode='host-model'><model fallback='allow'/></cpu>", 'host-model', null, null],
    ['<cpu><model>Haswell</model></cpu>', 'custom', 'Haswell', null],
    ["<cpu><topology sockets='1'/></cpu>", null, null, null],
  ])('with %s has its mode, model and migratable', async (cpu, mode, model, migratable) => {
    expect((await parseDomainXml(domain(cpu))).cpu).toMatchObject({ mode, model, migratable });
  });

  it('has no file where its console names none', async () => {
    const serial = "<serial type='tcp'><source mode='bind' host='127.0.0.1'/><log append='off'/></serial>";
    expect((await parseDomainXml(domain(`<devices>${serial}</devices>`))).consoles).toEqual([
      { device: 'serial', type: 'tcp', sourcePath: null, logPath: null },
    ]);
  });

  it.each([
    ["<timer name='tsc' frequency='4567890000'/>", 4567890000],
    ["<timer name='tsc' frequency='0'/>", null],
    ["<timer name='tsc' present='yes' mode='native'/>", null],
    ["<timer name='hpet' frequency='5'/>", null],
    ["<timer name='tsc' frequency='x'/>", null],
    ...['1e9', '0x10000000', '+5', ' 5', '5 ', '-5', '99999999999999999999'].map((text): [string, null] => [
      `<timer name='tsc' frequency='${text}'/>`,
      null,
    ]),
    ["<timer name='tsc' present='yes'/><timer name='tsc' frequency='4567890000'/>", 4567890000],
  ])('with %s has the frequency %j', async (timer, hz) => {
    expect((await parseDomainXml(domain(`<clock offset='utc'>${timer}</clock>`))).tscTimerHz).toBe(hz);
  });

  // qemuDomainDefNamespaceParse in src/qemu/qemu_domain.c goes by the namespace.
  const NS = 'http://libvirt.org/schemas/domain/qemu/1.0';
  it.each([
    [
      domain(
        "<qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='max,+x'/></qemu:commandline>",
        `xmlns:qemu='${NS}'`,
      ),
    ],
    [
      domain(
        "<q:commandline><q:arg value='-cpu'/><q:env name='A'/><q:arg value='max,+x'/></q:commandline>",
        `xmlns:q='${NS}'`,
      ),
    ],
    [domain(`<commandline xmlns='${NS}'><arg value='-cpu'/><arg value='max,+x'/></commandline>`)],
    [
      status(
        domain(
          "<qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='max,+x'/></qemu:commandline>",
          `xmlns:qemu='${NS}'`,
        ),
      ),
    ],
    [
      status(domain("<q:commandline><q:arg value='-cpu'/><q:arg value='max,+x'/></q:commandline>")).replace(
        '<domstatus',
        `<domstatus xmlns:q='${NS}'`,
      ),
    ],
  ])('has the arguments for qemu of %s', async (text) => {
    expect((await parseDomainXml(text)).qemuArgs).toEqual(['-cpu', 'max,+x']);
  });

  it.each([
    [domain("<qemu:commandline><qemu:arg value='-cpu'/></qemu:commandline>", "xmlns:qemu='urn:other'")],
    [domain("<commandline><arg value='-cpu'/></commandline>")],
    [domain(`<metadata><q:commandline xmlns:q='${NS}'><q:arg value='-cpu'/></q:commandline></metadata>`)],
  ])('has no arguments for qemu in %s', async (text) => {
    expect((await parseDomainXml(text)).qemuArgs).toEqual([]);
  });

  it.each([
    // Roots of libvirt's other documents (docs/schemas); capabilities mention invtsc, too.
    [
      "<capabilities><host><cpu><feature name='invtsc'/></cpu></host></capabilities>",
      'found "<capabilities>"',
    ],
    [
      "<domainCapabilities><cpu><mode name='custom'/></cpu></domainCapabilities>",
      'found "<domainCapabilities>"',
    ],
    ['<network><name>default</name></network>', 'XML: expected <domain> or <domstatus>, found "<network>"'],
    [
      `<domainsnapshot><name>s</name>${ACRUX.slice(ACRUX.indexOf('<domain'))}</domainsnapshot>`,
      'expected <domain>',
    ],
    ["<cpu mode='host-passthrough'/>", 'expected <domain>'],
    ['<domain><name>a</name></domain>', '<domain>: no type'],
    ["<domain type='kvm'/>", '<domain>: no name'],
    ["<domain type='kvm'><name/></domain>", 'no name'],
    ["<domain type='kvm'><metadata><name>a</name></metadata></domain>", 'no name'],
    ["<domstatus state='running' pid='1'/>", '<domstatus>: not exactly one <domain>'],
    [`<domstatus>${domain('')}${domain('')}</domstatus>`, 'not exactly one <domain>'],
    [`<!DOCTYPE domain>${domain('')}`, 'DOCTYPE'],
    ['', 'not well-formed'],
    ['not XML', 'not well-formed'],
  ])('is not %.50s', async (text, problem) => {
    await expect(parseDomainXml(text)).rejects.toThrow(FormatError);
    await expect(parseDomainXml(text)).rejects.toThrow(problem);
  });

  it('is read from a damaged file, or a format error without its secrets is thrown', async () => {
    const damage = fc.tuple(
      fc.nat(ACRUX.length),
      fc.nat(200),
      fc.oneof(fc.string(), fc.constantFrom('<', '>', '&', "'")),
    );
    await fc.assert(
      fc.asyncProperty(damage, async ([from, length, put]) => {
        try {
          const { name } = await parseDomainXml(ACRUX.slice(0, from) + put + ACRUX.slice(from + length));
          expect(name).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect((error as FormatError).message).not.toContain('s3cret');
        }
      }),
      { numRuns: 400 },
    );
  });
});

lab(TEST_DRIVER, 'libvirt itself', () => {
  it('prints definitions that are read', async () => {
    const driver = withTestDriver([
      domainXml({
        name: 'web&amp;1',
        type: 'test',
        cpu: `<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>Haswell</model>
          <feature policy='require' name='invtsc'/><feature policy='optional' name='vme'/></cpu>
          <clock offset='utc'><timer name='tsc' frequency='4567890000'/></clock>`,
        devices:
          "<serial type='file'><source path='/tmp/a.log'/><log file='/tmp/b.log' append='on'/></serial>",
      }),
    ]);
    const { stdout, stderr } = await driver.virsh('dumpxml', 'web&1');
    expect(stderr).toBe('');
    const definition = await parseDomainXml(stdout);
    expect(definition).toMatchObject({
      type: 'test',
      name: 'web&1',
      arch: 'x86_64',
      cpu: {
        mode: 'custom',
        model: 'Haswell',
        check: 'none',
        migratable: null,
        features: [
          { name: 'invtsc', policy: 'require' },
          { name: 'vme', policy: 'optional' },
        ],
      },
      tscTimerHz: 4567890000,
      emulator: '/usr/bin/qemu-system-x86_64',
    });
    expect(definition.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(definition.id).toBeGreaterThan(0);
    expect(
      definition.consoles.map(({ device, type, sourcePath, logPath }) => [device, type, sourcePath, logPath]),
    ).toEqual([
      ['serial', 'file', '/tmp/a.log', '/tmp/b.log'],
      ['console', 'file', '/tmp/a.log', '/tmp/b.log'],
    ]);
  });

  it('prints capabilities, which are no definition', async () => {
    const { stdout } = await withTestDriver([]).virsh('capabilities');
    expect(stdout).toContain('<capabilities>');
    await expect(parseDomainXml(stdout)).rejects.toThrow(FormatError);
  });
});
