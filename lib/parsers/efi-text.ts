/**
 * A variable of the firmware that holds a text, as efivarfs shows it (Documentation/filesystems/efivarfs.rst): four bytes of
 * attributes, then UTF-16 of little endian with a NUL at its end. Boot loaders and systemd talk by such ones
 * (https://systemd.io/BOOT_LOADER_INTERFACE).
 *
 *     06 00 00 00  61 00 2e 00 63 00 6f 00 6e 00 66 00 00 00    a.conf
 */
import { FormatError } from './text.ts';

export function parseEfiText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text.length < 4 || text.length % 2 !== 0) {
    throw new FormatError('a variable of the firmware', `${text.length} bytes are no attributes and UTF-16`);
  }
  return text.toString('utf16le', 4).replace(/\0[^]*/, '');
}
