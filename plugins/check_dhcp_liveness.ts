/** DHCP clients and servers that are gone or stopped, and leases that nobody renews. */
import { CLIENT_QUESTIONS, gatherClients } from '../lib/facts/dhcp-client-gather.ts';
import { dhcpProcesses, PROCESS_QUESTIONS } from '../lib/facts/dhcp-processes.ts';
import { names, rangeIn } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { judgeClients } from '../lib/rules/dhcp-clients.ts';

export default definePlugin({
  name: 'check_dhcp_liveness',
  summary: 'finds DHCP clients and servers that are gone or stopped, and leases that nobody renews',
  description: ['x'],
  options: {
    'require-client': names('this interface must have a client', 'IFACE'),
    overdue: rangeIn('s', 'how long past T1'),
  },
  kinds: {
    'no-client': { state: 'critical', meaning: 'x' },
    'client-stopped': { state: 'critical', meaning: 'x' },
    expired: { state: 'critical', meaning: 'x' },
    address: { state: 'critical', meaning: 'x' },
    overdue: { state: 'warning', meaning: 'x' },
    clock: { state: 'warning', meaning: 'x' },
    required: { state: 'critical', meaning: 'x' },
  },
  metrics: {
    clients: { unit: '', meaning: 'x', min: 0 },
  },
  main: 'clients',
  looksFor: 'DHCP clients or servers',
  access: { unprivileged: 'x', root: 'x', reads: [], secrets: [], runs: [] },
  examples: [{ args: '', does: 'x' }],

  async gather(host) {
    const first = await host.ask({ ...PROCESS_QUESTIONS, ...CLIENT_QUESTIONS });
    const processes = dhcpProcesses(first);
    return { processes, clients: await gatherClients(host, first, processes.all) };
  },

  judge({ clients, processes }, options) {
    const verdict = judgeClients(clients, { required: options['require-client'], overdue: options.overdue });
    return {
      findings: [
        ...verdict.findings,
        ...[...processes.unread, ...clients.unread].map((f) => ({
          kind: 'unseen' as const,
          subject: '',
          text: f.path + f.why,
        })),
      ],
      summary: '',
      measurements: [{ metric: 'clients', value: clients.clients.length }],
      items: verdict.items,
    };
  },
});
