/**
 * The program that stands for root: `program.sh` with the list of what may be given away. It is what sudo, or a forced command in
 * authorized_keys, is allowed to run; what it does is fixed by this list and not by who asks.
 */
import program from '../host/program.sh';
import { escapeField } from '../host/sh-quoting.ts';
import type { AnyPlugin } from '../plugin.ts';
import { VERSION } from '../version.ts';

/** What is read before the first question, and to tell what a process runs. */
const ALWAYS = ['/proc/*/cmdline', '/proc/*/stat'];

const OPEN_READ = 'may_read() { :; }';
const OPEN_PROBE = 'may_probe() { :; }';
const OPEN_START = /^may_start\(\) \{ .*$/m;

export function answerScript(plugins: readonly AnyPlugin[]): string {
  const reads = sorted([...ALWAYS, ...plugins.flatMap(({ access }) => access.reads)]);
  const searches = sorted(
    plugins.flatMap(({ access }) =>
      (access.searches ?? []).map(({ path, containing }) => `${escapeField(containing)}\t${path}`),
    ),
  );
  const runs = sorted(plugins.flatMap(({ access }) => access.runs));
  if (!program.includes(OPEN_READ) || !program.includes(OPEN_PROBE) || !OPEN_START.test(program))
    throw new Error('program.sh has no place for the list');
  const body = program
    .replace(OPEN_READ, () => mayRead(reads, searches))
    .replace(OPEN_PROBE, () => MAY_PROBE)
    .replace(OPEN_START, () => mayStart(runs));
  return `${HEADER}\n${body}`;
}

const HEADER = `#!/bin/sh
# hypervisor-checks-answer ${VERSION}. Generated, do not edit. Answers the questions of the checks of hypervisor-checks as the
# user who runs it: root, behind sudo or as a forced command. It takes no arguments, writes nothing, and gives away the
# contents of the files on its list only, and of nothing in directories of other users than its own; names, sizes and owners
# of any file. How it is installed: icinga-conf/sudo/README.md.
# Before the first command: where sudoers has no secure_path, PATH is still that of whoever calls.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
if [ $# -eq 0 ] && timeout 5 true 2>/dev/null; then exec timeout 120 /bin/sh "$0" bounded; fi
set --
`;

/** In a pattern of sh a star matches slashes too, so that those are counted. */
function mayRead(reads: readonly string[], searches: readonly string[]): string {
  return `READS='
${reads.join('\n')}
'
# the lines that hold a text, and nothing else: text, tab, path
SEARCHES='
${searches.join('\n')}
'

slashes() {
  IFS=/
  set -- $1
  IFS=$NL
  R=$#
}

may_read() {
  case $1 in *"$NL"* | *//* | */./* | */../* | */. | */..) return 1 ;; esac
  slashes "$1"
  A=$R
  LISTED=$READS
  case $2 in
    g)
      for B in $SEARCHES; do
        case $B in "$3$TAB"*) LISTED=$LISTED$NL\${B#*"$TAB"} ;; esac
      done
      ;;
  esac
  for B in $LISTED; do
    case $1 in
      $B)
        slashes "$B"
        case $R in "$A") ;; *) continue ;; esac
        case $1 in
          /proc/*/root/*) is_our_root "\${1%%/root/*}" && is_ours "$1" "\${1%%/root/*}/root" ;;
          /proc/* | /sys/*) ;;
          *) is_ours "$1" '' ;;
        esac
        return
        ;;
    esac
  done
  return 1
}

# Whether no other user can have put something else in the place of the file $1: a link, or a directory of somebody else on the
# way there (but for $2, where that begins), could lead to a file that is root's alone.
is_ours() {
  [ -L "$1" ] && return 1
  D=$1
  while :; do
    D=\${D%/*}
    [ -O "$D/." ] || return 1
    # The folders above belong to root, and to nobody else who runs this.
    case $OWN$D in 0"$2" | [!0]*) return 0 ;; esac
  done
}

# Whether the files of the process in $1 are ours. Who makes a mount namespace in a user namespace of his own, as any user may, can
# show any file of the machine under any name in it; and a container's root can make links that lead to our files.
is_our_root() {
  [ "$1/root/." -ef /. ] && [ "$(readlink "$1/ns/user")" = "$(readlink /proc/self/ns/user)" ]
}`;
}

/** Between the look at a FIFO and its opening its owner could put a device there, and some do something when they are opened. */
const MAY_PROBE = `may_probe() { is_ours "$1" ''; }`;

/** Each word is itself; a star is a name that is no option; `@definitions` what asks libvirt for definitions by UUID. */
function mayStart(runs: readonly string[]): string {
  return `RUNS='
${runs.join('\n')}
'

may_start() {
  for B in $RUNS; do
    if is_like "$B" "$@"; then return 0; fi
  done
  return 1
}

is_like() {
  L="$1 "
  shift
  while [ $# -gt 0 ]; do
    case $L in '') return 1 ;; esac
    B=\${L%% *}
    L=\${L#* }
    case $B in
      '*') case $1 in '' | -* | *[!A-Za-z0-9._:@+-]*) return 1 ;; esac ;;
      @definitions) is_definitions "$1" || return 1 ;;
      *) case $1 in "$B") ;; *) return 1 ;; esac ;;
    esac
    shift
  done
  case $L in '') return 0 ;; esac
  return 1
}

is_definitions() {
  case $1 in *[!-0-9a-z\\;\\ ]*) return 1 ;; esac
  IFS=' '
  for W in $1; do
    case $W in
      dumpxml | --inactive) ;;
      *[!-0-9a-f\\;]* | -*) IFS=$NL; return 1 ;;
    esac
  done
  IFS=$NL
}`;
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
