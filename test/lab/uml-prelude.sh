# What a script in User Mode Linux has at hand, test/lab/uml.ts. Read by bash -eu before the script.
unset BASH_ENV # the scripts that this one starts do without

# To start a program, be it ip, costs 30 ms of a whole core here: what bash can do itself it does, and several commands for ip
# go to one, with -batch.

# pause SECONDS
if [ ! -e /run/pause ]; then mkfifo /run/pause; fi
exec {PAUSE}<>/run/pause # nobody ever writes to it
pause() {
  read -r -t "$1" -u "$PAUSE" || true
}

# taps NAME...: network devices with a cable plugged in (carrier), down as every new device is. A tap has carrier only
# while somebody holds it open: tun_set_iff in drivers/net/tun.c.
taps() {
  local held=/run/lab/held-$1 helper
  rm -f "$held"
  perl -e '
    use Fcntl;
    my ($held, @names) = @ARGV;
    my @open;
    for my $name (@names) {
      sysopen my $tun, "/dev/net/tun", O_RDWR or die "/dev/net/tun: $!\n";
      # struct ifreq with IFF_TAP|IFF_NO_PI for TUNSETIFF.
      ioctl $tun, 0x400454ca, pack "a16 S x22", $name, 0x1002 or die "TUNSETIFF $name: $!\n";
      push @open, $tun;
    }
    close STDOUT;
    open my $done, ">", $held or die "$held: $!\n";
    close $done;
    sleep;
  ' "$held" "$@" &
  helper=$!
  until [ -e "$held" ]; do
    kill -0 "$helper"
    pause 0.02
  done
}

# speed NAME MBPS [half|full]: what the device says of itself. A link that is up keeps the old speed in
# /proc/net/bonding until its next change of carrier.
speed() {
  ethtool -s "$1" speed "$2" duplex "${3:-full}"
}

# carrier NAME 0|1: pulls or plugs the cable of a tap, and returns when the device and the bond that it belongs to know.
# That bond need not ever: nothing is waited for with miimon 0, and about 3 s at most with a long updelay or downdelay.
carrier() {
  local name=$1 want=$2 sys=/sys/class/net/$1 status=down on=off now until=$((SECONDS + 4))
  if [ "$want" = 1 ]; then status=up on=on; fi
  ip link set dev "$name" carrier $on
  while [ $SECONDS -lt $until ]; do
    # A device that is down does not tell its carrier (EINVAL).
    if ! { read -r now <"$sys/carrier"; } 2>/dev/null; then return 0; fi
    if [ "$now" = "$want" ]; then
      if [ ! -e "$sys/bonding_slave" ]; then return 0; fi
      read -r now _ <"$sys/master/bonding/miimon"
      if [ "$now" = 0 ]; then return 0; fi
      read -r now <"$sys/bonding_slave/mii_status"
      if [ "$now" = $status ]; then return 0; fi
    fi
    pause 0.05
  done
}

# settle: operstate follows carrier up to a second later (linkwatch_schedule_work in net/core/link_watch.c).
settle() {
  pause 1.2
}

# check NAME ARGS...: runs a built plugin and prints a block that parseChecks reads. Never ends the script.
check() {
  local name=$1 code=0 output
  shift
  output=$(${RUN_AS[@]+"${RUN_AS[@]}"} "$PLUGINS/$name" "$@") || code=$?
  printf '== %s\n' "$name${*:+ $*}"
  if [ -n "$output" ]; then printf '%s\n' "$output"; fi
  printf -- '-> %d\n' "$code"
}

# ask root|nobody NAME ARGS...: as check does, of a process that stays, test/lab/resident.ts. No argument may hold a blank.
declare -A ASK=() ANSWERED=()
ask() {
  local user=$1 as=() in out said
  shift
  if [ -z "${ASK[$user]-}" ]; then
    if [ "$user" = nobody ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups --); fi
    mkfifo "/run/$user.ask" "/run/$user.answered"
    install -m 666 /dev/null "/run/$user.said"
    "${as[@]}" "$PLUGINS/resident" "/run/$user.said" <"/run/$user.ask" >"/run/$user.answered" &
    exec {in}>"/run/$user.ask" {out}<"/run/$user.answered"
    ASK[$user]=$in ANSWERED[$user]=$out
  fi
  printf '%s\n' "$*" >&"${ASK[$user]}"
  read -r -u "${ANSWERED[$user]}"
  IFS= read -r -d '' said <"/run/$user.said" || true # to the end
  printf '%s' "$said"
}

# as_nobody COMMAND...: a program, or `check NAME ARGS...`, without any rights of root.
as_nobody() {
  local RUN_AS=(setpriv --reuid 65534 --regid 65534 --clear-groups --)
  if [ "$1" = check ]; then
    "$@"
  else
    "${RUN_AS[@]}" "$@"
  fi
}
