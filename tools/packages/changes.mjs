// CHANGELOG.md, as the formats want it.

/** Its newest part: what is said of `version`, or of what will be that version. Items are of one line each. */
export function newest(changelog, version) {
  const [, ...parts] = changelog.split(/^## /m);
  const part =
    parts.find((text) => text.startsWith(version)) ?? parts.find((text) => text.startsWith('Unreleased'));
  if (part === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`);
  const items = part.slice(part.indexOf('\n')).split(/^- /m).slice(1);
  return items.map((item) => item.replace(/\s+/g, ' ').trim());
}

/** deb-changelog(5). */
export function debianChangelog(items, { name, version, maintainer, epoch }) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  const text = items.map((item) => wrapped(plain(item), '  * ', '    ')).join('\n');
  return `${name} (${version}) stable; urgency=medium\n\n${text}\n\n -- ${maintainer}  ${date}\n`;
}

/** The %changelog of a spec file, where % begins a macro. */
export function rpmChangelog(items, { version, maintainer, epoch }) {
  const [day, date, month, year] = new Date(epoch * 1000).toUTCString().replace(',', '').split(' ');
  const text = items.map((item) => wrapped(plain(item).replaceAll('%', '%%'), '- ', '  ')).join('\n');
  return `* ${day} ${month} ${date} ${year} ${maintainer} - ${version}\n${text}\n`;
}

/** What stands beside the files of a release on the page of a forge, in Markdown. */
export function releaseNotes(items, { name, version, files }) {
  const find = (end) => files.find((file) => file.name.endsWith(end))?.name ?? `(no ${end})`;
  return `# ${name} ${version}

${items.map((item) => `- ${item}`).join('\n')}

## Installation

| machine | command |
| --- | --- |
| Debian 13 and newer, with its own Node.js | \`apt install ./${find('_all.deb')}\` |
| Debian 12, Ubuntu and others whose Node.js is older than 20.19 (amd64) | \`apt install ./${find('_amd64.deb')}\` |
| Fedora, RHEL and others with Node.js 20.19 or newer | \`dnf install ./${find('.rpm')}\` |
| any, with Node.js 20.19 or newer | \`npm install --global ./${find('.tgz')}\` |
| any, without installing | \`tar xzf ${find('.tar.gz')}\` |

## Files

| file | size | SHA-256 |
| --- | --: | --- |
${files.map((file) => `| ${file.name} | ${size(file.bytes)} | \`${file.sha256}\` |`).join('\n')}
`;
}

export function size(bytes) {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

const plain = (markdown) => markdown.replaceAll('`', '');

/** Of at most 79 characters a line, the first begun with `first`, the others with `rest`. */
export function wrapped(text, first, rest) {
  const lines = [first.trimEnd()];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + 1 + word.length > 79) lines.push(rest.slice(1));
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.join('\n');
}
