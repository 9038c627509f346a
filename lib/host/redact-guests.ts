/** Takes passwords out of the configurations of guests of Proxmox and Xen, and of what xl prints of them. */
const HIDDEN = '***';

export function isGuestConfig(path: string): boolean {
  return /^\/etc\/(?:xen|pve)\//.test(path);
}

/** Notes can hold anything, and are not read; `cipassword` is cloud-init's, `vncpasswd` and `spicepasswd` are the consoles'. */
export function redactGuestConfig(text: string): string {
  return (
    text
      .replace(/^(\s*#).+$/gm, `$1${HIDDEN}`)
      // Behind a setting, where no string can hold the sign.
      .replace(/^([^'"#\n]*(?:(?:'[^'\n]*'|"[^"\n]*")[^'"#\n]*)*#).+$/gm, `$1${HIDDEN}`)
      .replace(/^((?:cipassword|description|cicustom):\s*).+$/gm, `$1${HIDDEN}`)
      .replace(/(passwd\s*=\s*)(["'])(?:(?!\2)[^\n\\]|\\.)*\2/g, `$1$2${HIDDEN}$2`)
      .replace(/((?:passwd|password|secret|token)=)[^,'"\s]+/gi, `$1${HIDDEN}`)
  );
}

/** JSON of `xl list -l`: vnc and spice have a `passwd`. */
export function redactJson(text: string): string {
  return text.replace(/("passwd":\s*")(?:[^"\\]|\\.)+/g, `$1${HIDDEN}`);
}
