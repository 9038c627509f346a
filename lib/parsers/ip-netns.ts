/**
 * `ip -j netns list`: the named network namespaces, and the numbers that the own one has for them (iproute2, ip/ipnetns.c).
 *
 *     [{"name":"qrouter-2b1c"},{"name":"qdhcp-77aa","id":0}]
 *
 * A namespace gets a number when something reaches over the border for the first time, a veth pair or a VLAN device.
 * The number is the asking namespace's own: another one has another number for the same. Nothing is printed where there is
 * no namespace.
 */
import { parseArray, recordOf } from './ip-link.ts';
import { FormatError, integerOf } from './text.ts';

export interface NamedNetns {
  readonly name: string;
  /** Null: it has no number in the namespace that was asked. */
  readonly id: number | null;
}

/** Throws FormatError. */
export function parseIpNetns(text: string): readonly NamedNetns[] {
  return parseArray(text, 'ip -j netns').map((item, index) => {
    const { name, id } = recordOf(item) ?? {};
    if (typeof name !== 'string') throw new FormatError('ip -j netns', `element ${index} has no name`);
    return { name, id: integerOf(id) };
  });
}
