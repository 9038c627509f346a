// In place of the package string-width, in the built yargs only: its tables for every script and emoji cost 17 ms at each
// load, and the pages that yargs lays out here are plain ASCII (a test holds them to that).
export default function stringWidth(text) {
  return text.length;
}
