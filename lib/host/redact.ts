/**
 * Takes known secrets out of what is recorded, since recordings are made to be sent to others. Only values whose place
 * says that they are secrets are replaced, so that everything else stays what the host said.
 */
import { isGuestConfig, redactGuestConfig, redactJson } from './redact-guests.ts';
import { redactCommandLine, wordRedactor } from './redact-qemu.ts';
import { hostRedactor, redactKernelArguments } from './redact-host.ts';
import { isOsloConfig, redactOslo } from './redact-oslo.ts';

const HIDDEN = '***';

/** libvirt writes the passwords of graphics consoles into its definitions (virDomainGraphicsAuthDefFormatAttr). */
const IN_DEFINITION: readonly RegExp[] = [
  /(\bpasswd\s*=\s*)('[^']*'|"[^"]*")/g,
  /(<qemu:env\b[^<>]*\bvalue\s*=\s*)('[^']*'|"[^"]*")/g,
  /(<entry\b[^<>]*>)[^<]+/g,
  // Of disks over HTTP; and what management tools note in the metadata (cockpit-machines: root_password).
  /(<[\w:.-]*(?:password|passwd|passphrase|token|cookie)(?:\s[^<>]*)?>)[^<]+/gi,
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
        : isRunScript(path)
          ? redactRun(text)
          : isGuestConfig(path)
            ? redactGuestConfig(text)
            : (hostRedactor(path)?.(text) ?? text);
  return clean === text ? bytes : Buffer.from(clean, 'latin1');
}

/** Lines that were looked for in a file: what hides something in its text hides it in them. */
export function redactLines(path: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => Buffer.from(redact(path, Buffer.from(line))).toString());
}

/** What a tool printed: definitions, where it is virsh or xl. */
export function redactOutput(text: string): string {
  return redactJson(redactXml(text));
}

function redactXml(text: string): string {
  const clean = IN_DEFINITION.reduce((xml, secret) => xml.replace(secret, `$1'${HIDDEN}'`), text).replace(
    /<cmdline>[^<]+/g,
    redactKernelArguments,
  );
  const redactWord = wordRedactor();
  return clean.replace(QEMU_ARG, (_, before: string, quoted: string) => {
    const value = unescapeXml(quoted.slice(1, -1));
    const kept = redactWord(value);
    return before + (kept === value ? quoted : `'${escapeXml(kept)}'`);
  });
}

/** As libvirt writes attributes (virBufferEscapeString); the ampersand is the first to come and the last to go. */
const ENTITIES = [['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;'], ["'", '&apos;'], ['"', '&quot;']] as const; // prettier-ignore

function escapeXml(text: string): string {
  return ENTITIES.reduce((rest, [character, entity]) => rest.replaceAll(character, entity), text);
}

function unescapeXml(text: string): string {
  return ENTITIES.toReversed().reduce(
    (rest, [character, entity]) => rest.replaceAll(entity, character),
    text,
  );
}

/** Of the kernel's own files some are called so too: /sys/kernel/mm/ksm/run is a number. */
function isRunScript(path: string): boolean {
  return path.endsWith('/run') && !/^\/(?:proc|sys)\//.test(path);
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
