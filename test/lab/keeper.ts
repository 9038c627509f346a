/**
 * The keeper of a daemon: a parent that adopts and reaps whatever the daemon leaves behind (PR_SET_CHILD_SUBREAPER,
 * prctl(2)), asks it to end when the test runner dies (PR_SET_PDEATHSIG), and kills the rest of the family after it.
 *
 * Adopting is not only tidiness. libvirtd waits for each qemu that it ends until kill(2) no longer finds it
 * (virProcessKillPainfully in src/util/virprocess.c); in a container whose first process reaps late, or never, each of
 * the probes at its start and each start of a guest takes seconds, or fails.
 */
const PRCTL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 157, arm64: 167 };

// SIGTERM goes to the whole process group, so the daemon has it already; SIGHUP reaches the keeper alone.
const PROGRAM = `
my ($prctl, @command) = @ARGV;
syscall($prctl, 36, 1, 0, 0, 0) == 0 or die "PR_SET_CHILD_SUBREAPER: $!";
syscall($prctl, 1, 1, 0, 0, 0) == 0 or die "PR_SET_PDEATHSIG: $!";
my $daemon = fork;
defined $daemon or die "fork: $!";
if ($daemon == 0) { exec { $command[0] } @command or die "$command[0]: $!\\n"; }
$SIG{TERM} = sub { };
$SIG{HUP} = sub { kill 'TERM', $daemon };
my $status = 255;
for (;;) {
  my $pid = waitpid(-1, 0);
  next if $pid == -1 && $!{EINTR};
  last if $pid == -1;
  next if $pid != $daemon;
  $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
  last;
}
sub orphans {
  my @found;
  for my $file (glob '/proc/[0-9]*/stat') {
    open my $handle, '<', $file or next;
    my $line = <$handle> // next;
    my ($ppid) = $line =~ /.*\\) \\S (\\d+)/s or next;
    push @found, $file =~ /(\\d+)/ if $ppid == $$;
  }
  return @found;
}
while (my @left = orphans()) {
  kill 'KILL', @left;
  waitpid($_, 0) for @left;
}
exit $status;
`;

/** The command line that runs `argv` under a keeper. */
export function underKeeper(argv: readonly string[]): readonly string[] {
  const prctl = PRCTL[process.arch];
  if (prctl === undefined)
    throw new Error(`the number of prctl(2) on ${process.arch} is not known to the lab`);
  return ['perl', '-e', PROGRAM, String(prctl), ...argv];
}
