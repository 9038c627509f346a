/**
 * What a host answered, as text that people can read, compare and send: one entry a question, its outcome first.
 *
 *     hypervisor-checks recording 1
 *     look 1
 *     clock 1764000000.25 uptime=86400.5 boot=6a0b...
 *     who uid=0 gid=0 node=kvm1
 *     ok processes qemu-system-* kvm
 *       scanned 77
 *       4711 qemu-system-x86_64
 *     ok bytes head /proc/4711/cmdline
 *       0/usr/bin/qemu-system-x86_64
 *       0-S
 *     denied list /etc/libvirt/qemu
 *     end
 *
 * Below a question stands its answer, indented by two. Content: each piece up to a newline behind `|`, up to a NUL
 * behind `0`, and an end without either behind `.`. Bytes that are no printable UTF-8 are `\xHH`, a backslash is `\\`.
 * A question that was never asked is not in it: replayed, it is `notRecorded`, never `absent`. Without its last line a
 * recording is not read: the part that is missing could hold the fault.
 */
import { failed, found, WHYS, type Failure, type Reading, type Why } from '../reading.ts';
import type { Clock, Identity } from './host.ts';

export const FIRST_LINE = 'hypervisor-checks recording 1';
export const LAST_LINE = 'end';

/** One question with its answer; `lines` is the indented part. */
export interface Entry {
  /** `bytes /etc/hostname`, `list /proc`: what is looked up. */
  readonly key: string;
  /** What else was asked or is true of the whole answer: `head`, `head+` for a cut one. */
  readonly note: string;
  readonly outcome: 'ok' | Why;
  readonly lines: readonly string[];
}

/** What was asked at one time; a second look is a second one. */
export interface Look {
  readonly afterSeconds: number;
  readonly now: Clock;
  readonly who: Identity;
  readonly entries: readonly Entry[];
}

export function printRecording(looks: readonly Look[], comment = ''): string {
  const lines = [
    FIRST_LINE,
    ...comment
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `# ${line}`),
  ];
  for (const [index, look] of looks.entries()) {
    const { now, who } = look;
    const uptime = now.uptimeSeconds === null ? '' : ` uptime=${now.uptimeSeconds}`;
    lines.push(
      `look ${index + 1}${look.afterSeconds > 0 ? ` +${look.afterSeconds}s` : ''}`,
      `clock ${now.epochSeconds}${uptime} boot=${escapeText(now.bootId)}`,
      `who uid=${who.uid} gid=${who.gid} node=${escapeText(who.nodeName)}`,
    );
    for (const entry of look.entries) {
      const [op = '', ...rest] = entry.key.split(' ');
      const note = entry.note === '' ? '' : `${entry.note} `;
      lines.push(`${entry.outcome} ${op} ${note}${rest.join(' ')}`);
      for (const line of entry.lines) lines.push(`  ${line}`);
    }
  }
  return [...lines, LAST_LINE, ''].join('\n');
}

/** The operations whose key is preceded by a note in the file. */
const NOTED = new Set(['bytes']);

/** The looks of a recording; the failure says which line is not understood. */
export function parseRecording(text: string, path: string): Reading<readonly Look[]> {
  const bad = (index: number, what: string): Failure =>
    failed('unparsable', path, `line ${index + 1}: ${what}`);
  const [first, body, last] = bordersOf(text);
  if (first !== FIRST_LINE) return bad(0, `a recording begins with "${FIRST_LINE}"`);
  if (last !== LAST_LINE)
    return failed('unparsable', path, `it is cut off: its last line is not "${LAST_LINE}"`);
  const looks: OpenLook[] = [];
  for (const [index, line] of body.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const look = looks.at(-1);
    if (line.startsWith('look ')) {
      const after = /^look [0-9]+(?: \+([0-9.]+)s)?$/.exec(line);
      if (after === null) return bad(index, 'not a look');
      looks.push({ afterSeconds: Number(after[1] ?? 0), now: NO_CLOCK, who: NOBODY, entries: [] });
    } else if (look === undefined) {
      return bad(index, 'before the first look');
    } else if (line.startsWith('  ')) {
      const entry = look.entries.at(-1);
      if (entry === undefined) return bad(index, 'an answer without a question');
      entry.lines.push(line.slice(2));
    } else if (line.startsWith('clock ')) {
      Object.assign(look, { now: parseClock(line) });
    } else if (line.startsWith('who ')) {
      Object.assign(look, { who: parseWho(line) });
    } else {
      const entry = parseEntry(line);
      if (entry === null) return bad(index, 'not a question');
      look.entries.push(entry);
    }
  }
  return looks.length === 0 ? bad(0, 'holds nothing') : found(looks);
}

/** The first line, all lines with the first and the last blanked, and the last that is not blank. */
function bordersOf(text: string): readonly [string, readonly string[], string] {
  const lines = text.trimEnd().split('\n');
  return [lines[0] ?? '', ['', ...lines.slice(1, -1)], lines.at(-1) ?? ''];
}

/** A look while it is read. */
interface OpenLook extends Look {
  readonly entries: OpenEntry[];
}

interface OpenEntry extends Entry {
  readonly lines: string[];
}

const NO_CLOCK: Clock = { epochSeconds: 0, uptimeSeconds: null, bootId: '' };
const NOBODY: Identity = { uid: 0, gid: 0, nodeName: '' };

function parseClock(line: string): Clock {
  const [, epoch, uptime, bootId] = /^clock ([0-9.]+)(?: uptime=([0-9.]+))?(?: boot=(.*))?$/.exec(line) ?? [];
  return {
    epochSeconds: Number(epoch ?? 0),
    uptimeSeconds: uptime === undefined ? null : Number(uptime),
    bootId: unescapeText(bootId ?? ''),
  };
}

function parseWho(line: string): Identity {
  const [, uid, gid, node] = /^who uid=([0-9]+) gid=([0-9]+)(?: node=(.*))?$/.exec(line) ?? [];
  return { uid: Number(uid ?? 0), gid: Number(gid ?? 0), nodeName: unescapeText(node ?? '') };
}

function parseEntry(line: string): OpenEntry | null {
  const [outcome = '', op = '', ...rest] = line.split(' ');
  if (outcome !== 'ok' && !isWhy(outcome)) return null;
  const note = NOTED.has(op) ? (rest.shift() ?? '') : '';
  return { key: [op, ...rest].join(' '), note, outcome, lines: [] };
}

function isWhy(text: string): text is Why {
  return (WHYS as readonly string[]).includes(text);
}

/** The content of a file as lines. */
export function printContent(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  let start = 0;
  for (let index = 0; index < buffer.length; index += 1) {
    const byte = buffer[index];
    if (byte !== 0 && byte !== 10) continue;
    lines.push((byte === 0 ? '0' : '|') + escapeBytes(buffer.subarray(start, index)));
    start = index + 1;
  }
  if (start < buffer.length) lines.push(`.${escapeBytes(buffer.subarray(start))}`);
  return lines;
}

export function parseContent(lines: readonly string[]): Buffer {
  return Buffer.concat(
    lines.map((line) => {
      const end = line.startsWith('0') ? '\0' : line.startsWith('|') ? '\n' : '';
      return Buffer.concat([unescapeBytes(line.slice(1)), Buffer.from(end)]);
    }),
  );
}

/** A text on one line, printable, and reversible. */
export function escapeText(text: string): string {
  return escapeBytes(Buffer.from(text));
}

export function unescapeText(text: string): string {
  return unescapeBytes(text).toString();
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

function escapeBytes(bytes: Buffer): string {
  const text = bytes.toString();
  const isText = !text.includes('\uFFFD') || Buffer.from(text).equals(bytes);
  // Invisible and reordering characters would make the file show something else than it holds.
  if (isText) {
    return text.replace(
      /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (c) => (c === '\t' ? c : c === '\\' ? '\\\\' : [...Buffer.from(c)].map(hex).join('')), // prettier-ignore
    );
  }
  return [...bytes]
    .map((byte) =>
      byte === 0x5c ? '\\\\' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte),
    )
    .join('');
}

function unescapeBytes(text: string): Buffer {
  if (!text.includes('\\')) return Buffer.from(text);
  const pieces = text.split(/(\\x[0-9a-f]{2}|\\\\)/);
  return Buffer.concat(
    pieces.map((piece) =>
      piece === '\\\\'
        ? Buffer.from('\\')
        : /^\\x[0-9a-f]{2}$/.test(piece)
          ? Buffer.from([Number.parseInt(piece.slice(2), 16)])
          : Buffer.from(piece),
    ),
  );
}
