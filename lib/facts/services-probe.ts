/** The FIFOs of users' own services: probed where they are the user's, or those of who supervises him. */
import { fifo, type Want } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { failed, type Reading } from '../reading.ts';
import type { ServiceAnswers, UserAnswers } from './services-questions.ts';

const FIFOS = {
  ok: 'supervise/ok',
  control: 'supervise/control',
  logOk: 'log/supervise/ok',
  logControl: 'log/supervise/control',
} as const;
const KEYS = Object.keys(FIFOS) as readonly (keyof typeof FIFOS)[];

type Probe = Reading<'reader' | 'noReader'>;

/** Services of one user, and who may own their FIFOs. */
export interface Unprobed {
  readonly services: readonly UserAnswers[];
  readonly owners: ReadonlySet<number>;
}

/** Of all users in one batch; the answer has the same order. */
export async function probedServices(
  host: Host,
  users: readonly Unprobed[],
): Promise<readonly (readonly ServiceAnswers[])[]> {
  const want: Record<string, Want[string]> = {};
  for (const { services, owners } of users) {
    for (const service of services) {
      for (const key of KEYS) {
        const file = service[key];
        const path = `${service.path}/${FIFOS[key]}`;
        if (file.ok && file.value.type === 'fifo' && owners.has(file.value.uid)) want[path] = fifo(path);
      }
    }
  }
  const answers: Readonly<Record<string, unknown>> =
    Object.keys(want).length === 0 ? {} : await host.ask(want);
  return users.map(({ services }) => services.map((service) => withProbes(service, answers)));
}

function withProbes(service: UserAnswers, answers: Readonly<Record<string, unknown>>): ServiceAnswers {
  const probe = (key: keyof typeof FIFOS): Probe => {
    const file = service[key];
    if (!file.ok) return file;
    const path = `${service.path}/${FIFOS[key]}`;
    return (answers[path] as Probe | undefined) ?? failed('wrongType', path, 'not a FIFO of its user');
  };
  return {
    ...service,
    ok: probe('ok'),
    control: probe('control'),
    logOk: probe('logOk'),
    logControl: probe('logControl'),
  };
}
