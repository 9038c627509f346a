/**
 * What line 1 says, for a phone at three in the morning: the worst finding first, then how many others and who, then the
 * counts. Lists of Icinga Web and text messages show nothing else.
 */
import type { JudgedFinding } from './finding.ts';
import type { Report } from './report.ts';
import { byteLength, cleanText, cutText } from './text.ts';

/** What the summary may take when findings need the room. */
const SUMMARY_BYTES = 90;

/** Clean, and at most `maxBytes` long. */
export function headline(report: Report, maxBytes: number): string {
  const bad = report.findings.filter(({ state }) => state !== 'ok');
  const summary = cleanText(report.summary).trim();
  if (bad.length > 0) {
    const isList = report.isList === true && summary !== '' && bad[0]?.state !== 'critical';
    if (isList) return cutText(listed(bad, summary, maxBytes), maxBytes);
    return cutText(withCounts(bad, summary, maxBytes), maxBytes);
  }
  return cutText(healthy(report.findings, summary, maxBytes), maxBytes);
}

/** All is well; what was found and is not to be alarmed about is mentioned, or an option could hide it for good. */
function healthy(findings: readonly JudgedFinding[], summary: string, maxBytes: number): string {
  const [first] = findings;
  if (first === undefined) return summary;
  if (first.kind === 'none' || summary === '') return withCounts(findings, summary, maxBytes);
  const lead = `${cutText(summary, SUMMARY_BYTES)}. Not alarmed: `;
  return lead + mention(findings, maxBytes - byteLength(lead));
}

function withCounts(findings: readonly JudgedFinding[], summary: string, maxBytes: number): string {
  if (summary === '') return mention(findings, maxBytes);
  const counts = cutText(summary, SUMMARY_BYTES);
  const said = mention(findings, maxBytes - byteLength(`. ${counts}`));
  return `${said}${said.endsWith('.') ? '' : '.'} ${counts}`;
}

/** `acrux: its text, and 3 more: bellatrix, castor, deneb`; as many names as fit. */
function mention(findings: readonly JudgedFinding[], maxBytes: number): string {
  const [first, ...others] = findings;
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const said = cutText(clause(first), maxBytes - byteLength(more)) + more;
  const names = new Set(others.map(({ subject }) => cleanText(subject).trim()));
  names.delete('');
  names.delete(cleanText(first.subject).trim());
  return said + namesThatFit([...names], maxBytes - byteLength(said));
}

/** `14 of 17 can move. acrux: invtsc and its disk, dubhe: its disk, and 1 more: enif`; each subject once, as many as fit. */
function listed(findings: readonly JudgedFinding[], summary: string, maxBytes: number): string {
  const bySubject = new Map<string, string[]>();
  for (const { subject, text } of findings) {
    const name = cleanText(subject).trim();
    const texts = bySubject.get(name) ?? [];
    if (texts.push(cleanText(text).trim()) === 1) bySubject.set(name, texts);
  }
  const all = [...bySubject].map(([name, texts]) => ({
    name,
    said: `${name === '' ? '' : `${name}: `}${texts.join(' and ')}`,
  }));
  let line = `${cutText(summary, SUMMARY_BYTES)}. `;
  for (const [index, { said }] of all.entries()) {
    const left = all.length - index;
    const more = left === 1 ? '' : `, and ${left - 1} more`;
    const next = `${index === 0 ? '' : ', '}${said}`;
    if (index > 0 && byteLength(line + next + more) > maxBytes) {
      const rest = `${line}, and ${left} more`;
      return (
        rest +
        namesThatFit(
          all.slice(index).flatMap(({ name }) => (name === '' ? [] : [name])),
          maxBytes - byteLength(rest),
        )
      );
    }
    line += cutText(next, maxBytes - byteLength(line + more));
  }
  return line;
}

/** Subject and text of a finding, clean. */
export function clause({ subject, text }: JudgedFinding): string {
  return cleanText(subject === '' ? text : `${subject}: ${text}`).trim();
}

const AND_SO_ON = ', ...';

function namesThatFit(names: readonly string[], maxBytes: number): string {
  let list = '';
  for (const [i, name] of names.entries()) {
    const longer = `${list}${i === 0 ? ': ' : ', '}${name}`;
    const isLast = i === names.length - 1;
    if (byteLength(longer) + (isLast ? 0 : AND_SO_ON.length) > maxBytes)
      return i === 0 ? '' : list + AND_SO_ON;
    list = longer;
  }
  return list;
}
