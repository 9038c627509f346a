/** Takes apart what `program.sh` and its tools print. */
import { failureOfWords } from './errno.ts';
import type { Failure } from '../reading.ts';
import type { Ran } from './ask.ts';
import type { Clock, Identity } from './host.ts';
import type { Secret } from './sh-request.ts';

interface Section {
  readonly words: string;
  readonly body: Buffer;
}

/** Everything that one batch printed, by path or by the number of the question's line. */
export class Printed {
  clock: Clock = { epochSeconds: 0, uptimeSeconds: null, bootId: '' };
  identity: Identity = { uid: 0, gid: 0, nodeName: '' };
  readonly contents = new Map<string, Map<string, Buffer>>();
  readonly stat = new Map<string, string[]>();
  readonly follow = new Map<string, string[]>();
  readonly statfs = new Map<string, string[]>();
  readonly links = new Map<string, string>();
  readonly noLinks = new Set<string>();
  readonly lists = new Map<string, readonly string[]>();
  readonly fifos = new Map<string, string>();
  readonly wrongType = new Set<string>();
  readonly matches = new Map<number, string[]>();
  readonly unlisted = new Map<number, string[]>();
  readonly processes = new Map<number, number[]>();
  readonly undecided = new Map<number, number[]>();
  readonly scanned = new Map<number, number>();
  readonly ran = new Map<number, Ran | 'absent' | 'refused'>();
  readonly errors = new Map<string, Failure>();
  readonly #secret: Secret;
  #stdoutOfTool = '';

  private constructor(secret: Secret) {
    this.#secret = secret;
  }

  /** Null unless both streams hold a whole batch, from its clock to its end. */
  static parse(stdout: Buffer, stderr: string, secret: Secret): Printed | null {
    const sections = sectionsOf(stdout, `\n#${secret.nonce} `);
    const isWhole = sections[0]?.words.startsWith('clock ') === true && sections.at(-1)?.words === 'done';
    if (!isWhole || !stderr.includes(`#${secret.nonce} done`)) return null;
    const printed = new Printed(secret);
    for (const line of stderr.split('\n')) printed.#errorLine(line);
    for (const section of sections) printed.#section(section);
    return printed;
  }

  /** `head: cannot open 'PREFIX/etc/x' for reading: Permission denied`, or busybox: `head: PREFIX/etc/x: No such ...` */
  #errorLine(line: string): void {
    const { prefix } = this.#secret;
    const start = line.indexOf(prefix);
    const end = line.lastIndexOf(': ');
    if (start < 0 || end < start) return;
    const isQuoted = /['"]$/.test(line.slice(0, start));
    const path = isQuoted ? unquote(line.slice(start - 1, end)) : line.slice(start, end);
    this.errors.set(
      path.slice(prefix.length),
      failureOfWords(path.slice(prefix.length), line.slice(end + 2)),
    );
  }

  #section({ words, body }: Section): void {
    const [word = '', ...rest] = words.split(' ');
    const first = rest[0] ?? '';
    const tail = rest.slice(1).join(' ');
    switch (word) {
      case 'clock':
        return this.#readClock(words.slice('clock '.length));
      case 'bytes':
        return this.#readContents(rest.slice(1).join(' '), body);
      case 'stat':
        return this.#readRecords(this.stat, 9, body);
      case 'follow':
        return this.#readRecords(this.follow, 9, body);
      case 'statfs':
        return this.#readRecords(this.statfs, 6, body);
      case 'link':
        return this.#readLinks(body.toString());
      case 'list':
        this.lists.set(unescape(rest.join(' ')), body.toString().split('\n').slice(0, -1).map(unescape));
        return;
      case 'type':
        this.wrongType.add(unescape(rest.join(' ')));
        return;
      case 'fifo':
        this.fifos.set(unescape(tail), first);
        return;
      case 'match':
        return push(this.matches, Number(first), unescape(tail));
      case 'unlisted':
        return push(this.unlisted, Number(first), unescape(tail));
      case 'process':
        return push(this.processes, Number(first), Number(tail));
      case 'undecided':
        return push(this.undecided, Number(first), Number(tail));
      case 'scanned':
        this.scanned.set(Number(first), Number(tail));
        return;
      default:
        return this.#readTool(word, Number(first), tail, body);
    }
  }

  #readTool(word: string, line: number, tail: string, body: Buffer): void {
    if (word === 'stdout') {
      this.#stdoutOfTool = body.toString();
    } else if (word === 'ran') {
      const ran = { status: Number(tail), stdout: this.#stdoutOfTool, stderr: '' };
      this.ran.set(line, tail === 'absent' || tail === 'refused' ? tail : ran);
    } else if (word === 'stderr') {
      const ran = this.ran.get(line);
      // The shell's $( ) took the newlines from its end; a tool's message has one.
      if (typeof ran === 'object')
        this.ran.set(line, { ...ran, stderr: tail === '' ? '' : `${unescape(tail)}\n` });
    }
  }

  #readClock(text: string): void {
    const [epoch, uptime, bootId = '', uid, gid, nodeName = ''] = text.split('\t');
    this.clock = {
      epochSeconds: Number(epoch),
      uptimeSeconds: uptime === undefined || uptime === '' ? null : Number(uptime),
      bootId,
    };
    this.identity = { uid: Number(uid), gid: Number(gid), nodeName };
  }

  /** `==> PREFIXpath <==` and a newline, the content, and one newline more, for each file. */
  #readContents(section: string, body: Buffer): void {
    const contents = new Map<string, Buffer>();
    this.contents.set(section, contents);
    const mark = Buffer.from(`==> ${this.#secret.prefix}`);
    let at = body.indexOf(mark);
    while (at >= 0) {
      const nameAt = at + mark.length;
      const nameEnd = body.indexOf(' <==\n', nameAt);
      if (nameEnd < 0) return;
      const next = body.indexOf(mark, nameEnd);
      const end = (next < 0 ? body.length : next) - 1;
      contents.set(body.toString('utf8', nameAt, nameEnd), body.subarray(nameEnd + 5, end));
      at = next;
    }
  }

  /** Lines of a number in hexadecimal, `count` decimal ones, and PREFIXpath. */
  #readRecords(into: Map<string, string[]>, count: number, body: Buffer): void {
    const text = body.toString();
    const start = new RegExp(
      `(?<=^|\\n)([0-9a-f]+(?: -?[0-9]+){${count}}) ${escapeRegExp(this.#secret.prefix)}`,
      'g',
    );
    const starts = [...text.matchAll(start)];
    for (const [index, match] of starts.entries()) {
      const end = (starts[index + 1]?.index ?? text.length) - 1;
      into.set(text.slice(match.index + match[0].length, end), (match[1] ?? '').split(' '));
    }
  }

  /** `PREFIXpath -> target`; busybox quotes both; without the arrow it is no link. */
  #readLinks(text: string): void {
    const start = new RegExp(`(?<=^|\\n)'?${escapeRegExp(this.#secret.prefix)}`, 'g');
    const starts = [...text.matchAll(start)];
    for (const [index, match] of starts.entries()) {
      const quote = match[0].startsWith("'") ? "'" : '';
      const end = (starts[index + 1]?.index ?? text.length) - 1 - quote.length;
      const record = text.slice(match.index + match[0].length, end);
      const arrow = record.indexOf(`${quote} -> ${quote}`);
      if (arrow < 0) this.noLinks.add(record);
      else this.links.set(record.slice(0, arrow), record.slice(arrow + 4 + 2 * quote.length));
    }
  }
}

function sectionsOf(stdout: Buffer, mark: string): Section[] {
  const sections: Section[] = [];
  let at = stdout.indexOf(mark);
  while (at >= 0) {
    const next = stdout.indexOf(mark, at + 1);
    const end = next < 0 ? stdout.length : next;
    const line = stdout.indexOf('\n', at + 1);
    if (line < 0) break;
    const words = stdout.toString('utf8', at + mark.length, line);
    sections.push({ words, body: stdout.subarray(line + 1, Math.max(line + 1, end)) });
    at = next;
  }
  return sections;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function unescape(text: string): string {
  return text.replace(/\\([\\nt])/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : '\\'));
}

/** The first word of a shell command line, as coreutils quote names in messages (gnulib, shell-escape-always). */
function unquote(text: string): string {
  const piece = /^(?:'([^']*)'|"([^"]*)"|\$'((?:[^'\\]|\\.)*)'|\\(.))/s;
  let word = '';
  for (let rest = text; ;) {
    const match = piece.exec(rest);
    if (match === null) return word;
    const [whole, single, double, dollar, escaped] = match;
    word += single ?? double ?? escaped ?? unescapeC(dollar ?? '');
    rest = rest.slice(whole.length);
  }
}

function unescapeC(text: string): string {
  const named: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
  };
  return text.replace(/\\([0-7]{1,3}|.)/gs, (_, c: string) =>
    /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (named[c] ?? c),
  );
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
