/** A password that stands where passwords are known to stand comes out nowhere: not in a recording, an output, JSON or a trace. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { run } from '../../lib/cli/run.ts';
import { printContent, LAST_LINE } from '../../lib/host/recording.ts';
import { redact, redactOutput } from '../../lib/host/redact.ts';
import { plugins } from '../../plugins/index.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** With an end of its own, so that a password of which only the beginning is hidden is seen too. */
const BEGIN = 'Hunter1';
const END = 'Hunter2';
const secrets = fc
  .array(fc.constantFrom(...Array.from('aB9 !#$%&()*+.:;<>?@^_|~=/-,\'"\\ü')), { maxLength: 8 })
  .map((characters) => BEGIN + characters.join('') + END);

const asValue = (secret: string): string => secret.replaceAll(',', ',,');
const asJson = (secret: string): string => JSON.stringify(secret).slice(1, -1);
const asUrl = (secret: string): string => encodeURIComponent(secret).replaceAll("'", '%27');
const asRados = (secret: string): string => asValue(secret.replaceAll(/[\\:@=]/g, '\\$&'));
const asXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&apos;')
    .replaceAll('"', '&quot;');
/** A quoted string of Python, which xm and xl read. */
const asString = (secret: string): string => secret.replaceAll(/["'\\\n]/g, 'x');

/** Words of qemu's command line. */
const ARGUMENTS: Readonly<Record<string, (secret: string) => readonly string[]>> = {
  'a secret object': (s) => ['-object', `secret,id=sec0,data=${asValue(s)}`],
  'a secret object in JSON': (s) => ['-object', `{"qom-type":"secret","id":"sec0","data":"${asJson(s)}"}`],
  spice: (s) => ['-spice', `port=5900,password=${asValue(s)},addr=127.0.0.1`],
  iSCSI: (s) => ['-iscsi', `initiator-name=iqn.x,user=u,password=${asValue(s)}`],
  'a block driver': (s) => ['-drive', `file.driver=https,file.password=${asValue(s)},if=none,id=d`],
  cookies: (s) => ['-drive', `file.driver=http,file.cookie=${asValue(s)},id=d`],
  'a block device in JSON': (s) => [
    '-blockdev',
    `{"driver":"https","password":"${asJson(s)}","node-name":"n"}`,
  ],
  'a URL': (s) => ['-drive', `file=https://user:${asUrl(s)}@host/image,format=raw,if=none`],
  RADOS: (s) => ['-drive', `file=rbd:pool/image:id=admin:key=${asRados(s)}:auth_supported=cephx,format=raw`],
  firmware: (s) => ['-fw_cfg', `name=opt/com.example/x,string=${asValue(s)}`],
  SMBIOS: (s) => ['-smbios', `type=11,value=${asValue(s)}`],
  "the kernel's command line": (s) => ['-append', `root=/dev/vda token=${s.replaceAll(/[ ,]/g, '')} quiet`],
};

const GUEST = ['/usr/bin/qemu-system-x86_64', '-name', 'guest=web,debug-threads=on', '-cpu', 'host,+invtsc'];
const argvWith = (words: readonly string[]): string => [...GUEST, ...words, '-m', '1024', ''].join('\0');

function leaks(text: string): boolean {
  return text.includes(BEGIN) || text.includes(END);
}

const recorded = (path: string, text: string): string =>
  Buffer.from(redact(path, Buffer.from(text))).toString();

describe('a password is not recorded', () => {
  it.each(Object.entries(ARGUMENTS))('of a command line: %s', (_, wordsOf) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const line = argvWith(wordsOf(secret));
        expect(leaks(line)).toBe(true);
        expect(recorded('/proc/42/cmdline', line)).not.toSatisfy(leaks);
        // What stands around it is what the host said.
        expect(recorded('/proc/42/cmdline', line)).toMatch(/\0-cpu\0host,\+invtsc\0[^]*\0-m\x001024\0$/);
      }),
    );
  });

  it.each(Object.entries(ARGUMENTS))('of a definition that hands it on to qemu: %s', (_, wordsOf) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        // Where two words belong together, the first says that the second holds one.
        const args = wordsOf(secret).map((word) => `<qemu:arg value='${asXml(word)}'/>`);
        const xml = `<domain>\n${args.join('\n')}\n</domain>\n`;
        expect(recorded('/etc/libvirt/qemu/web.xml', xml)).not.toSatisfy(leaks);
        expect(redactOutput(xml)).not.toSatisfy(leaks);
      }),
    );
  });

  it.each<[string, (secret: string) => string]>([
    ['a console', (s) => `<graphics type='vnc' port='-1' passwd='${asXml(s)}' keymap='de'/>`],
    ['the environment of qemu', (s) => `<qemu:env name='TOKEN' value='${asXml(s)}'/>`],
    ['SMBIOS', (s) => `<oemStrings>\n<entry>${asXml(s)}</entry>\n</oemStrings>`],
    [
      'firmware',
      (s) => `<sysinfo type='fwcfg'><entry name='opt/com.example/x'>${asXml(s)}</entry></sysinfo>`,
    ],
  ])('of a definition: %s', (_, elementOf) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const xml = `<domain type='kvm'>\n${elementOf(secret)}\n<name>web</name></domain>\n`;
        expect(recorded('/run/libvirt/qemu/web.xml', xml)).not.toSatisfy(leaks);
        expect(redactOutput(xml)).not.toSatisfy(leaks);
        expect(redactOutput(xml)).toContain('<name>web</name></domain>');
      }),
    );
  });

  it.each<[string, string, (secret: string) => string]>([
    ["xl's console", '/etc/xen/web.cfg', (s) => `vncpasswd = "${asString(s)}"`],
    [
      "xl's consoles",
      '/etc/xen/web.cfg',
      (s) => `vfb = [ 'type=vnc,vncpasswd=${asString(s).replaceAll(/[, ]/g, '')}' ]`,
    ],
    ['a note for xl', '/etc/xen/web.cfg', (s) => `memory = 512 # ${s}`],
    ["cloud-init's", '/etc/pve/qemu-server/100.conf', (s) => `cipassword: ${s}`],
    ['a note for Proxmox', '/etc/pve/qemu-server/100.conf', (s) => `#${s}`],
    ['nova', '/etc/nova/nova.conf', (s) => `transport_url = rabbit://nova:${s}@rabbit`],
    ['neutron', '/etc/neutron/neutron.conf', (s) => `[keystone]\npassword = ${s}`],
    ['a supervisor', '/service/web/run', (s) => `#!/bin/sh\nexport TOKEN='${s}'\nexec web`],
  ])('of a configuration: %s', (_, path, textOf) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const text = `${textOf(secret)}\nname: web\n`;
        expect(recorded(path, text)).not.toSatisfy(leaks);
      }),
    );
  });

  it.each(Object.entries(ARGUMENTS))(
    'of the arguments that Proxmox puts behind its own: %s',
    (_, wordsOf) => {
      fc.assert(
        fc.property(secrets, (secret) => {
          const words = wordsOf(secret).map((word) =>
            /[\s"'\\]/.test(word) ? `'${word.replaceAll("'", '')}'` : word,
          );
          const text = `cores: 2\nargs: -cpu host,+invtsc ${words.join(' ')}\nname: web\n`;
          const kept = recorded('/etc/pve/qemu-server/100.conf', text);
          expect(kept).not.toSatisfy(leaks);
          expect(kept).toContain('args: -cpu host,+invtsc ');
          expect(kept).toMatch(/\nname: web\n$/);
        }),
      );
    },
  );

  it('of what xl prints', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const text = JSON.stringify([{ domid: 1, config: { vfbs: [{ vnc: { passwd: secret } }] } }], null, 4);
        expect(redactOutput(text)).not.toSatisfy(leaks);
        expect(JSON.parse(redactOutput(text))).toHaveLength(1);
      }),
    );
  });
});

/** A host with one guest, as a recording that somebody made by hand would have it: with the passwords in. */
function hostWith(words: readonly string[]): string {
  return [
    'hypervisor-checks recording 1',
    'look 1',
    'clock 1764000000 uptime=864000 boot=x',
    'who uid=0 gid=0 node=kvm1',
    'ok processes qemu-system-* qemu-*-system-* .qemu-system-* qemu-kvm .qemu-kvm-wrapped kvm kvm-spice qemu qemu-dm qemu-dm-*',
    '  scanned 7',
    '  process 42 qemu-system-x86_64',
    'ok bytes head /proc/42/cmdline',
    ...printContent(Buffer.from(argvWith(words))).map((line) => `  ${line}`),
    LAST_LINE,
    '',
  ].join('\n');
}

describe('a password is not said', () => {
  it.each(Object.keys(plugins))('by %s', async (name) => {
    const plugin = (await plugins[name]?.())?.default;
    if (plugin === undefined) throw new Error(`there is no ${name}`);
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    const recording = join(folder, 'recording');
    const cases = fc.tuple(secrets, fc.constantFrom(...Object.values(ARGUMENTS)));
    const said = fc.constantFrom(['-vvv'], ['--format', 'json'], ['--record', '-'], []);
    try {
      await fc.assert(
        fc.asyncProperty(cases, said, async ([secret, wordsOf], args) => {
          writeFileSync(recording, hostWith(wordsOf(secret)));
          expect((await run(plugin, ['--replay', recording, ...args])).text).not.toSatisfy(leaks);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
