// npm run bench: what a check costs, as ratios of whole processes taken in turn in one run (A B A B ...), so that a machine
// whose speed drifts does not matter. B is an empty script on the same node. Nothing here is asserted.
//   npm run bench -- --runs 30 --processes 0 --logs 0 --ssh 0 --sudo
// --write: the table goes into the README as well, with the machine it comes from.
// --processes N (5000): so many processes more. --logs N (10000): so many guests of nova. --ssh N (20): over a connection with
// N ms of delay to a sshd on loopback, the way there and back counted. 0: not measured. --sudo: behind a real sudo, too.
// Logs, SSH and sudo need root: logs where nova has them, and a rule for sudo, in a mount namespace of the bench's own.
import { execFile, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { top } from './bundle.mjs';

const option = (name, byDefault) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? byDefault : Number(process.argv[at + 1]);
};
const runs = option('runs', 25);
const isRoot = process.geteuid() === 0;
const crowd = option('processes', 5000);
const logs = option('logs', isRoot ? 10_000 : 0);
const ssh = option('ssh', isRoot ? 20 : 0);
const sudo = process.argv.includes('--sudo');
// Node 20 reads NODE_EXTRA_CA_CERTS at every start, which costs more than a whole check.
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;
const rows = [];
const time = existsSync('/usr/bin/time') ? ['/usr/bin/time', '-f', '%e %U %S %M'] : [];
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const node = process.execPath;
const empty = [node, join(folder, 'empty.cjs')];
const check = [node, join(top, 'dist/bin/check_invtsc')];
writeFileSync(empty[1], '');

if ((logs > 0 || sudo) && process.env.BENCH_NAMESPACE !== 'own') {
  const { status } = spawnSync('unshare', ['-m', node, ...process.argv.slice(1)], {
    env: { ...process.env, BENCH_NAMESPACE: 'own' },
    stdio: 'inherit',
  });
  rmSync(folder, { recursive: true });
  process.exit(status ?? 1);
}

function once(command) {
  const [file, ...args] = [...time, ...command];
  const [before, cpuBefore] = [process.hrtime.bigint(), cpuOfChildren()];
  const { stderr, error } = spawnSync(file, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error) throw error;
  const wall = Number(process.hrtime.bigint() - before) / 1e6;
  const [, kib] = / ([0-9]+)\s*$/.exec(stderr) ?? [];
  return { wall, cpu: cpuOfChildren() - cpuBefore, mib: Number(kib) / 1024 };
}

/** User and system time in ms of all children that have ended, theirs too: cutime and cstime of proc(5), in ticks of 10 ms. */
function cpuOfChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function compare(name, a, b, budget) {
  once(a);
  once(b);
  const pairs = Array.from({ length: runs }, () => ({ a: once(a), b: once(b) }));
  const ratio = median(pairs.map((pair) => pair.a.wall / pair.b.wall));
  const memory = median(pairs.map((pair) => pair.a.mib)) - median(pairs.map((pair) => pair.b.mib));
  const wall = `${median(pairs.map((pair) => pair.a.wall)).toFixed(1)} ms`;
  // A mean: of one run the ticks are too long, of all together they are not.
  const cpu = `${(pairs.reduce((sum, pair) => sum + pair.a.cpu, 0) / runs).toFixed(0)} ms CPU`;
  const cpuRatio =
    pairs.reduce((sum, pair) => sum + pair.a.cpu, 0) / pairs.reduce((sum, pair) => sum + pair.b.cpu, 0);
  const more = time.length > 0 ? `${memory >= 0 ? '+' : ''}${memory.toFixed(1)} MiB` : '-';
  rows.push([
    name,
    `${ratio.toFixed(2)} x`,
    `${cpuRatio.toFixed(2)} x`,
    wall,
    more,
    budget.replace(/^budget /, ''),
  ]);
  console.log(
    `${name.padEnd(44)} ${ratio.toFixed(2).padStart(5)} x  CPU ${cpuRatio.toFixed(2).padStart(5)} x  ${wall.padStart(9)}  ${cpu.padStart(10)}  ${more.padStart(10)}  ${budget}`,
  );
  return ratio;
}

console.log(
  `${process.version}, ${runs} pairs, ratio of wall time to the second command of each pair, medians; CPU a mean`,
);
if (time.length === 0) console.log('no memory figures: /usr/bin/time is not there (Debian package "time")');
const recording = join(folder, 'recording');
spawnSync(check[0], [check[1], '--record', recording], { env });

let dearest = { name: 'check_invtsc', ratio: compare('check_invtsc', check, empty, 'budget 1.20 x, +3 MiB') };
const BUDGETS = {
  check_bond_speed: 'budget 1.20 x, +3 MiB',
  check_vlan_mtu: 'budget 1.20 x, +3 MiB',
  check_dhcp_liveness: 'budget 2.6 x: starts ip',
};
for (const name of readdirSync(join(top, 'dist/bin')).filter((one) => /^check_(?!invtsc)/.test(one))) {
  const ratio = compare(name, [node, join(top, 'dist/bin', name)], empty, BUDGETS[name] ?? '');
  if (ratio > dearest.ratio) dearest = { name, ratio };
}
compare(
  `hypervisor-checks, all of them, to ${dearest.name}`,
  [node, join(top, 'dist/bin/hypervisor-checks')],
  [node, join(top, 'dist/bin', dearest.name)],
  'budget 1.5 x',
);
benchPeers();
compare(
  'check_invtsc -w 0 -c 5 --no-definitions',
  [...check, '-w', '0', '-c', '5', '--no-definitions'],
  empty,
  'budget 1.20 x, +3 MiB',
);
compare('check_invtsc --replay', [...check, '--replay', recording], empty, '');
compare('check_invtsc --help', [...check, '--help'], empty, 'budget 3.5 x');
compare('check_invtsc --nonsense', [...check, '--nonsense'], empty, 'budget 3.5 x');
compare('check_invtsc -vv', [...check, '-vv'], empty, '');
compare('check_invtsc, a definition in XML', [...check, '--root', definition()], empty, 'budget 1.6 x');
const nobody = ['--host', 'nobody@127.0.0.1:1', '--ssh-config', '/dev/null'];
compare('check_invtsc --host, refused at once', [...check, ...nobody], empty, 'budget 3.5 x');

const checkProcs = '/usr/lib/nagios/plugins/check_procs';
if (crowd > 0) {
  const sleepers = Array.from({ length: Math.ceil(crowd / 100) }, () =>
    spawn('/bin/sh', ['-c', 'i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done; wait'], {
      detached: true,
      stdio: 'ignore',
    }),
  );
  spawnSync('sleep', ['2']);
  compare(`${crowd} processes, to an empty script`, check, empty, '');
  if (existsSync(checkProcs)) {
    compare(`${crowd} processes, to check_procs -C qemu`, check, [checkProcs, '-C', 'qemu'], 'budget 0.5 x');
    compare(
      `${crowd} processes as nobody, to check_procs`,
      ['/usr/bin/setpriv', '--reuid=65534', '--clear-groups', ...check],
      ['/usr/bin/setpriv', '--reuid=65534', '--clear-groups', checkProcs, '-C', 'qemu'],
      'budget 0.5 x',
    );
  } else console.log('check_procs is not there (Debian package "monitoring-plugins-basic")');
  for (const { pid } of sleepers) process.kill(-pid, 'SIGKILL');
}
if (logs > 0) benchLogs();
if (ssh > 0) await benchSsh(ssh);
if (!isRoot) console.log('console logs and SSH are not measured: that needs root');
if (sudo) benchSudo();
rmSync(folder, { recursive: true });
if (process.argv.includes('--write')) write();

/** A tree with one guest that is defined, for --root. */
function definition() {
  const tree = join(folder, 'tree');
  const files = {
    'proc/1/comm': 'init\n',
    'proc/uptime': '1000.0 1.0\n',
    'etc/libvirt/qemu/acrux.xml': '<domain type="kvm"><name>acrux</name><cpu mode="host-model"/></domain>\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

/** What others pay for less. */
function benchPeers() {
  const peers = '/usr/lib/nagios/plugins';
  const file = join(folder, 'recording');
  const pairs = [
    [
      'check_uptime_kernel, to check_libs (Python)',
      [node, join(top, 'dist/bin/check_uptime_kernel')],
      [join(peers, 'check_libs')],
    ],
    ['check_invtsc, to check_file_age (Perl)', check, [join(peers, 'check_file_age'), '-f', file]],
    ['check_invtsc, to a Python script that is empty', check, ['/usr/bin/python3', '/dev/null']],
  ];
  for (const [name, own, peer] of pairs) {
    if (existsSync(peer[0])) compare(name, own, peer, '');
    else console.log(`${peer[0]} is not there`);
  }
}

/** The table of the README, between its marks. */
function write() {
  const path = join(top, 'README.md');
  const text = readFileSync(path, 'utf8');
  const [begin, end] = ['<!-- bench: written by npm run bench -- --write -->', '<!-- end of bench -->'];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (from < begin.length || to < from) throw new Error('the README has no place for the table');
  const [cpu] = cpus();
  const where = `${cpus().length} x ${cpu.model.trim()}, Node.js ${process.version}`;
  const table = [
    `Whole processes, to an empty script on the same Node.js where nothing else is named; medians of ${runs} pairs on ${where}.`,
    '',
    '| what | ratio | CPU | wall | memory | budget |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
  writeFileSync(path, `${text.slice(0, from)}\n\n${table.join('\n')}\n\n${text.slice(to)}`);
}

/** Folders of instances as nova makes them; the files of disks are there, since find looks at them too. */
function benchLogs() {
  const lib = join(folder, 'lib');
  const instances = join(lib, 'nova/instances');
  for (let i = 0; i < logs; i++) {
    const instance = join(instances, `${String(i).padStart(8, '0')}-e0db-405c-a863-696e7374616e`);
    mkdirSync(instance, { recursive: true });
    for (const name of ['console.log', 'disk', 'disk.config', 'disk.info'])
      writeFileSync(join(instance, name), name);
  }
  spawnSync('mount', ['--bind', lib, '/var/lib']);
  const find = ['find', '/var/lib/nova/instances', '-size', '+100M'];
  const all = [node, join(top, 'dist/bin/check_console_log')];
  compare(`${logs} console logs, to find -size`, all, find, 'budget 1.0 x');
  compare(`${logs} console logs, to an empty script`, all, empty, '');
  spawnSync('umount', ['/var/lib']);
}

/**
 * Every check against a sshd of the bench's own, behind a proxy that delays each direction by half of `delay` ms: connections, batches,
 * bytes on the wire, and what the delay costs as a multiple of it, against the same without. Budget: one connection, 4 batches, 8.5 ways for the first answer.
 */
async function benchSsh(delay) {
  const key = (name) => (
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]),
    name
  );
  const text = (name, lines) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`, { mode: 0o600 });
  const at = (name) => join(folder, name);
  for (const name of ['host_key', 'identity']) key(name);
  const port = await freePort();
  text('sshd_config', [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${at('host_key')}`, 'PidFile none', `AuthorizedKeysFile ${at('identity.pub')}`, 'StrictModes no', 'UsePAM no']); // prettier-ignore
  mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', at('sshd_config')], { stdio: 'ignore' });
  const wire = { connections: 0, bytes: 0, pause: 0 };
  const proxy = createServer((near) => {
    wire.connections += 1;
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (chunk) => {
        wire.bytes += chunk.length;
        setTimeout(() => to.destroyed || to.write(chunk), wire.pause);
      });
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const [type, code] = readFileSync(at('host_key.pub'), 'utf8').split(' ');
  text('known_hosts', [`[127.0.0.1]:${proxy.address().port} ${type} ${code}`]);
  text('config', ['Host far', 'HostName 127.0.0.1', `Port ${proxy.address().port}`, 'User root', `UserKnownHostsFile ${at('known_hosts')}`, `IdentityFile ${at('identity')}`, 'IdentitiesOnly yes']); // prettier-ignore
  console.log(`\nover SSH, ${delay} ms there and back; "ways" is what that costs, in multiples of it`);
  for (const name of readdirSync(join(top, 'dist/bin'))) {
    const args = [
      join(top, 'dist/bin', name),
      '--host',
      'far',
      '--ssh-config',
      at('config'),
      '-vvv',
      '-t',
      '60',
    ];
    // Not in step with us: the proxy is here.
    const look = async (pause) => {
      wire.pause = pause;
      const began = performance.now();
      const { stdout } = await promisify(execFile)(node, args, { env }).catch((error) => error);
      return { stdout, ms: performance.now() - began };
    };
    const without = await look(0);
    const before = { ...wire };
    const { stdout, ms } = await look(delay / 2);
    const ways = ((ms - without.ms) / delay).toFixed(1);
    // What was asked is not said of all checks together.
    const batches = stdout.split('\n').filter((line) => /^asked \S+ as uid /.test(line)).length || '?';
    const kib = ((wire.bytes - before.bytes) / 1024).toFixed(1);
    console.log(`${name.padEnd(44)} ${ways.padStart(5)} ways  ${wire.connections - before.connections} connection  ${batches} batches  ${kib.padStart(8)} KiB`); // prettier-ignore
  }
  proxy.close();
  sshd.kill();
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** As nobody, with the one line in sudoers that the check needs, against the same check without. */
function benchSudo() {
  const rules = join(folder, 'rules');
  mkdirSync(rules);
  const command = `${check[1]} --record - --timeout 6`;
  writeFileSync(join(rules, 'bench'), `nobody ALL=(root) NOPASSWD: ${command}\n`, { mode: 0o440 });
  spawnSync('mount', ['--bind', rules, '/etc/sudoers.d']);
  chmodSync(folder, 0o755);
  const alone = ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', check[1]];
  compare('check_invtsc --sudo, to the same without', [...alone, '--sudo'], alone, '');
  spawnSync('umount', ['/etc/sudoers.d']);
}
