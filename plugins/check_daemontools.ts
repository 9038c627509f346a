/** Services under daemontools, runit or s6 that are not what they should be, or can no longer become it. */
import { DIRECTORIES, READS, SECRETS } from '../lib/facts/service-directories.ts';
import { gatherServices } from '../lib/facts/services-gather.ts';
import { names, range, UsageError, type Valued } from '../lib/option.ts';
import { SUPERVISORS, type Supervisor } from '../lib/parsers/supervise-status.ts';
import { definePlugin } from '../lib/plugin.ts';
import { chosen } from '../lib/rules/names.ts';
import { judgeServices } from '../lib/rules/services.ts';
import {
  closedFinding,
  itemOf,
  measureServices,
  missing,
  nothing,
  runDenied,
  summaryOf,
} from '../lib/rules/services-summary.ts';

export default definePlugin({
  name: 'check_daemontools',
  summary: 'finds services of daemontools, runit and s6 that flap, are down, or are no longer supervised',
  description: [
    'A service whose run cannot start looks like "up 0 seconds" for ever, a supervisor that was killed leaves "up" behind in ' +
      'its status, and a log that died blocks its service when the pipe is full. svstat shows a moment and no fault; it always ' +
      'exits with 0.',
    'The check reads what svscan, runsvdir or s6-svscan supervise: whether each supervisor lives, what it says of its ' +
      'service and of its log, whether that process exists, and whether run can be started at all. What was started only ' +
      'seconds ago is looked at again a second later; with --state-dir restarts are also counted over an hour.',
  ],
  options: {
    directory: names(
      `look for services in this directory instead of ${DIRECTORIES.join(', ')}; path or glob`,
      'DIR',
    ),
    'user-services': names("users' own directories of services as well: '/home/*/service'", 'GLOB'),
    supervisor: {
      type: 'value',
      placeholder: 'NAME',
      help: 'take all services for those of this one, instead of telling by what is there',
      choices: SUPERVISORS,
      parse: parseSupervisor,
    } satisfies Valued<Supervisor>,
    service: names("look only at these services, name or glob; a user's is USER/NAME"),
    ignore: names('leave these services out, name or glob'),
    require: names('this service must be there'),
    'stop-seconds': {
      type: 'value',
      placeholder: 'SECONDS',
      byDefault: '60',
      help: 'how long a service may take to stop when it was told to',
      parse: parseSeconds,
    },
    restarts: {
      ...range('range for restarts in the last hour, known from --state-dir or s6'),
      byDefault: '5',
    },
  },
  kinds: {
    flapping: {
      state: 'critical',
      meaning:
        'a service cannot be started, or is again and again: within a second, or more often than --restarts',
    },
    down: { state: 'critical', meaning: 'a service is down and should be up' },
    unsupervised: {
      state: 'critical',
      meaning: 'supervise, runsv or s6-supervise of a service does not run',
    },
    'no-svscan': {
      state: 'critical',
      meaning: 'svscan, runsvdir or s6-svscan is not running, or is stopped: nothing starts supervisors',
    },
    dead: {
      state: 'critical',
      meaning: 'a service is said to be up, its process is gone or a zombie: its supervisor hangs',
    },
    missing: { state: 'critical', meaning: 'what --require or --directory names is not there' },
    'by-hand': {
      state: 'warning',
      meaning: 'a service was stopped by hand (svc -d), and no file down says that it should be',
    },
    'normally-down': {
      state: 'warning',
      meaning: 'a service is up, though its file down says that it should not be',
    },
    paused: { state: 'warning', meaning: 'a service is paused (svc -p), or its process stopped by a signal' },
    'wont-stop': {
      state: 'warning',
      meaning: 'a service, or its script finish, still runs --stop-seconds after it was told to stop',
    },
    log: { state: 'warning', meaning: 'the log of a service is down, flapping, or not supervised' },
    'not-scanned': { state: 'warning', meaning: 'a service was never started: nobody picks it up' },
    broken: {
      state: 'warning',
      meaning: 'run or the link to the service is broken, so that it cannot be started or started again',
    },
    unused: {
      state: 'ok',
      meaning: 'a usual directory of services that nobody scans and nobody ever has, as packages leave it',
    },
    'run-denied': { state: 'ok', meaning: 'run, which may keep a service from starting, cannot be read' },
    user: { state: 'warning', meaning: "anything wrong with a user's own service (--user-services)" },
  },
  metrics: {
    unhealthy: { unit: '', meaning: 'services that are not healthy', min: 0 },
    services: { unit: '', meaning: 'services', min: 0 },
    up: { unit: '', meaning: 'services that are up', min: 0 },
    down: { unit: '', meaning: 'services that are down, wanted or not', min: 0 },
    flapping: { unit: '', meaning: 'services that are restarted all the time', min: 0 },
    broken: { unit: '', meaning: 'services that cannot be started as they are', min: 0 },
    youngest_uptime: { unit: 's', meaning: 'time since the last start of a service', min: 0 },
  },
  main: 'unhealthy',
  looksFor: 'services',
  interval: '1m',
  access: {
    unprivileged: 'links, run files and whether svscan runs; supervise/ is open to its owner alone',
    root: 'everything',
    elsewhere: '--directory /srv/service',
    reads: READS,
    secrets: SECRETS,
    runs: [],
  },
  remembers: true,
  examples: [
    { args: '', does: 'all services of this host' },
    { args: '--require sshd --require nginx', does: 'these must be among them' },
    {
      args: "--user-services '/home/*/service'",
      does: "users' own services as well, never worse than WARNING",
    },
    { args: '--by-hand ok --normally-down ok', does: 'what administrators do by hand is their affair' },
    { args: '-w 0 -c 5', does: 'WARNING from one unhealthy service on, CRITICAL with more than five' },
    {
      args: '--state-dir /var/lib/hypervisor-checks --restarts 2',
      does: 'also find what is restarted more than twice an hour',
    },
    { args: '-v', does: 'one line for each service' },
  ],

  gather(host, options) {
    return gatherServices(host, {
      directories: options.directory.length > 0 ? options.directory : DIRECTORIES,
      areGiven: options.directory.length > 0,
      userDirectories: options['user-services'],
      supervisor: options.supervisor ?? null,
      isChosen: chosen(options.service, options.ignore),
    });
  },

  judge(services, options, memory) {
    const judged = judgeServices(
      services,
      {
        supervisor: options.supervisor ?? null,
        stopSeconds: options['stop-seconds'],
        maxRestarts: options.restarts,
      },
      memory,
    );
    const { verdicts } = judged;
    const findings = [
      ...verdicts.flatMap((one) => one.findings),
      ...judged.findings,
      ...missing(services, options.require),
      ...closedFinding(verdicts, services.unread),
      ...runDenied(verdicts),
    ];
    const isNothing = verdicts.length === 0 && findings.length === 0;
    return {
      findings,
      summary: verdicts.length === 0 ? '' : summaryOf(verdicts),
      measurements: isNothing ? [] : measureServices(services, judged),
      items: [
        ...verdicts.map((one) => itemOf(one, services.epochSeconds)),
        ...services.elsewhere.map((path) => `not looked at: ${path} is scanned too (--directory)`),
      ],
      remember: judged.remember,
      ...(isNothing ? { none: nothing(services) } : {}),
    };
  },
});

function parseSupervisor(text: string): Supervisor {
  const found = SUPERVISORS.find((name) => name === text);
  if (found === undefined) throw new UsageError(`"${text}" is not one of ${SUPERVISORS.join(', ')}`);
  return found;
}

function parseSeconds(text: string): number {
  if (!/^[0-9]{1,7}$/.test(text)) throw new UsageError(`"${text}" is not a number of seconds`);
  return Number(text);
}
