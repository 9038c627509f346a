/** How a guest gets rid of invtsc, in the commands of what started it: libvirt, Proxmox, Xen, or somebody's script. */
import type { Definition } from '../facts/definitions.ts';
import type { RunningGuest } from '../facts/guests.ts';
import type { Invtsc } from '../parsers/qemu-cpu.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

export const NOT_ENOUGH = 'a reboot inside the guest is not enough';

export function repairOf(guest: RunningGuest, definition: Definition | null, now: Invtsc): Repair {
  const line = guest.commandLine.ok ? guest.commandLine.value : null;
  const id = proxmoxIdOf(guest, definition);
  if (guest.xen !== undefined || id !== null) {
    const how =
      definition === null
        ? `Take ${id === null ? words(now) : 'invtsc'} out of ${id === null ? 'what it is created from' : 'the CPU type or the args of the configuration'}`
        : cleanUp(definition, now);
    const first = definition === null ? (id === null ? [] : [`qm config ${id}`]) : edits(definition);
    return {
      how: `${how}, then ${id === null ? 'shut down on the host and start again' : 'stop and start the guest'} (${NOT_ENOUGH})`,
      commands: [...first, ...powerCycle(guest, definition).commands],
    };
  }
  // Its definition may be closed to us; it is libvirt's all the same, and started by hand it would be lost to it.
  if (definition !== null || guest.live !== null || line?.isOfLibvirt === true) {
    return {
      how: `${cleanUpXml(now)}, then shut down on the host and start again (${NOT_ENOUGH})`,
      commands: [`virsh edit ${shellQuote(guest.name)}`, ...powerCycle(guest, definition).commands],
    };
  }
  return {
    how: `Take ${words(now)} out of the -cpu option that the guest is started with, shut it down and start it again (${NOT_ENOUGH})`,
    commands: [],
  };
}

/** Of a guest whose definition is clean. */
export function powerCycle(guest: RunningGuest, definition: Definition | null): Repair {
  const how = `The definition is clean: shut down on the host and start again (${NOT_ENOUGH})`;
  const name = shellQuote(guest.name);
  if (guest.xen !== undefined) {
    const { tool } = guest.xen;
    const source = definition === null ? [] : [`${tool} create ${shellQuote(definition.source)}`];
    return { how, commands: [`${tool} shutdown -w ${name}`, ...source] };
  }
  const id = proxmoxIdOf(guest, definition);
  if (id !== null) return { how, commands: [`qm shutdown ${id}`, `qm start ${id}`] };
  return { how, commands: [`virsh shutdown ${name}`, `virsh start ${name}`] };
}

export function edit(definition: Definition, invtsc: Invtsc, when: string): Repair {
  return { how: `${cleanUp(definition, invtsc)}, ${when}`, commands: edits(definition) };
}

export function proxmoxIdOf(guest: RunningGuest, definition: Definition | null): number | null {
  return definition?.proxmox?.id ?? (guest.commandLine.ok ? guest.commandLine.value.proxmoxId : null);
}

function cleanUp(definition: Definition, invtsc: Invtsc): string {
  const { proxmox, xen, source } = definition;
  if (xen !== undefined) return `Take ${words(invtsc)} out of ${source}`;
  if (proxmox === undefined) return cleanUpXml(invtsc);
  const model = ofModel(proxmox);
  if (model !== undefined) {
    return `Take ${words(invtsc)} out of the CPU model ${model} in /etc/pve/virtual-guest/cpu-models.conf`;
  }
  return `Take ${words(invtsc)} out of the CPU type or the args of the configuration`;
}

function cleanUpXml({ how }: Invtsc): string {
  return how === 'passthrough'
    ? "Set migratable='on' at the cpu element of the definition"
    : "Take the feature with the name 'invtsc' out of the definition";
}

function edits({ name, proxmox, xen }: Definition): readonly string[] {
  if (xen !== undefined) return [];
  if (proxmox === undefined) return [`virsh edit ${shellQuote(name)}`];
  const { id, cpu, args } = proxmox;
  const commands = [
    ...setting(id, 'cpu', cpu ?? '', withoutFlag(cpu ?? '')),
    ...setting(id, 'args', args, withoutFlag(args)),
  ];
  return commands.length === 0 ? [`qm config ${id}`] : commands;
}

/** A value that a shell could read otherwise where it is copied from is left to the administrator. */
function setting(id: number, key: string, before: string, after: string): readonly string[] {
  if (before === after || /[;|<>&$`\\]/.test(after)) return [];
  return [`qm set ${id} --${key} ${shellQuote(after)}`];
}

/** Of a value like `host,flags=+aes;+invtsc` or `-cpu host,+invtsc,migratable=off`. */
function withoutFlag(value: string): string {
  return value
    .replace(/,(?:\+invtsc|invtsc(?:=(?:on|yes|true|y))?|migratable=(?:off|no|false|n))(?=[,\s'"]|$)/g, '')
    .replace(/([;=])\+invtsc(?=[;,]|$)/g, (_, before: string) => (before === '=' ? '=' : ''))
    .replace(/flags=;/, 'flags=')
    .replace(/,flags=(?=,|$)/, '');
}

/** The custom CPU model that holds it; undefined where the guest's own settings do. */
function ofModel({ cpu, args }: NonNullable<Definition['proxmox']>): string | undefined {
  if (/invtsc|migratable/.test(`${cpu ?? ''} ${args}`)) return undefined;
  return /(?:^|[,=])custom-([^,]+)/.exec(cpu ?? '')?.[1];
}

/** What asks for it, without the brackets of an element: they would be made harmless, and so unreadable, in the output. */
export function words({ by }: Invtsc): string {
  return by.replace(/^<(.*?)\/?>$/, '$1');
}
