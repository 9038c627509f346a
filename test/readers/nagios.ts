/** How Nagios and Naemon split the output of a check (nagioscore base/utils.c, naemon src/naemon/utils.c: parse_check_output). */

export interface NagiosOutput {
  /** The text of line 1, all that lists and notifications show by default. */
  readonly short: string;
  readonly long: string;
  readonly perfdata: string;
}

/** The documented limit of all of it, MAX_PLUGIN_OUTPUT_LENGTH with the NUL at its end. */
export const MAX_BYTES = 8192;

/**
 * The first `|` of line 1 begins performance data up to the line's end. In the long output the first `|` begins
 * performance data up to the end of everything.
 */
export function splitOutput(output: string): NagiosOutput {
  const [text = ''] = output.split('\0');
  const lineEnd = text.search(/\n|$/);
  const [short, onLineOne] = cutAtBar(text.slice(0, lineEnd));
  const [long, below] = cutAtBar(text.slice(lineEnd + 1));
  return {
    // base/checks.c: semicolons separate fields in the status file.
    short: short.trim().replaceAll(';', ':'),
    long: long.trim(),
    perfdata: [onLineOne.trim(), below.replaceAll('\n', ' ').trim()].filter((part) => part !== '').join(' '),
  };
}

function cutAtBar(text: string): readonly [before: string, after: string] {
  const bar = text.indexOf('|');
  return bar === -1 ? [text, ''] : [text.slice(0, bar), text.slice(bar + 1)];
}
