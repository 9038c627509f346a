/**
 * Takes known secrets out of what is recorded, since recordings are made to be sent to others. Only values whose place
 * says that they are secrets are replaced, so that everything else stays what the host said.
 */
import { isGuestConfig, redactGuestConfig, redactJson } from './redact-guests.ts';
import { isOsloConfig, redactOslo } from './redact-oslo.ts';

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
  /(:key=)(?:[^:,\0\\]|\\.)+/g,
  new RegExp(`(\\0-fw_cfg\\0(?:[^\\0]*,)?string=)${VALUE}`, 'g'),
  new RegExp(`(\\0-smbios\\0type=11,(?:[^\\0]*,)?value=)${VALUE}`, 'g'),
  /((?:password|passwd|secret|token)=)(?!(?:on|off)\b)[^ ,\0]+/gi,
];

/** libvirt writes the passwords of graphics consoles into its definitions (virDomainGraphicsAuthDefFormatAttr). */
const IN_DEFINITION: readonly RegExp[] = [
  /(\bpasswd\s*=\s*)('[^']*'|"[^"]*")/g,
  /(<qemu:env\b[^<>]*\bvalue\s*=\s*)('[^']*'|"[^"]*")/g,
  /(<entry\b[^<>]*>)[^<]+/g,
];

const QEMU_ARG = /(<qemu:arg\s+value\s*=\s*)('[^']*'|"[^"]*")/g;

export function redact(path: string, bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const clean = path.endsWith('/cmdline')
    ? redactCommandLine(text)
    : path.endsWith('.xml')
      ? redactXml(text)
      : isOsloConfig(path)
        ? redactOslo(text)
        : path.endsWith('/run')
          ? redactRun(text)
          : isGuestConfig(path)
            ? redactGuestConfig(text)
            : text;
  return clean === text ? bytes : Buffer.from(clean, 'latin1');
}

/** What a tool printed: definitions, where it is virsh or xl. */
export function redactOutput(text: string): string {
  return redactJson(redactXml(text));
}

function redactCommandLine(text: string): string {
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

function redactXml(text: string): string {
  const clean = IN_DEFINITION.reduce((xml, secret) => xml.replace(secret, `$1'${HIDDEN}'`), text);
  return clean.replace(QEMU_ARG, (_, before: string, value: string) => before + redactCommandLine(value));
}

/** Of what a supervisor starts, no more than how the kernel starts it: scripts hand passwords on in the environment. */
function redactRun(text: string): string {
  const isScript = text.startsWith('#!');
  if (text.startsWith('\x7fELF')) return text.slice(0, 4);
  if (!isScript && text.includes('\0')) return `${text.slice(0, 4).replace(/\0.*$/s, '')}\0`;
  const mark = text.startsWith('\xef\xbb\xbf') ? '\xef\xbb\xbf' : '';
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  const rest = end < 0 ? '' : end + 1 < text.length ? `\n${HIDDEN}` : '\n';
  if (isScript || text === '') return line + rest;
  return mark + HIDDEN + (line.endsWith('\r') ? '\r' : '') + rest;
}
