/**
 * Takes out of a host's own files what is, or may be, a secret: keys of wireless networks, passwords in the arguments of kernels, and
 * the lines that other programs log.
 */
const HIDDEN = '***';

/** Null: nothing of such a file is hidden. */
export function hostRedactor(path: string): ((text: string) => string) | null {
  if (/^\/etc\/network\/interfaces(?:$|\.d\/)/.test(path)) return redactInterfaces;
  if (path.startsWith('/etc/sysconfig/network-scripts/')) return redactIfcfg;
  if (/^\/(?:boot|efi)\/|^\/etc\/default\/grub$/.test(path)) return redactKernelArguments;
  if (/^\/etc\/libvirt\/[^/]+\.conf$/.test(path)) return redactLibvirtConf;
  // Not of the package manager's.
  if (/^\/var\/log\/(?:syslog|messages|daemon\.log|dnsmasq)/.test(path)) return redactLog;
  return null;
}

/** Words of interfaces(5) that no option of an interface follows; options are keys of wireless networks, and commands. */
const OF_INTERFACES =
  /^\s*(?:auto|allow-[a-z]+|no-auto-down|no-scripts|iface|source|source-directory|inherits|template|mapping)\s/;

function redactInterfaces(text: string): string {
  let isKept = true;
  let goesOn = false;
  return text
    .split('\n')
    .map((line) => {
      const begins = !goesOn;
      goesOn = line.endsWith('\\');
      if (begins) isKept = line.trim() === '' || OF_INTERFACES.test(line);
      if (isKept) return line;
      return begins ? line.replace(/^(\s*(?:#|\S*\s?)).*$/s, `$1${HIDDEN}`) : HIDDEN;
    })
    .join('\n');
}

function redactIfcfg(text: string): string {
  return text.replace(/^([ \t]*\w*(?:KEY|PSK|PASS|SECRET|PHRASE)\w*=).+$/gim, `$1${HIDDEN}`);
}

/** qemu.conf has the passwords that consoles without one of their own take. */
function redactLibvirtConf(text: string): string {
  return text.replace(/^([ \t#]*\w*password\w*[ \t]*=).+$/gm, `$1 "${HIDDEN}"`);
}

/** `rd.iscsi.password=`, and the user of `netroot=iscsi:USER:PASSWORD@...` (dracut.cmdline(7)). */
export function redactKernelArguments(text: string): string {
  return text
    .replace(/((?:password|passwd|passphrase|psk|secret|token)=)[^\s"'<]+/gi, `$1${HIDDEN}`)
    .replace(/(=iscsi:)[^@\s]+@/g, `$1${HIDDEN}@`);
}

/** Of what dnsmasq does not say as a DHCP server, no more than when it was said. */
function redactLog(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line === '' || line.includes(' dnsmasq-dhcp[')
        ? line
        : line.replace(/^([A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} |[0-9][0-9TZ:.+-]* |).*$/s, `$1${HIDDEN}`),
    )
    .join('\n');
}
