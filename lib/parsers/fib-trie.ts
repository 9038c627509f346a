/**
 * /proc/net/fib_trie: the IPv4 routes of a network namespace, and so its own addresses (fib_trie_seq_show in
 * net/ipv4/fib_trie.c); for any user, where there is no ip that speaks JSON (before iproute2 4.13, busybox).
 *
 *     Local:
 *       +-- 0.0.0.0/1 2 0 2
 *          |-- 10.98.0.29
 *             /32 host LOCAL
 *
 * An address of its own is a leaf with `/32 host LOCAL` below it. On which device it is, the file does not tell.
 */
import { FormatError } from './text.ts';

/** IPv4 addresses, each once. Throws FormatError. */
export function parseFibTrie(text: string): readonly string[] {
  if (!/^(?:Main|Local|Id [0-9]+):/.test(text)) throw new FormatError('/proc/net/fib_trie', 'no table');
  const addresses = new Set<string>();
  let leaf = '';
  for (const line of text.split('\n')) {
    const [, address] = line.split('|-- ');
    if (address !== undefined) leaf = address;
    else if (line.includes('/32 host LOCAL')) addresses.add(leaf);
  }
  return [...addresses];
}
