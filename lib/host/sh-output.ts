/** Takes apart what `program.sh` and its tools print. */
import { failureOfWords } from './errno.ts';
import { failed, type Failure } from '../reading.ts';
import type { Ran } from './ask.ts';
import type { Clock, Identity } from './host.ts';
import { unescapeField, unquote } from './sh-quoting.ts';
import type { Secret } from './sh-request.ts';
import { sectionsOf, type Section } from './sh-sections.ts';

/** What stands behind the word of one of our lines, and what a tool printed after it. */
interface Fields {
  readonly all: string;
  readonly first: string;
  readonly tail: string;
  readonly body: Buffer;
}

/** Seconds since 1970, seconds up, boot, uid, gid, node. */
const CLOCK =
  /^[0-9]{1,15}(?:\.[0-9]{1,9})?\t(?:[0-9]{1,15}(?:\.[0-9]{1,9})?)?\t[^\t]*\t[0-9]{1,10}\t[0-9]{1,10}\t/;

function isClock(words: string): boolean {
  return words.startsWith('clock ') && CLOCK.test(words.slice(6));
}

/** Everything that one batch printed, by path or by the number of the question's line. */
export class Printed {
  clock: Clock = { epochSeconds: 0, uptimeSeconds: null, bootId: '' };
  identity: Identity = { uid: 0, gid: 0, nodeName: '' };
  readonly contents = new Map<string, Map<string, Buffer>>();
  /** By what was looked for and path; only where the search came to its end. */
  readonly lines = new Map<string, ReadonlyMap<string, readonly string[]>>();
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
  readonly linkErrors = new Map<string, Failure>();
  readonly #secret: Secret;
  #stdoutOfTool = '';
  #linesFound = '';

  private constructor(secret: Secret) {
    this.#secret = secret;
  }

  /** Null unless both streams hold a whole batch, from its clock to its end. */
  static parse(stdout: Buffer, stderr: string, secret: Secret): Printed | null {
    const sections = sectionsOf(stdout, `\n#${secret.nonce} `);
    const isWhole = isClock(sections[0]?.words ?? '') && sections.at(-1)?.words === 'done';
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
    const asked = path.slice(prefix.length).replace(/: cannot read link$/, '');
    // That a link cannot be read says nothing about what else was asked of its path; nor the other way round.
    const errors = /cannot read (?:symbolic )?link/.test(line) ? this.linkErrors : this.errors;
    errors.set(asked, failureOfWords(asked, line.slice(end + 2)));
  }

  #section({ words, body }: Section): void {
    const [word = '', ...rest] = words.split(' ');
    const fields = { all: rest.join(' '), first: rest[0] ?? '', tail: rest.slice(1).join(' '), body };
    if (Object.hasOwn(this.#readers, word)) this.#readers[word]?.(fields);
  }

  readonly #readers: Readonly<Record<string, (fields: Fields) => void>> = {
    clock: ({ all }) => this.#readClock(all),
    bytes: ({ tail, body }) => this.#readContents(tail, body),
    lines: ({ body }) => {
      this.#linesFound = body.toString();
    },
    lined: ({ all }) => void this.lines.set(all, this.#readLines(this.#linesFound)),
    stat: ({ body }) => this.#readRecords(this.stat, 9, body),
    follow: ({ body }) => this.#readRecords(this.follow, 9, body),
    statfs: ({ body }) => this.#readRecords(this.statfs, 6, body),
    link: ({ body }) => this.#readLinks(body.toString()),
    list: ({ all, body }) => {
      this.lists.set(unescapeField(all), body.toString().split('\n').slice(0, -1).map(unescapeField));
    },
    refused: ({ all }) => {
      const path = unescapeField(all);
      this.errors.set(path, failed('denied', path, 'hypervisor-checks-answer keeps it back'));
    },
    type: ({ all }) => void this.wrongType.add(unescapeField(all)),
    fifo: ({ first, tail }) => void this.fifos.set(unescapeField(tail), first),
    match: ({ first, tail }) => push(this.matches, Number(first), unescapeField(tail)),
    unlisted: ({ first, tail }) => push(this.unlisted, Number(first), unescapeField(tail)),
    process: ({ first, tail }) => push(this.processes, Number(first), Number(tail)),
    undecided: ({ first, tail }) => push(this.undecided, Number(first), Number(tail)),
    scanned: ({ first, tail }) => void this.scanned.set(Number(first), Number(tail)),
    stdout: ({ body }) => {
      this.#stdoutOfTool = body.toString();
    },
    ran: ({ first, tail }) => {
      if (!/^(?:absent|refused|[0-9]+)$/.test(tail)) return;
      const ran = { status: Number(tail), stdout: this.#stdoutOfTool, stderr: '' };
      this.ran.set(Number(first), tail === 'absent' || tail === 'refused' ? tail : ran);
    },
    stderr: ({ first, tail }) => {
      const ran = this.ran.get(Number(first));
      // The shell's $( ) took the newlines from its end; a tool's message has one.
      const stderr = tail === '' ? '' : `${unescapeField(tail)}\n`;
      if (typeof ran === 'object') this.ran.set(Number(first), { ...ran, stderr });
    },
  };

  /** Only the first is known to be one. */
  #readClock(text: string): void {
    if (!CLOCK.test(text)) return;
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
      this.#take(contents, body.toString('utf8', nameAt, nameEnd), body.subarray(nameEnd + 5, end));
      at = next;
    }
  }

  /**
   * The prefix stands among the arguments of the tools, where any user there can read it (/proc/PID/cmdline), and a file of his
   * that is read a moment later could hold the mark of another file. That one is then told twice; a process's own files
   * may be, and change.
   */
  #take(contents: Map<string, Buffer>, path: string, bytes: Buffer): void {
    const before = contents.get(path);
    if (before !== undefined && !before.equals(bytes) && !/^\/proc\/[0-9]/.test(path))
      this.errors.set(path, failed('failed', path, 'it was told twice, and differently'));
    contents.set(path, bytes);
  }

  /** `PREFIXpath:line`, and a newline, for each line; no path has a colon. */
  #readLines(text: string): ReadonlyMap<string, readonly string[]> {
    const lines = new Map<string, string[]>();
    const records = `\n${text.replace(/\n$/, '')}`.split(`\n${this.#secret.prefix}`);
    for (const record of records.slice(1)) {
      const colon = record.indexOf(':');
      push(lines, record.slice(0, colon), record.slice(colon + 1));
    }
    return lines;
  }

  /** Lines of a number in hexadecimal, `count` decimal ones, and PREFIXpath. */
  #readRecords(into: Map<string, string[]>, count: number, body: Buffer): void {
    const text = body.toString();
    const start = new RegExp(
      `(?<=^|\\n)([0-9a-f]{1,16}(?: -?[0-9]{1,20}){${count}}) ${escapeRegExp(this.#secret.prefix)}`,
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

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
