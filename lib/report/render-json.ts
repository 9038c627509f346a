/**
 * The same report for programs: one JSON object on one line, never cut.
 *
 *     {
 *       "plugin": "check_invtsc",
 *       "state": "ok" | "warning" | "critical" | "unknown",
 *       "exitCode": 0 | 1 | 2 | 3,
 *       "summary": string,
 *       "findings": [{ "kind", "state", "subject", "text": string, "detail": string[],
 *                      "repair": { "how": string, "commands": string[] } | null }],     worst first
 *       "performance": [{ "label": string, "value": number, "unit": string, "warning": range | null, "critical": range | null,
 *                         "min": number | null, "max": number | null }],
 *       "items": string[]
 *     }
 *
 * Texts are as they were found, not made safe for Nagios; labels are those of the performance data. A range is the
 * text that -w and -c take.
 */
import type { JudgedFinding } from './finding.ts';
import type { Performance } from './metric.ts';
import { printRange, type Range } from './range.ts';
import type { Report } from './report.ts';
import { exitCode } from './state.ts';

export function renderJson(report: Report): string {
  return jsonText(reportObject(report));
}

/** The object of one report, for a program that prints several. */
export function reportObject(report: Report): object {
  const { plugin, state, summary, findings, performance, items } = report;
  return {
    plugin,
    state,
    exitCode: exitCode(state),
    summary,
    findings: findings.map(findingObject),
    performance: performance.map(performanceObject),
    items,
  };
}

/**
 * Ends in a line break. JSON.stringify escapes halves of surrogate pairs, so the text is well-formed; the second set of control
 * characters and the bidirectional ones it leaves alone, and a terminal would obey them.
 */
export function jsonText(object: object): string {
  return `${JSON.stringify(object).replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits)}\n`;
}

function findingObject({ kind, state, subject, text, detail = [], repair }: JudgedFinding) {
  return { kind, state, subject, text, detail, repair: repair ?? null };
}

function performanceObject({ label, value, unit, warning, critical, min, max }: Performance) {
  return {
    label,
    value,
    unit,
    warning: rangeOrNull(warning),
    critical: rangeOrNull(critical),
    min: min ?? null,
    max: max ?? null,
  };
}

function rangeOrNull(range: Range | undefined): string | null {
  return range === undefined ? null : printRange(range);
}

/** As JSON escapes a character: by its one or two UTF-16 units. */
function escapeUnits(character: string): string {
  return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
