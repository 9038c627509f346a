/** A real Nagios 4: it runs checks, and writes what it made of them to its status file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch, type Need } from './lab.ts';
import { runPlugin, spawnProcess, untilUp } from './process.ts';

export const NAGIOS: readonly Need[] = ['root', 'nagios4', 'setpriv', 'chown', 'perl'];

/** The fields of a `servicestatus` of status.dat (xdata/xsddefault.c), by name; line breaks are written as backslash and n. */
export type ServiceStatus = ReadonlyMap<string, string>;

export interface Nagios {
  /** The status of each service that was checked, by its description. */
  status(): Promise<ReadonlyMap<string, ServiceStatus>>;
  stop(): Promise<void>;
}

const EVER = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Starts it, as nagios, with a command line for each service. They run once, now. */
export async function startNagios(services: Readonly<Record<string, string>>): Promise<Nagios> {
  const folder = join(scratch(), 'nagios');
  for (const name of ['rw', 'spool/checkresults', 'archives'])
    mkdirSync(join(folder, name), { recursive: true });
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('nagios.cfg'), mainConfig(folder));
  writeFileSync(file('objects.cfg'), objects(services));
  writeFileSync(file('resource.cfg'), '');
  await runPlugin(['chown', '-R', 'nagios:nagios', folder]);
  const as = ['setpriv', '--reuid', 'nagios', '--regid', 'nagios', '--init-groups', '--'];
  const running = spawnProcess([...as, 'nagios4', file('nagios.cfg')], { keeper: true, graceSeconds: 15 });
  return {
    status: () =>
      untilUp(
        running,
        () => {
          const found = new Map(
            servicesIn(file('status.dat')).map((one) => [one.get('service_description') ?? '', one]),
          );
          const done = [...found.values()].every((one) => one.get('has_been_checked') === '1');
          return found.size === Object.keys(services).length && done ? found : null;
        },
        { seconds: 40, what: 'all checks of Nagios' },
      ),
    async stop() {
      await running.stop();
    },
  };
}

function servicesIn(path: string): readonly ServiceStatus[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // It is written a second after the start.
  }
  return [...text.matchAll(/^servicestatus \{\n([^]*?)\n\t\}/gm)].map(
    ([, body = '']) =>
      new Map(
        body.split('\n').map((line): [string, string] => {
          const equals = line.indexOf('=');
          return [line.slice(0, equals).trim(), line.slice(equals + 1)];
        }),
      ),
  );
}

// What a package's configuration has, with folders of its own, results each second and no update check.
function mainConfig(folder: string): string {
  return `log_file=${folder}/nagios.log
cfg_file=${folder}/objects.cfg
object_cache_file=${folder}/objects.cache
precached_object_file=${folder}/objects.precache
resource_file=${folder}/resource.cfg
status_file=${folder}/status.dat
status_update_interval=1
nagios_user=nagios
nagios_group=nagios
command_file=${folder}/rw/nagios.cmd
query_socket=${folder}/rw/nagios.qh
lock_file=${folder}/nagios.lock
temp_file=${folder}/nagios.tmp
temp_path=${folder}
check_result_path=${folder}/spool/checkresults
log_archive_path=${folder}/archives
state_retention_file=${folder}/retention.dat
illegal_macro_output_chars=\`~$&|'"<>
service_inter_check_delay_method=n
service_check_timeout=30
check_for_updates=0
check_workers=2
`;
}

function objects(services: Readonly<Record<string, string>>): string {
  const define = (type: string, fields: Readonly<Record<string, string | number>>): string =>
    [`define ${type} {`, ...Object.entries(fields).map(([name, value]) => `  ${name} ${value}`), '}'].join(
      '\n',
    );
  const common = {
    max_check_attempts: 1,
    check_period: 'ever',
    notification_period: 'ever',
    contacts: 'nobody',
  };
  return [
    define('timeperiod', {
      timeperiod_name: 'ever',
      alias: 'ever',
      ...Object.fromEntries(EVER.map((day) => [day, '00:00-24:00'])),
    }),
    define('contact', {
      contact_name: 'nobody',
      host_notifications_enabled: 0,
      service_notifications_enabled: 0,
      host_notification_commands: 'nothing',
      service_notification_commands: 'nothing',
      host_notification_period: 'ever',
      service_notification_period: 'ever',
    }),
    define('command', { command_name: 'nothing', command_line: '/bin/true' }),
    define('host', { host_name: 'h', address: '127.0.0.1', ...common }),
    ...Object.entries(services).flatMap(([name, line]) => [
      define('command', { command_name: name, command_line: line }),
      define('service', {
        host_name: 'h',
        service_description: name,
        check_command: name,
        check_interval: 60,
        retry_interval: 60,
        ...common,
      }),
    ]),
    '',
  ].join('\n');
}
