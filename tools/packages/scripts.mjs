// What runs on the machine where a package is installed or removed: lines of sh, for dpkg and for rpm.
import { readFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), 'utf8');

/** Before it goes, and before a newer version comes. */
export const drop = read('drop');

/** When it has come, and when its node has changed. */
export const keep = (node) => `${drop}${read('keep').replace('@NODE@', node)}`;
