// In place of the package wrap-ansi, in the built yargs only, for the same reason: words of plain ASCII, no colours.
export default function wrapAnsi(text, columns) {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line, columns) {
  const lines = [];
  let current = '';
  for (const word of line.split(' ')) {
    let rest = word;
    if (current !== '' && current.length + 1 + rest.length <= columns) {
      current += ` ${rest}`;
      continue;
    }
    if (current !== '') lines.push(current);
    // A word longer than the column is cut, as wrap-ansi does when it is told to be hard.
    for (; rest.length > columns; rest = rest.slice(columns)) lines.push(rest.slice(0, columns));
    current = rest;
  }
  return [...lines, current].join('\n');
}
