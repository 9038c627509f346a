/**
 * Files of `NAME=value` lines as a shell reads them, without expansion: /etc/os-release (os-release(5)), /etc/default/grub, and
 * the environment block of GRUB, grubenv, 1024 bytes filled up with `#` (GRUB's grub-core/lib/envblk.c).
 *
 *     ID=debian
 *     PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
 *     saved_entry=f6a1c5ac7b0b4cf4b0f2a5a1f33ab7a2-5.14.0-427.13.1.el9_4.x86_64
 *
 * Comments, behind a value as well, and lines that are something else (a script may do anything), are skipped; the last of a name
 * counts.
 */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)/.exec(line.trimEnd());
    if (match === null) continue;
    const [, name = '', value = ''] = match;
    const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')(?:\s+#.*)?$/.exec(value) ?? [];
    const quoted = double?.replace(/\\(["$`\\])/g, '$1') ?? single;
    values.set(name, quoted ?? value.replace(/\s#.*/, '').trimEnd());
  }
  return values;
}
