/** Takes passwords out of the configurations of guests of Proxmox and Xen, and of what xl prints of them. */
const HIDDEN = '***';

/** Words of qemu's command line: Proxmox puts them behind its own, xl too. */
const IN_ARGS = /^(args:|\s*device_model_args\w*\s*=)(.*)$/s;

/** What may be a secret in them (redact.ts), whatever it is quoted with. */
const OF_QEMU =
  /((?:^|[\s,'"[])(?:[\w-]+\.)*(?:data|cookie|key-secret-data|string|value|:?key)=|:key=|:\/\/[^/@%:\s]+[%:])(?:[^,\s'"]|,,|'[^']*'|"[^"]*")+/g;

export function isGuestConfig(path: string): boolean {
  return /^\/etc\/(?:xen|pve)\//.test(path);
}

/** Notes can hold anything, and are not read; `cipassword` is cloud-init's, `vncpasswd` and `spicepasswd` are the consoles'. */
export function redactGuestConfig(text: string): string {
  return text
    .split('\n')
    .map(redactLine)
    .join('\n')
    .replace(/(passwd\s*=\s*)(["'])(?:(?!\2)[^\n\\]|\\.)*\2/g, `$1$2${HIDDEN}$2`)
    .replace(/((?:passwd|password|secret|token)=)[^,'"\s]+/gi, `$1${HIDDEN}`);
}

/** By itself: an expression that may begin at every line break of a file of them is quadratic. */
function redactLine(line: string): string {
  return (
    line
      // Behind a setting, where no string can hold the sign.
      .replace(/^([^'"#]*(?:(?:'[^']*'|"[^"]*")[^'"#]*)*#).+$/s, `$1${HIDDEN}`)
      .replace(/^((?:cipassword|description|cicustom):\s*).+$/s, `$1${HIDDEN}`)
      .replace(IN_ARGS, (_, before: string, args: string) => before + args.replace(OF_QEMU, `$1${HIDDEN}`))
  );
}

/** JSON of `xl list -l`: vnc and spice have a `passwd`. */
export function redactJson(text: string): string {
  return text.replace(/("passwd":\s*")(?:[^"\\]|\\.)+/g, `$1${HIDDEN}`);
}
