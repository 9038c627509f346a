/** What is to be said about where services are: links that lead nowhere, or twice to the same, and directories of others. */
import type { Service, ServiceDirectory } from '../facts/services.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { cleanText, shellQuote } from '../report/text.ts';

type PlaceFinding = Finding<'broken' | 'user' | 'unseen'>;

export interface Places {
  /** A service whose directory is not there, or not to be seen. */
  unplaced(
    service: Service,
    id: Failure,
  ): {
    readonly findings: readonly PlaceFinding[];
    readonly closed: readonly Failure[];
  };
  /** The same directory under another name. */
  twice(service: Service): readonly PlaceFinding[];
  /** A supervise/ that the supervisor cannot use. */
  owner(service: Service, directory: ServiceDirectory): readonly PlaceFinding[];
}

export function judgePlaces(directories: readonly ServiceDirectory[]): Places {
  const firsts = new Map<string, Service>();
  const all = directories.flatMap(({ services }) => services);
  // The directory itself comes before the links to it.
  for (const service of [...all.filter(({ target }) => target === null), ...all]) {
    if (service.id.ok && !firsts.has(service.id.value)) firsts.set(service.id.value, service);
  }
  return {
    unplaced,
    twice(service) {
      const first = service.id.ok ? firsts.get(service.id.value) : undefined;
      if (first === undefined || first === service) return [];
      return [
        {
          kind: 'broken',
          subject: service.name,
          text: `is the same directory as ${first.name}: one service, started once or fought over`,
          ...(service.target === null || service.user !== null
            ? {}
            : { repair: { how: 'Remove one of the links', commands: [`rm ${shellQuote(service.path)}`] } }),
        },
      ];
    },
    owner,
  };
}

function unplaced({ name, target, path, user }: Service, id: Failure): ReturnType<Places['unplaced']> {
  if (id.why === 'denied') return { findings: [], closed: [id] };
  if (id.why !== 'absent' && id.why !== 'wrongType') {
    const text = inWords(id);
    return {
      findings: [{ kind: 'unseen', subject: name, text, timedOut: id.why === 'timedOut' }],
      closed: [],
    };
  }
  // Where a user's link points is the user's own text.
  const where = target === null || user !== null ? '' : ` (${cleanText(target)})`;
  const finding: PlaceFinding = {
    kind: user === null ? 'broken' : 'user',
    subject: name,
    text: `is a link that leads nowhere${where}`,
    repair: { how: 'Remove the link, or put back what it leads to', commands: [`rm ${shellQuote(path)}`] },
  };
  return { findings: [finding], closed: [] };
}

/** Root can use any supervise/; and a system's own may belong to a user who is meant to control it (runit's FAQ). */
function owner(
  { name, main, path }: Service,
  { scanner, uid: directoryUid }: ServiceDirectory,
): readonly PlaceFinding[] {
  if (main.isSupervised.ok && main.isSupervised.value) return [];
  const uid = (scanner.ok ? scanner.value?.uid : null) ?? directoryUid;
  const { superviseUid } = main;
  if (uid === 0 || superviseUid === null || superviseUid === uid) return [];
  return [
    {
      kind: 'broken',
      subject: name,
      text: `its supervise/ belongs to uid ${superviseUid}, and who supervises it is uid ${uid}`,
      repair: {
        how: 'Give supervise/ to its user',
        commands: [`chown -hR ${uid} ${shellQuote(`${path}/supervise`)}`],
      },
    },
  ];
}
