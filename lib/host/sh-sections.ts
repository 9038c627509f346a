/** What `program.sh` printed, cut at its own lines: they begin with a mark that no file can know. */
export interface Section {
  /** What stands behind the mark. */
  readonly words: string;
  /** What a tool printed after it. */
  readonly body: Buffer;
}

export function sectionsOf(stdout: Buffer, mark: string): Section[] {
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
