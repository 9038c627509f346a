/** Takes passwords out of qemu's command lines, wherever these stand. */
const HIDDEN = '***';

/** Up to the end of a value of qemu's options, where a comma of its own is written twice. */
const VALUE = '(?:[^,\\0]|,,)+';

/**
 * What carries a password in clear in qemu's options (qemu-options.hx; block drivers' own options): `password=`, `data=` of
 * secret objects, cookies and keys, alone or behind a dotted path; the same in JSON; the user part of a URL; rbd's `key=`;
 * what is handed to the guest's firmware and kernel.
 */
const IN_COMMAND_LINE: readonly RegExp[] = [
  new RegExp(
    `((?:^|[,\\0])(?:[\\w-]+\\.)*(?:password|data|cookie|key-secret-data)=)(?!(?:on|off)(?:[,\\0]|$))${VALUE}`,
    'g',
  ),
  /("(?:data|password|key|cookie)":\s*")(?:[^"\\]|\\.)+/g,
  /(:key=)(?:[^:,\0\\]|,,|\\.)+/g,
  new RegExp(`(\\0-fw_cfg\\0(?:[^\\0]*,)?string=)${VALUE}`, 'g'),
  new RegExp(`(\\0-smbios\\0type=11,(?:[^\\0]*,)?value=)${VALUE}`, 'g'),
  /((?:password|passwd|secret|token)=)(?!(?:on|off)\b)[^ ,\0]+/gi,
];

/** Words that a NUL ends or separates. */
export function redactCommandLine(text: string): string {
  return redactUrls(IN_COMMAND_LINE.reduce((clean, secret) => clean.replace(secret, `$1${HIDDEN}`), text));
}

/**
 * Behind the user of a URL, up to the last @ before its path. By hand: looking for the @ from every one of a million `://a:` is
 * quadratic, and any user can start a process with such arguments.
 */
function redactUrls(text: string): string {
  const user = /:\/\/[^/@\0%:]+[%:]/g;
  let clean = '';
  let [from, at, end] = [0, -1, -1];
  while (user.exec(text) !== null) {
    const start = user.lastIndex;
    if (at < start) at = text.indexOf('@', start);
    if (at < 0) break;
    if (end < start) end = indexOrEnd(text, /\0/g, start);
    if (at > end) continue;
    const last = text.lastIndexOf('@', indexOrEnd(text, /[/\0,"'\s]/g, at));
    clean += text.slice(from, start) + HIDDEN;
    from = user.lastIndex = last;
  }
  return clean + text.slice(from);
}

function indexOrEnd(text: string, what: RegExp, from: number): number {
  what.lastIndex = from;
  return what.exec(text)?.index ?? text.length;
}

/** The same for words that come one by one: some are secret for what stands before them. */
export function wordRedactor(): (word: string) => string {
  let last = '';
  return (word) => {
    const clean = redactCommandLine(`\0${last}\0${word}`);
    last = word;
    return clean.slice(clean.indexOf('\0', 1) + 1);
  };
}
