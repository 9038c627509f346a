import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import * as ask from '../../lib/host/ask.ts';
import type { Want } from '../../lib/host/ask.ts';
import type { Host } from '../../lib/host/host.ts';
import {
  escapeText,
  parseContent,
  parseRecording,
  printContent,
  unescapeText,
} from '../../lib/host/recording.ts';
import { openRecording, RecordingHost } from '../../lib/host/replay.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { failed, found, type Reading } from '../../lib/reading.ts';

function replayed(text: string): Host {
  const host = openRecording(text, 'test');
  if (!host.ok) throw new Error(JSON.stringify(host));
  return host.value;
}

/** A host that gives each question the answer of the same name. */
function hostOf(answers: Readonly<Record<string, unknown>>): Host {
  const now = { epochSeconds: 1764000000.25, uptimeSeconds: 86400.5, bootId: 'boot-1' };
  const who = { uid: 1000, gid: 100, nodeName: 'kvm one' };
  return { ask: () => Promise.resolve({ ...answers, now, who } as never) };
}

async function roundTrip(want: Want, answers: Readonly<Record<string, unknown>>): Promise<unknown> {
  const recorder = new RecordingHost(hostOf(answers));
  await recorder.ask(want);
  return replayed(recorder.text('comment')).ask(want);
}

/** Buffers and other byte arrays with the same bytes are the same. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      key === 'bytes' ? Buffer.from(part as Uint8Array).toString('latin1') : part,
    ),
  );
}

describe('the text of a recording', () => {
  it('holds any bytes, and gives them back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect([...parseContent(printContent(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('holds any text on one printable line, and gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const line = escapeText(text);
        expect(line).not.toMatch(/[\n\r\0\u202e\u2028]/);
        expect(unescapeText(line)).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('shows a command line one argument a line', () => {
    expect(printContent(Buffer.from('/usr/bin/kvm\0-name\0a b\0'))).toEqual([
      '0/usr/bin/kvm',
      '0-name',
      '0a b',
    ]);
  });

  it.each([
    ['', 'a recording begins with'],
    ['hypervisor-checks recording 1\nok bytes whole /x\nend\n', 'before the first look'],
    ['hypervisor-checks recording 1\nlook 1\n  |text\nend\n', 'an answer without a question'],
    ['hypervisor-checks recording 1\nlook 1\nfine bytes whole /x\nend\n', 'not a question'],
    ['hypervisor-checks recording 1\nend\n', 'holds nothing'],
    ['hypervisor-checks recording 1\n', 'cut off'],
    ['hypervisor-checks recording 1\nlook 1\nok list /x\n', 'cut off'],
    ['hypervisor-checks recording 1\nlook 1\nok list /x\n  end\n', 'cut off'],
    ['hypervisor-checks recording 1\nlook 1\nend\nok list /x\n', 'cut off'],
    ['hypervisor-checks recording 1\nlook 1\nend\nend\n', 'not a question'],
  ])('is refused with the line that is wrong: %j', (text, complaint) => {
    const reading = parseRecording(text, 'file');
    expect(reading).toMatchObject({ ok: false, why: 'unparsable', path: 'file' });
    expect(reading.ok ? '' : reading.detail).toContain(complaint);
  });

  it('is never anything but read or refused, whatever it holds', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'look 1',
        'look 2 +1s',
        'clock 1 uptime=2 boot=x',
        'ok bytes whole /a',
        'denied list /b',
        '  |x',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        parseRecording(['hypervisor-checks recording 1', ...lines, 'end'].join('\n'), 'file');
      }),
    );
  });
});

describe('a recorded host', () => {
  const stat = {
    type: 'file', mode: 0o644, uid: 0, gid: 6, sizeBytes: 5, allocatedBytes: 4096,
    links: 1, device: 65026, inode: 77, modifiedAt: -5, changedAt: 1764000000,
  } as const; // prettier-ignore
  const cases: readonly (readonly [string, ask.Question, Reading<unknown>])[] = [
    ['a file', ask.bytes('/etc/x y'), found({ bytes: Buffer.from('a\nb'), cut: false })],
    ['the beginning of a file', ask.head('/f', 3), found({ bytes: Buffer.from('abc'), cut: true })],
    ['the end of a file', ask.tail('/f', 3), found({ bytes: Buffer.from('abc'), cut: true })],
    ['a file too big', ask.bytes('/f', 3), failed('tooBig', '/f', 'more than 3 bytes')],
    ['a directory', ask.list('/d'), found(['a', 'b c', 'new\nline', '\\'])],
    ['an empty directory', ask.list('/d'), found([])],
    ['lines', ask.lines('/proc/1/maps', 'a (deleted)', 50), found(['7f00 /lib/a (deleted)', '', '\\ a'])],
    ['no such lines', ask.lines('/proc/1/maps', '(deleted)'), found([])],
    ['lines that may not be read', ask.lines('/proc/1/maps', '(deleted)'), failed('denied', '/proc/1/maps')],
    ['what stat says', ask.stat('/f', { follow: true }), found(stat)],
    ['what lstat says', ask.stat('/f'), found(stat)],
    ['a link', ask.link('/l'), found('some where')],
    ['a FIFO', ask.fifo('/p'), found('noReader')],
    [
      'a file system',
      ask.statfs('/'),
      found({ magic: 61267, blockBytes: 4096, blocks: 9, free: 8, available: 7, files: 6, filesFree: 5 }),
    ],
    [
      'a command',
      ask.run('virsh', '-q', 'dumpxml x', ''),
      found({ status: 1, stdout: 'out\nput', stderr: 'error: no\n' }),
    ],
    ['a missing command', ask.run('virsh', 'list'), failed('absent', 'virsh list', 'no such command')],
    ['nothing allowed', ask.list('/d'), failed('denied', '/d')],
    [
      'matches',
      ask.each('/d/*.xml', { text: ask.bytes(''), log: ask.stat('log') }),
      found({
        found: [
          {
            path: '/d/a b.xml',
            text: found({ bytes: Buffer.from('<a/>'), cut: false }),
            log: failed('absent', '/d/a b.xml/log'),
          },
        ],
        unlisted: [failed('denied', '/d/locked')],
      }),
    ],
    [
      'files',
      ask.files('/d/*/a b', '/d/*/c*'),
      found({
        found: [
          { path: '/d/x/a b', sizeBytes: 5e9, allocatedBytes: 4096, device: 7, inode: 12 },
          { path: '/d/x/c\n', sizeBytes: 1, allocatedBytes: 0, device: 7, inode: 13 },
        ],
        links: ['/d/y/c'],
        unlisted: [failed('denied', '/d/locked')],
      }),
    ],
    ['files in a directory that is closed', ask.files('/d/*', '/d/*/x'), failed('timedOut', '/d/*')],
    [
      'processes',
      ask.processes(['qemu-*', 'kvm'], { argv: ask.head('cmdline', 100) }),
      found({
        found: [{ pid: 7, program: 'kvm', argv: found({ bytes: Buffer.from('kvm\0-S\0'), cut: false }) }],
        scanned: 100,
        undecided: [3, 4],
      }),
    ],
  ];

  it.each(cases)('answers as it did: %s', async (_, question, answer) => {
    const got = (await roundTrip({ it: question }, { it: answer })) as Record<string, unknown>;
    expect(plain(got['it'])).toEqual(plain(answer));
    expect(got['now']).toEqual({ epochSeconds: 1764000000.25, uptimeSeconds: 86400.5, bootId: 'boot-1' });
    expect(got['who']).toEqual({ uid: 1000, gid: 100, nodeName: 'kvm one' });
  });

  it('never takes what was not asked for absent', async () => {
    const host = replayed('hypervisor-checks recording 1\nlook 1\nok list /d\nend\n');
    const { file, processes } = await host.ask({
      file: ask.bytes('/f'),
      processes: ask.processes(['x'], {}),
    });
    expect(file).toMatchObject({ ok: false, why: 'notRecorded' });
    expect(processes).toMatchObject({ ok: false, why: 'notRecorded' });
  });

  it('answers a second look from the second look only', async () => {
    const text = [
      'hypervisor-checks recording 1',
      'look 1', 'clock 100 boot=x', 'ok bytes whole /f', '  .one', 'ok bytes whole /g', '  .one',
      'look 2 +1s', 'clock 101 boot=x', 'ok bytes whole /f', '  .two', 'end',
    ].join('\n'); // prettier-ignore
    const host = replayed(text);
    await host.ask({ f: ask.bytes('/f') });
    const second = await host.ask({ f: ask.bytes('/f'), g: ask.bytes('/g') }, { afterSeconds: 1 });
    expect(second.f.ok && Buffer.from(second.f.value.bytes).toString()).toBe('two');
    expect(second.g).toMatchObject({ ok: false, why: 'notRecorded' });
    expect(second.now.epochSeconds).toBe(101);
  });

  it('answers like the machine that it is of', async () => {
    const want = {
      name: ask.bytes('/proc/sys/kernel/ostype'),
      passwd: ask.head('/etc/passwd', 20),
      etc: ask.stat('/etc', { follow: true }),
      here: ask.each('/etc/host*', { text: ask.bytes('') }),
      none: ask.list('/nonexistent'),
    };
    const recorder = new RecordingHost(new LocalHost(new Deadline(10)));
    const local = await recorder.ask(want);
    const again = await replayed(recorder.text('')).ask(want);
    expect(plain(again)).toEqual(plain(local));
  });
});

describe('secrets', () => {
  it.each([
    ['/proc/7/cmdline', 'kvm\0-spice\0port=1,password=hunter2,tls\0', 'hunter2'],
    ['/proc/7/cmdline', 'kvm\0-object\0secret,id=s0,data=c2VjcmV0,format=raw\0', 'c2VjcmV0'],
    ['/proc/7/cmdline', 'kvm\0-object\0{"qom-type":"secret","id":"s","data":"c2VjcmV0"}\0', 'c2VjcmV0'],
    ['/proc/7/cmdline', 'kvm\0-drive\0file=rbd:pool/img:id=admin:key=QVFBQg==:conf=/etc/c\0', 'QVFBQg=='],
    ['/proc/7/cmdline', 'kvm\0-drive\0file=iscsi://user%pass5word@host/iqn/0\0', 'pass5word'],
    ['/proc/7/cmdline', 'kvm\0-drive\0driver=https,file.password=hunter2,x=1\0', 'hunter2'],
    ['/proc/7/cmdline', 'kvm\0-object\0secret,id=a,data=SE,,CRET\0', 'CRET'],
    ['/proc/7/cmdline', 'kvm\0-object\0{"qom-type":"secret","data":"SE\\"CRET"}\0', 'CRET'],
    ['/proc/7/cmdline', 'kvm\0-drive\0file=https://user:se/cret@host/x\0', 'cret'],
    ['/proc/7/cmdline', 'kvm\0-drive\0file=rbd:pool/img:key=SE\\:CRET:conf=/x\0', 'CRET'],
    ['/proc/7/cmdline', 'kvm\0-fw_cfg\0name=opt/io.systemd.credentials/x,string=hunter2\0', 'hunter2'],
    ['/proc/7/cmdline', 'kvm\0-smbios\0type=11,value=io.systemd.credential:x=hunter2\0', 'hunter2'],
    ['/proc/7/cmdline', 'kvm\0-append\0root=/dev/vda password=hunter2 quiet\0', 'hunter2'],
    ['/etc/libvirt/qemu/a.xml', "<qemu:arg value='secret,id=a,data=hunter2'/>", 'hunter2'],
    ['/etc/libvirt/qemu/a.xml', "<qemu:env name='X' value='hunter2'/>", 'hunter2'],
    ['/etc/libvirt/qemu/a.xml', "<graphics type='vnc' passwd = 'hunter2'/>", 'hunter2'],
    ['/etc/libvirt/qemu/a.xml', "<graphics type='vnc' port='-1' passwd='geheim'/>", 'geheim'],
  ])('are left out of a recording: %s %j', async (path, content, secret) => {
    const want = { it: ask.bytes(path) };
    const recorder = new RecordingHost(hostOf({ it: found({ bytes: Buffer.from(content), cut: false }) }));
    await recorder.ask(want);
    expect(recorder.text('')).not.toContain(secret);
    expect(recorder.text('')).toContain('***');
  });

  it('are left out of what virsh printed, too', async () => {
    const stdout = "<domain><graphics type='vnc' passwd='geheim'/></domain>";
    const recorder = new RecordingHost(hostOf({ it: found({ status: 0, stdout, stderr: '' }) }));
    await recorder.ask({ it: ask.run('virsh', 'dumpxml', 'x') });
    expect(recorder.text('')).not.toContain('geheim');
  });

  it('are only what is secret: the rest stays as it was', async () => {
    const content =
      'kvm\0-vnc\0:1,password=on\0-name\0guest=data,debug-threads=on\0-drive\0file=nbd://host:10809/x\0';
    const recorder = new RecordingHost(hostOf({ it: found({ bytes: Buffer.from(content), cut: false }) }));
    await recorder.ask({ it: ask.bytes('/proc/7/cmdline') });
    expect(recorder.text('')).not.toContain('***');
  });
});
