import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseSuperviseStatus, type SuperviseStatus } from '../../lib/parsers/supervise-status.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const COMMON = { isEncore: false, isPaused: false, ended: null };

// Written by daemontools 0.76, runit 2.1.2 and s6 2.11.3 of Debian 12; svstat, sv and s6-svstat said the same of them.
const SEEN: readonly (readonly [string, string, Partial<SuperviseStatus>])[] = [
  ['daemontools, up', '40000000 6b0100c2 02c43aa4 ad600000 00 75', { supervisor: 'daemontools', state: 'up', pid: 24749, wants: 'up' }],
  ['runit, up', '40000000 6b0180c4 0567b86c ea780000 00 75 00 01', { supervisor: 'runit', state: 'up', pid: 30954, wants: 'up' }],
  ['runit, down by a file', '40000000 6b0180be 03b1afb4 00000000 00 64 00 00', { supervisor: 'runit', state: 'down', pid: null, wants: 'down' }],
  ['runit, between two attempts', '40000000 6b0180c5 07270c0c 00000000 00 75 00 00', { supervisor: 'runit', state: 'down', pid: null, wants: 'up' }],
  ['s6, up', '40000000 6b0180df 0694cc5a 40000000 6b0180de 067c05ff 00000000000078ef 0000 04', { supervisor: 's6', state: 'up', pid: 30959, wants: 'up' }],
  ['s6, down by a file', '40000000 6b0180d9 05df309e 40000000 6b0180d9 05df309e 0000000000000000 0000 08', { supervisor: 's6', state: 'down', pid: null, wants: 'down', ended: 'exit code 0' }],
  ['s6, between two attempts', '40000000 6b0180e0 096cd1e0 40000000 6b0180e0 0980a0ca 0000000000000000 0100 0c', { supervisor: 's6', state: 'down', pid: null, wants: 'up', ended: 'exit code 1' }],
]; // prettier-ignore

// Hand-made: announce() in supervise.c, update_status() in runsv.c, s6_svstatus_pack.c; make_status() of daemontools-encore.
const MADE: readonly (readonly [string, string, Partial<SuperviseStatus>])[] = [
  ['daemontools, down', '40000000 6b0100c2 00000000 00000000 00 75', { state: 'down', pid: null, wants: 'up' }],
  ['daemontools, paused', '40000000 6b0100c2 00000000 01000000 01 75', { state: 'up', pid: 1, isPaused: true }],
  ['daemontools, told to stop', '40000000 6b0100c2 00000000 01000000 00 64', { state: 'up', wants: 'down' }],
  ['daemontools, once', '40000000 6b0100c2 00000000 01000000 00 00', { state: 'up', wants: 'once' }],
  ['runit, finish', '40000000 6b0100c2 00000000 01000000 00 75 00 02', { state: 'finishing', pid: 1 }],
  ['runit, told to stop: it got TERM', '40000000 6b0100c2 00000000 01000000 00 64 01 01', { state: 'up', wants: 'down' }],
  ['runit, once: it got none', '40000000 6b0100c2 00000000 01000000 00 64 00 01', { state: 'up', wants: 'once' }],
  ['encore, up', '40000000 6b0100c2 00000000 01000000 00 75 03 00', { supervisor: 'daemontools', isEncore: true, state: 'up' }],
  ['encore, down after once', '40000000 6b0100c2 00000000 00000000 00 00 00 00', { supervisor: 'daemontools', isEncore: true, state: 'down', wants: 'once' }],
  ['s6, finish', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000000007 0009 06', { state: 'finishing', pid: 7, ended: 'signal 9' }],
  ['runit, without its process', '40000000 6b0100c2 00000000 00000000 00 75 00 02', { supervisor: 'runit', state: 'down', pid: null }],
  ['s6, finished', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000000000 0009 06', { state: 'down', pid: null, ended: 'signal 9' }],
  ['s6, the largest process', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000400000 0000 04', { state: 'up', pid: 4_194_304 }],
  ['s6, paused and told to stop', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000000007 0000 01', { state: 'up', isPaused: true, wants: 'down' }],
  ['s6, paused', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000000007 0000 05', { state: 'up', isPaused: true }],
  ['s6 2.13, up', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000000007 0000000000000006 0000 04', { supervisor: 's6', state: 'up', pid: 7 }],
]; // prettier-ignore

describe('supervise/status', () => {
  it.each([...SEEN, ...MADE])('of %s', (_, text, expected) => {
    const { service, log } = parseSuperviseStatus(hex(text));
    expect(service).toMatchObject({ ...COMMON, ...expected });
    expect(log).toBeNull();
  });

  it('holds the time with ten seconds of djb, with leap seconds of s6', () => {
    const { service: djb } = parseSuperviseStatus(hex(SEEN[0]?.[1] ?? ''));
    expect(djb.sinceEpochSeconds).toBeCloseTo(1_795_227_832.046_414, 5);
    expect(djb.stamp).toBe('1795227842.046414500');
    const late = '40000001 00000000 00000000 01000000 00 75';
    expect(parseSuperviseStatus(hex(late)).service.sinceEpochSeconds).toBe(2 ** 32 - 10);
    const last = late.replace('40000001', '400000ff');
    expect(parseSuperviseStatus(hex(last)).service.sinceEpochSeconds).toBe(0xff * 2 ** 32 - 10);
    // Both were started in the same second.
    const { service: runit } = parseSuperviseStatus(hex(SEEN[2]?.[1] ?? ''));
    const { service: s6 } = parseSuperviseStatus(hex(SEEN[5]?.[1] ?? ''));
    expect([runit, s6].map(({ sinceEpochSeconds }) => Math.floor(sinceEpochSeconds))).toEqual([
      1_795_260_596, 1_795_260_596,
    ]);
  });

  it('of encore holds the log too', () => {
    const one = '40000000 6b0100c2 00000000 01000000 00 75 03 00';
    const { service, log } = parseSuperviseStatus(hex(one + one.replace('01000000', '02000000')));
    expect([service.pid, log?.pid, log?.isEncore]).toEqual([1, 2, true]);
  });

  it.each<[string, string, string]>([
    ['empty', '', ': bad format: 0 bytes, expected 18, 20, 35, 40 or 43'],
    ['of a length that nobody writes', '00'.repeat(19), ': bad format: 19 bytes, expected 18, 20, 35, 40 or 43'],
    ['of an old s6', '40000000 6b0100c2 00000000 01000000 00 75 0000000000000000', ': bad format: 26 bytes, expected 18, 20, 35, 40 or 43'],
    ['not a time', '00000000 6b0100c2 00000000 01000000 00 75', ' byte 0: not a TAI64 label'],
    ['far in the future', '40000100 6b0100c2 00000000 01000000 00 75', ' byte 0: not a TAI64 label'],
    ['with nanoseconds that are none', '40000000 6b0100c2 3b9aca00 01000000 00 75', ' byte 8: not nanoseconds'],
    ['with nanoseconds of its log that are none', '40000000 6b0100c2 00000000 01000000 00 75 03 00 40000000 6b0100c2 3b9aca00 01000000 00 75 03 00', ' byte 28: not nanoseconds'],
    ['with a process id that is none', '40000000 6b0100c2 00000000 ffffffff 00 75', ': its process id is none'],
    ['with a process id of more than 32 bits', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000100000007 0000 04', ': its process id is none'],
    ['with a process id of 57 bits', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0100000000000007 0000 04', ': its process id is none'],
    ['with a process id past the largest', '40000000 6b0180df 00000000 40000000 6b0180de 00000000 0000000000400001 0000 04', ': its process id is none'],
    ['with another byte for paused', '40000000 6b0100c2 00000000 01000000 02 75', ' byte 16: neither 0 nor 1'],
    ['with another byte for want', '40000000 6b0100c2 00000000 01000000 00 78', ' byte 17: neither u, d nor 0'],
    ['with a state that runit has not', '40000000 6b0100c2 00000000 01000000 00 75 00 03', ' byte 19: expected a state from 0 to 2'],
    ['text', Buffer.from('root:x:0:0:root:/x').toString('hex'), ': its process id is none'],
  ])('is refused, with the byte that is wrong: %s', (_, text, message) => {
    const [at = '', ...problem] = message.split(': ');
    expect(() => parseSuperviseStatus(hex(text))).toThrow(new FormatError(`supervise/status${at}`, problem.join(': ')));
  }); // prettier-ignore

  it('is refused where it is not of whom it must be', () => {
    const text = SEEN[0]?.[1] ?? '';
    expect(parseSuperviseStatus(hex(text), 'daemontools').service.pid).toBe(24749);
    expect(() => parseSuperviseStatus(hex(text), 's6')).toThrow('18 bytes are not a status of s6');
  });

  it('never throws anything else, and never says what stands there', () => {
    const lengths = fc.constantFrom(0, 17, 18, 19, 20, 35, 40, 43, 64);
    const bytes = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
    const time = hex('40000000 6b0100c2 00000000');
    fc.assert(
      fc.property(bytes, fc.boolean(), (noise, isTimed) => {
        if (isTimed && noise.length > 24) for (const at of [0, 12]) noise.set(time, at);
        else if (isTimed && noise.length > 12) noise.set(time, 0);
        try {
          const { service } = parseSuperviseStatus(noise);
          expect(service.pid === null || service.pid > 0).toBe(true);
          expect(Number.isFinite(service.sinceEpochSeconds)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message).not.toMatch(/found/);
        }
      }),
    );
  });
});
