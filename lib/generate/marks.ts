/** What is generated into pages that people write: the text between two marks, and what Markdown needs in it. */

/** `text` with `content` between its marks for `what`. Throws, naming `page`, where the marks are missing. */
export function withGenerated(page: string, text: string, what: string, content: string): string {
  const [begin, end] = [`<!-- ${what}: generated, do not edit -->`, `<!-- end of ${what} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} lacks the lines "${begin}" and "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** A table of GitHub's Markdown; the cells are Markdown already, see `cell`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Plain text for a cell: nothing in it is a mark, and no `|` ends the cell. */
export function cell(text: string): string {
  return text.replace(/[\\`*<~|]/g, '\\$&');
}

/** Text as it is typed. In a table `|` is escaped even in code (GFM, "Tables"). */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
