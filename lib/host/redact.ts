/**
 * Takes known secrets out of what is recorded, since recordings are made to be sent to others. Only values whose place
 * says that they are secrets are replaced, so that everything else stays what the host said.
 */
const HIDDEN = '***';

/** qemu's options that carry a password in clear (qemu-options.hx): -spice, -iscsi, -object secret, rbd and URL drives. */
const IN_COMMAND_LINE: readonly RegExp[] = [
  /((?:^|[,\0])password=)(?!on\b|off\b)[^,\0]+/g,
  /((?:^|[,\0])data=)[^,\0]+/g,
  /("(?:data|password|key)":\s*")[^"]+/g,
  /(:key=)[^:,\0]+/g,
  /(:\/\/[^/@\0%:]+[%:])[^/@\0]+(?=@)/g,
];

/** libvirt writes the passwords of graphics consoles into its definitions (virDomainGraphicsAuthDefFormatAttr). */
const IN_DEFINITION = /(\bpasswd=)('[^']*'|"[^"]*")/g;

export function redact(path: string, bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const clean = path.endsWith('/cmdline')
    ? redactCommandLine(text)
    : path.endsWith('.xml')
      ? redactXml(text)
      : text;
  return clean === text ? bytes : Buffer.from(clean, 'latin1');
}

function redactCommandLine(text: string): string {
  return IN_COMMAND_LINE.reduce((clean, secret) => clean.replace(secret, `$1${HIDDEN}`), text);
}

function redactXml(text: string): string {
  return text.replace(IN_DEFINITION, `$1'${HIDDEN}'`);
}
