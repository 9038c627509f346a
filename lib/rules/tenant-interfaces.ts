/**
 * The root cause before the symptom: a service that is told to put the VLANs of its tenants on a device that is itself a VLAN.
 * It is told when the configuration is read, long before the first tenant's large packets vanish.
 */
import type { Link, Links } from '../facts/links.ts';
import type { TenantInterface, TenantInterfaces } from '../facts/tenant-interfaces.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { worded, type Paths, type Way } from './vlan-paths.ts';

export type TenantKind = 'stacked-config' | 'config-denied' | 'unseen';

export interface TenantVerdict {
  readonly findings: readonly Finding<TenantKind>[];
  readonly items: readonly string[];
}

export function judgeTenantInterfaces(
  interfaces: TenantInterfaces,
  { all }: Links,
  { down }: Paths,
  isIgnored: (name: string) => boolean,
): TenantVerdict {
  const findings: Finding<TenantKind>[] = [];
  const items: string[] = [];
  for (const one of interfaces.found) {
    const link = all.get(one.device);
    const path = link === undefined ? null : vlanBelow(link, down(link));
    const isFine = link === undefined ? 'is not there' : path === null ? 'is no VLAN' : null;
    items.push(`${one.file}: ${settingOf(one)} ${isFine ?? 'is in a VLAN'}`);
    if (path !== null && !isIgnored(one.device)) findings.push(stacked(one, path));
  }
  return { findings: [...findings, ...unread(interfaces)], items };
}

/** The path down to the last VLAN and the device below it, on the way with the most tags; null where there is no VLAN. */
function vlanBelow(link: Link, ways: readonly Way[]): readonly Link[] | null {
  const most = ways.reduce<Way | null>((best, way) => (way.tags > (best?.tags ?? 0) ? way : best), null);
  if (most === null) return link.kind === 'vlan' ? [link] : null;
  return most.path.slice(0, most.path.findLastIndex(({ kind }) => kind === 'vlan') + 2);
}

function stacked(one: TenantInterface, path: readonly Link[]): Finding<TenantKind> {
  const index = path.findIndex(({ kind }) => kind === 'vlan');
  const parent = path[index + 1];
  const isItself = index === 0;
  const what = isItself
    ? `itself a VLAN${parent === undefined ? '' : ` on ${parent.name}`}`
    : `on the VLAN ${path[index]?.name ?? ''}`;
  const base = path[path.findLastIndex(({ kind }) => kind === 'vlan') + 1];
  const target = base?.name ?? 'the device below it';
  return {
    kind: 'stacked-config',
    subject: one.file,
    text: `${settingOf(one)} is ${what}: tenants sit inside another VLAN`,
    detail: [path.map((link) => worded(link, link.netns)).join(' on ')],
    repair: {
      how:
        `Set ${one.option} in ${one.file} to ${valueFor(one, target)}, restart ${one.service}, and attach the VLAN devices ` +
        `that are there already to ${target}. Where it is meant, --stacked-config ok says so`,
      commands: [],
    },
  };
}

function settingOf({ option, physnet, device }: TenantInterface): string {
  return `${option} = ${physnet === null ? '' : `${physnet}:`}${device}`;
}

function valueFor({ physnet }: TenantInterface, device: string): string {
  return physnet === null ? device : `${physnet}:${device}`;
}

function unread({ unread: failures }: TenantInterfaces): readonly Finding<TenantKind>[] {
  const denied = failures.filter(({ why }) => why === 'denied');
  const [first] = denied;
  const others = failures.filter(({ why }) => why !== 'denied');
  const more = denied.length > 1 ? ` (${denied.length - 1} more like it)` : '';
  return [
    ...(first === undefined
      ? []
      : [
          {
            kind: 'config-denied' as const,
            subject: '',
            text: `OpenStack's configuration not read: ${inWords(first)}${more}`,
          },
        ]),
    ...others.map((failure) => ({
      kind: 'unseen' as const,
      subject: '',
      text: inWords(failure),
      timedOut: failure.why === 'timedOut',
    })),
  ];
}
