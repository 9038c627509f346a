/**
 * What Icinga DB Web makes of stored output: its own parser of performance data (library/Icingadb/Util/PerfDataSet.php and
 * PerfData.php), of ranges (ThresholdRange.php), and its guess whether the text is HTML (PluginOutput.php).
 */

export interface WebValue {
  readonly label: string;
  /** `null`: not understood, shown as raw text. */
  readonly value: number | null;
  readonly unit: string;
  readonly warning: WebRange | null;
  readonly critical: WebRange | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface WebRange {
  readonly min: number;
  readonly max: number;
  /** Alert inside. */
  readonly isInverted: boolean;
}

/** True: the whole output is shown as HTML, in another font and with its white space collapsed. */
export function isHtml(output: string): boolean {
  return /<\w+(?:\s\w+=[^>]*)?>/.test(output);
}

/** True: these two characters are shown as a line break or a tab. */
export function hasWrittenBreak(output: string): boolean {
  return /\\[nt]/.test(output);
}

/**
 * A label ends at the first `=`, quoted or not, and may be in quotes of either kind; there is no way to write a quote inside.
 * A label that PHP takes for false, `0` or none, is left out.
 */
export function parsePerfData(perfdata: string): readonly WebValue[] {
  const items: WebValue[] = [];
  const item = / *([^=]*)=? *([^ ]*)/y;
  const text = perfdata.trim();
  while (item.lastIndex < text.length) {
    const [, written = '', value = ''] = item.exec(text) ?? [];
    const label = (/^(["'])(.*?)(?:\1|$)/s.exec(written)?.[2] ?? written).trim();
    if (label !== '' && label !== '0') items.push(parseItem(label, value));
  }
  return items;
}

/** Of more than five fields only the value is used. */
function parseItem(label: string, token: string): WebValue {
  const fields = token.split(';');
  const [first = ''] = fields;
  const [warning, critical, min, max] = fields.length > 5 ? [] : fields.slice(1);
  const { value, unit } = parseNumber(first);
  return {
    label,
    value,
    unit,
    ...inOrder(parseThreshold(warning), parseThreshold(critical)),
    min: numberOrNull(min ?? '') ?? (unit === '%' ? 0 : null),
    max: numberOrNull(max ?? '') ?? (unit === '%' ? 100 : null),
  };
}

/** With a unit of one to three letters, none of them `U`, a plain decimal; without one, whatever PHP calls numeric. */
function parseNumber(text: string): { readonly value: number | null; readonly unit: string } {
  const numeral = text.replace(/[^0-9.]*$/, '');
  const unit = text.slice(numeral.length);
  const isUnit = unit.length <= 3 && /^[A-Za-z%°]+$/.test(unit) && !unit.includes('U');
  const isPlain = /^-?[0-9.]+$/.test(numeral) && !numeral.endsWith('.');
  return isUnit && isPlain ? { value: numberOrNull(numeral), unit } : { value: numberOrNull(text), unit: '' };
}

function numberOrNull(text: string): number | null {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** `null`: none, or not understood. PHP's empty() is true for "0" as well, so that an end of 0 after a colon is taken for none. */
export function parseThreshold(text: string | undefined): WebRange | null {
  if (text === undefined || text === '') return null;
  const isInverted = text.startsWith('@');
  const [start = '', end] = text.replace(/^@/, '').split(/:(.*)/s);
  if (end === undefined) {
    const max = numberOrNull(start);
    return max === null ? null : { min: 0, max, isInverted };
  }
  const min = start === '~' ? -Infinity : start === '' ? 0 : numberOrNull(start);
  const max = end === '' || end === '0' ? Infinity : numberOrNull(end);
  return min === null || max === null ? null : { min, max, isInverted };
}

/** A warning that ends above the critical one is read as "lower is worse": both then mean to alert inside. */
function inOrder(
  warning: WebRange | null,
  critical: WebRange | null,
): Pick<WebValue, 'warning' | 'critical'> {
  if (warning === null || critical === null) return { warning, critical };
  if (critical.max === Infinity || warning.max === Infinity || warning.max <= critical.max)
    return { warning, critical };
  return { warning: { ...warning, isInverted: true }, critical: { ...critical, isInverted: true } };
}
