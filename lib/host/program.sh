# Answers questions where only a shell is: on another machine, as root behind sudo, or in a child process that may hang
# in our place. It is the same text for every question: paths reach it as data on its standard input and are never
# read as shell words. POSIX sh (dash, bash, busybox ash) with head, tail, stat, grep, sed, xargs, dd, date and id of coreutils
# or busybox; nothing is written, and no process is started per file.
#
# In, one line each, fields separated by tabs, with \\ \n \t for those characters:
#   anything   up to the line "#end of the program": who does not know that the program is here already sends it
#   NONCE      a word that no file can know; starts every line of ours in the answer
#   PREFIX     the same as a path that means nothing (/././/./): put before every path that a tool is given, so that
#              its output and its error messages cannot be forged by what a file holds or is called
#   sel SEL    a kind of primitive question that the batch contains: "b head 4096", "s - -", ...
#   b PART MAX PATH | l - - PATH | s - - PATH | S - - PATH | k - - PATH | f - - PATH | p - - PATH
#              bytes, list, stat, stat through links, link, statfs, FIFO probe
#   g TEXT - PATH  the lines that contain the text
#   r TOOL .ARG...
#   e GLOB     the lines that follow and begin with + are asked below each match
#   P GLOB...  programs; the lines with + are asked below the folder of each process that may run one
#   go         end of the batch: answer now; end of file: leave
# Out: lines "#NONCE word field...", each after a newline of its own, and between them what the tools print.

LC_ALL=C QUOTING_STYLE=literal
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
export LC_ALL QUOTING_STYLE PATH
unset CDPATH ENV
set -f
NL='
'
TAB='	'
IFS=$NL

say() { printf '\n#%s %s\n' "$N" "$1"; }

# E = $1 as one field of a line
esc() {
  E=$1
  case $E in *\\* | *"$NL"* | *"$TAB"*) ;; *) return ;; esac
  O=
  while [ -n "$E" ]; do
    C=${E%"${E#?}"}
    E=${E#?}
    case $C in
      \\) O=$O\\\\ ;;
      "$NL") O=$O\\n ;;
      "$TAB") O=$O\\t ;;
      *) O=$O$C ;;
    esac
  done
  E=$O
}

# U = the field $1 as it was meant
unesc() {
  U=$1
  case $U in *\\*) ;; *) return ;; esac
  O=
  while :; do
    case $U in *\\*) ;; *) break ;; esac
    O=$O${U%%\\*}
    U=${U#*\\}
    case $U in
      n*) O=$O$NL ;;
      t*) O=$O$TAB ;;
      *) O=$O\\ ;;
    esac
    U=${U#?}
  done
  U=$O$U
}

# F = the first field of REST, which loses it
field() {
  case $REST in
    *"$TAB"*)
      F=${REST%%"$TAB"*}
      REST=${REST#*"$TAB"}
      ;;
    *)
      F=$REST
      REST=
      ;;
  esac
}

# calls $HIT for each path that matches, $MISS for each directory that is closed: walk DONE TODO
# (the link is asked for first: what /proc/PID/fd/N leads to may be on a server that does not answer)
# (a directory can be entered when its own dot is there; busybox's -x looks at the mode bits even for root)
walk() {
  case $2 in '')
    if [ -L "$1" ] || [ -e "$1" ]; then $HIT "$1"; fi
    return
    ;;
  esac
  case $2 in
    */*) set -- "$1" "${2%%/*}" "${2#*/}" ;;
    *) set -- "$1" "$2" '' ;;
  esac
  if [ -d "$1/" ]; then
    case $2 in
      *[*?]*) if ! [ -r "$1/" ] || ! [ -e "$1/." ]; then $MISS "$1"; return; fi ;;
      *) if ! [ -e "$1/." ]; then $MISS "$1"; return; fi ;;
    esac
  fi
  case $2 in
    *[*?]*)
      set +f
      for M in "$1"/$2; do
        set -f
        case ${M##*/} in . | ..) continue ;; esac
        if [ -L "$M" ] || [ -e "$M" ]; then walk "$M" "$3"; fi
      done
      set -f
      ;;
    *) walk "$1/$2" "$3" ;;
  esac
}

hit_say() { esc "$1"; say "match $I $E"; }
miss_say() { esc "$1"; say "unlisted $I $E"; }
miss_not() { :; }

# calls $DO for each question below the match $1
under() {
  for W in $WANTS; do
    REST=$W
    field; K=$F
    field; G=$F
    field; X=$F
    unesc "$REST"
    if [ -n "$U" ]; then $DO "$K" "$G" "$X" "$1/$U"; else $DO "$K" "$G" "$X" "$1"; fi
  done
}

# calls $DO for every primitive question of the batch: KIND PART MAX PATH
every() {
  I=0
  for Q in "$@"; do
    REST=$Q
    field
    case $F in
      e)
        unesc "$REST"
        T=${U#/}
        collect "$I" "$@"
        HIT=under MISS=miss_not
        walk '' "$T"
        ;;
      P)
        collect "$I" "$@"
        eval "PIDS=\$PIDS_$I"
        for D in $PIDS; do under "/proc/$D"; done
        ;;
      +* | r) ;;
      *)
        K=$F
        field; G=$F
        field; X=$F
        unesc "$REST"
        $DO "$K" "$G" "$X" "$U"
        ;;
    esac
    I=$((I + 1))
  done
}

# WANTS = the lines with + that follow question number $1
collect() {
  J=$1
  shift
  shift "$J"
  shift
  WANTS=
  for L in "$@"; do
    case $L in
      +*) WANTS=$WANTS${L#+}$NL ;;
      *) break ;;
    esac
  done
}

# Whether the contents of the file $1 may be given away, and whether the tool and arguments "$@" may be run. Who asks can do
# both himself where he is let in; where he asks as root, generated text takes the place of these three. may_read is also told the
# kind of question, and the text that lines are asked for; may_probe whether a FIFO may be opened.
may_read() { :; }
may_probe() { :; }
may_start() { case $1 in virsh | ip | ethtool | journalctl | dpkg-query | rpm | xl | xm) ;; *) return 1 ;; esac; }

# what is not a regular file is told, not opened: a FIFO would block, a device might do something
do_check() {
  case $1 in b | g) ;; *) return 0 ;; esac
  if [ -e "$4" ] && ! [ -f "$4" ]; then
    esc "$4"
    say "type $E"
  elif ! may_read "$4" "$1" "$2"; then
    esc "$4"
    say "refused $E"
  fi
}

# the paths of one tool, for xargs; what may be read is asked again, since a glob may match more by now
do_paths() {
  [ "$1 $2 $3" = "$SEL" ] || return 0
  case $1 in b | g) if { [ -e "$4" ] && ! [ -f "$4" ]; } || ! may_read "$4" "$1" "$2"; then return 0; fi ;; esac
  # grep puts a colon behind a path: with one in it, its lines could pass for those of another
  case $1 in g) case $4 in *:*) return 0 ;; esac ;; esac
  printf '%s\0' "$PRE$4"
}

do_list() {
  [ "$1" = l ] || return 0
  esc "$4"
  if ! [ -d "$4/" ]; then
    stat -c %i -- "$PRE$4/." >/dev/null
    return 0
  fi
  if ! [ -r "$4/" ]; then
    printf '%s/.: Permission denied\n' "$PRE$4" >&2
    return
  fi
  say "list $E"
  set +f
  for M in "$4"/* "$4"/.[!.]* "$4"/..?*; do
    set -f
    case ${M##*/} in
      '*' | '.[!.]*' | '..?*') [ -e "$M" ] || [ -L "$M" ] || continue ;;
    esac
    esc "${M##*/}"
    printf '%s\n' "$E"
  done
  set -f
}

do_fifo() {
  [ "$1" = p ] || return 0
  esc "$4"
  if ! [ -e "$4" ]; then
    stat -L -c %i -- "$PRE$4" >/dev/null
  elif ! [ -p "$4" ]; then
    say "fifo wrongType $E"
  elif ! may_probe "$4"; then
    say "fifo denied $E"
  elif X=$(dd if=/dev/null "of=$4" oflag=nonblock conv=nocreat,notrunc count=0 2>&1); then
    say "fifo reader $E"
  else
    case $X in
      *'No such device or address'*) say "fifo noReader $E" ;;
      *'Permission denied'*) say "fifo denied $E" ;;
      *) say "fifo failed $E" ;;
    esac
  fi
}

# one process of a tool for many paths: tool SEL COMMAND QUESTION...
tool() {
  SEL=$1 DO=do_paths
  COMMAND=$2
  shift 2
  every "$@" | xargs -0 -r sh -c "$COMMAND"
}

# which of all processes may run one of the programs; who asked looks at them more closely
scan() {
  S=0 P= X=$NL
  set +f
  # Executables of all users are root's to see; one process of stat for all.
  case $OWN in 0) X=$NL$(stat -c %N /proc/[0-9]*/exe 2>/dev/null | by_exe)$NL ;; esac
  for D in /proc/[0-9]*; do
    set -f
    D=${D#/proc/}
    S=$((S + 1))
    case $X in *"$NL$D$NL"*) P=$P$D$NL; continue ;; esac
    if may_run "$D"; then P=$P$D$NL; fi
  done
  set -f
  eval "PIDS_$I=\$P"
  say "scanned $I $S"
  for D in $P; do say "process $I $D"; done
}

# the process ids of "/proc/PID/exe -> /path/of/program" lines (busybox and old coreutils quote both)
by_exe() {
  while IFS= read -r C; do
    case $C in *' -> '*) ;; *) continue ;; esac
    D=${C##*/}
    D=${D%\'}
    D=${D%' (deleted)'}
    for B in $GLOBS; do
      case $D in ${B%%[*?]*}*)
        C=${C#*/proc/}
        printf '%s\n' "${C%%/*}"
        break
        ;;
      esac
    done
  done
}

may_run() {
  { IFS= read -r C <"/proc/$1/comm"; } 2>/dev/null || {
    if [ -d "/proc/$1" ]; then say "undecided $I $1"; fi
    return 1
  }
  for B in $GLOBS; do
    case $C in ${B%%[*?]*}*) return 0 ;; esac
  done
  { IFS= read -r C <"/proc/$1/stat"; } 2>/dev/null || return 1
  case ${C##*) } in
    Z*) return 1 ;;
    # hangs in the kernel: reading its command line could hang with it
    D*)
      IFS=' '
      set -- "$1" ${C##*) }
      IFS=$NL
      # fewer threads than the programs have (field 20 of all), or no memory (field 23): a kernel thread, or one that ends
      if [ "${19:-$THREADS}" -lt "$THREADS" ] || [ "${22:-1}" = 0 ]; then return 1; fi
      C=$(readlink "/proc/$1/exe") || { say "undecided $I $1"; return 1; }
      ;;
    *) C=; { IFS= read -r C <"/proc/$1/cmdline"; } 2>/dev/null || [ -n "$C" ] || return 1 ;;
  esac
  for B in $GLOBS; do
    case $C in *"${B%%[*?]*}"*) return 0 ;; esac
  done
  return 1
}

# What xl tells of a guest holds the passwords of its consoles, and may hold others in the arguments of its kernel: of texts only those
# pass that are known to be none. libxl prints one value a line, and escapes what could look like two (libxl_json.c).
known_of_xl() {
  sed -E "/^#$N /b
s/(:key=)[^:\"]*/\1***/g
s#(//)[^/@\"]*@#\1***@#g
t reset
:reset
/^ *\"(extra|extra_pv|extra_hvm|usbdevice_list)\": \[\$/,/^ *\],?\$/b
/^ *(\"[A-Za-z0-9_.]+\": )?([][{}]|\[\]|\{\}|-?[0-9.]+|true|false|null),?\$/b
/^ *\$/b
/^ *\"(name|uuid|type|disable_migrate|tsc_mode|e[abcd]x|pdev_path|backend|backend_domname|format|script|bridge|tag|path|usbdevice)\": /b
s/^( *\"[A-Za-z0-9_.]+\": )\".*\"(,?)\$/\1\"***\"\2/
t
s/^( *)\".*\"(,?)\$/\1\"***\"\2/
t
d"
}

run_tool() {
  field
  T=$F
  set --
  while [ -n "$REST" ]; do
    field
    unesc "$F"
    set -- "$@" "${U#.}"
  done
  may_start "$T" "$@" || {
    say "ran $I refused"
    return
  }
  command -v "$T" >/dev/null 2>&1 || {
    say "ran $I absent"
    return
  }
  say "stdout $I"
  case $T$NL$*$NL in
    "xl${NL}list$NL-l$NL") X=$({ { xl list -l </dev/null; say "ran $I $?"; } | known_of_xl; } 2>&1 >&3) ;;
    *)
      X=$({ "$T" "$@" </dev/null; } 2>&1 >&3)
      S=$?
      say "ran $I $S"
      ;;
  esac
  esc "$X"
  say "stderr $I $E"
}

batch() {
  IFS=' ' read -r U X </proc/uptime
  B= H=
  { IFS= read -r B </proc/sys/kernel/random/boot_id; } 2>/dev/null
  { IFS= read -r H </proc/sys/kernel/hostname; } 2>/dev/null
  OWN=$(id -u)
  say "clock $(date +%s)$TAB$U$TAB$B$TAB$OWN$TAB$(id -g)$TAB$H"
  I=0
  for Q in "$@"; do
    REST=$Q
    field
    case $F in
      e)
        unesc "$REST"
        T=${U#/}
        HIT=hit_say MISS=miss_say
        walk '' "$T"
        ;;
      P)
        field
        # a shell may calculate what it compares
        case $F in '' | *[!0-9]*) THREADS=1 ;; *) THREADS=$F ;; esac
        GLOBS=
        while [ -n "$REST" ]; do
          field
          GLOBS=$GLOBS$F$NL
        done
        scan
        ;;
      r) run_tool ;;
    esac
    I=$((I + 1))
  done
  DO=do_check
  every "$@"
  DO=do_list
  every "$@"
  DO=do_fifo
  every "$@"
  STAT='%f %u %g %s %b %h %d %i %Y %Z %n'
  export MAX STAT
  for S in $SELS; do
    case $S in
      # what came from outside is handed on as data, never as part of a command
      'b head '*) say "bytes $S"; MAX=${S##* }; tool "$S" 'head -v -c "$MAX" -- "$0" "$@"; echo' "$@" ;;
      'b tail '*) say "bytes $S"; MAX=${S##* }; tool "$S" 'tail -v -c "$MAX" -- "$0" "$@"; echo' "$@" ;;
      'g '*)
        say "lines $S"
        U=${S#g }
        unesc "${U% -}"
        LOOKED_FOR=$U
        export LOOKED_FOR
        # 1 is no such line, 2 a file that could not be read, of which it says which; above that it came to no end
        if tool "$S" 'grep -F -H -e "$LOOKED_FOR" -- "$0" "$@"; [ $? -le 2 ]' "$@"; then say "lined $S"; fi
        ;;
      's '*) say stat; tool "$S" 'stat -c "$STAT" -- "$0" "$@"' "$@" ;;
      'S '*) say follow; tool "$S" 'stat -L -c "$STAT" -- "$0" "$@"' "$@" ;;
      'k '*) say link; tool "$S" 'stat -c %N -- "$0" "$@"' "$@" ;;
      'f '*) say statfs; tool "$S" 'stat -f -c "%t %S %b %f %a %c %d %n" -- "$0" "$@"' "$@" ;;
    esac
  done
  say 'done'
  printf '\n#%s done\n' "$N" >&2
}

exec 3>&1
while :; do
  IFS= read -r N || exit 0
  case $N in '#end of the program') break ;; esac
done
IFS= read -r N && IFS= read -r PRE || exit 0
# else it would lead somewhere, and what is asked for below it would be something else
case $PRE in /*) ;; *) exit 0 ;; esac
case $PRE in *[!/.]* | *..*) exit 0 ;; esac
set --
SELS=
while IFS= read -r L; do
  case $L in
    go)
      batch "$@"
      set --
      SELS=
      ;;
    'sel '*) SELS=$SELS${L#sel }$NL ;;
    *) set -- "$@" "$L" ;;
  esac
done
