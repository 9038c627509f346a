/** Takes passwords out of the configurations of guests of Proxmox and Xen, and of what xl prints of them. */
import { shellWords } from '../parsers/proxmox-conf.ts';
import { wordRedactor } from './redact-qemu.ts';

const HIDDEN = '***';

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
      // A storage of Proxmox's: the keys of plug-ins, such as freenas_password and truenas_api_token, are in the open in storage.cfg.
      .replace(/^(\s+[\w-]*(?:passw|secret|token|key)[\w-]*\s+)(?![\s=]).+$/is, `$1${HIDDEN}`)
      .replace(/^((?:cipassword|description|cicustom):\s*).+$/s, `$1${HIDDEN}`)
      .replace(/^(args:)(.*)$/s, (_, name: string, args: string) => name + redactArgs(args))
      .replace(/^(\s*device_model_args\w*\s*=)(.*)$/s, (_, name: string, list: string) => {
        const redactWord = wordRedactor();
        return name + list.replace(/"[^"]*"|'[^']*'/g, (word) => `"${redactWord(word.slice(1, -1))}"`);
      })
  );
}

/** What Proxmox puts behind qemu's other arguments, as a shell would read it; a quote without an end hides all. */
function redactArgs(args: string): string {
  const word = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs;
  if (args.replace(word, '').trim() !== '') return ` ${HIDDEN}`;
  const redactWord = wordRedactor();
  return args.replace(word, (written) => {
    const [value = ''] = shellWords(written);
    const kept = redactWord(value);
    return kept === value ? written : `'${kept.replaceAll("'", String.raw`'\''`)}'`;
  });
}

/** JSON of `xl list -l`: vnc and spice have a `passwd`. */
export function redactJson(text: string): string {
  return text.replace(/("passwd":\s*")(?:[^"\\]|\\.)+/g, `$1${HIDDEN}`);
}
