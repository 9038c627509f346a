# Generated from the declarations of the checks, do not edit. For /usr/share/bash-completion/completions or ~/.bashrc.
_hypervisor_checks() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  case ${1##*/}:$before in
    check_bond_speed:--bond | check_bond_speed:--ignore | check_bond_speed:--expect | check_bond_speed:--min-slaves | check_bond_speed:--warning | check_bond_speed:-w | check_bond_speed:--critical | check_bond_speed:-c | check_bond_speed:--host | check_bond_speed:-H | check_bond_speed:--identity | check_bond_speed:--ssh-config | check_bond_speed:--root | check_bond_speed:--replay | check_bond_speed:--record | check_bond_speed:--state-dir | check_bond_speed:--timeout | check_bond_speed:-t) words='' ;;
    check_bond_speed:--down | check_bond_speed:--absent | check_bond_speed:--slave-down | check_bond_speed:--slower-active | check_bond_speed:--on-slow | check_bond_speed:--expected-speed | check_bond_speed:--below-capability | check_bond_speed:--primary | check_bond_speed:--few-slaves | check_bond_speed:--no-monitoring | check_bond_speed:--half-duplex | check_bond_speed:--lacp | check_bond_speed:--unused | check_bond_speed:--none | check_bond_speed:--unreachable) words='ok unknown warning critical' ;;
    check_bond_speed:--format) words='nagios json' ;;
    check_console_log:--guest | check_console_log:--ignore | check_console_log:--path | check_console_log:--total | check_console_log:--growth | check_console_log:--full-in | check_console_log:--warning | check_console_log:-w | check_console_log:--critical | check_console_log:-c | check_console_log:--host | check_console_log:-H | check_console_log:--identity | check_console_log:--ssh-config | check_console_log:--root | check_console_log:--replay | check_console_log:--record | check_console_log:--state-dir | check_console_log:--timeout | check_console_log:-t) words='' ;;
    check_console_log:--size) words='allocated apparent larger' ;;
    check_console_log:--over-total | check_console_log:--over-growth | check_console_log:--filling | check_console_log:--link | check_console_log:--deleted | check_console_log:--unlimited | check_console_log:--orphan | check_console_log:--growth-unknown | check_console_log:--open-files-denied | check_console_log:--guests-denied | check_console_log:--definitions-denied | check_console_log:--missing | check_console_log:--none | check_console_log:--unreachable) words='ok unknown warning critical' ;;
    check_console_log:--format) words='nagios json' ;;
    check_daemontools:--directory | check_daemontools:--user-services | check_daemontools:--service | check_daemontools:--ignore | check_daemontools:--require | check_daemontools:--stop-seconds | check_daemontools:--restarts | check_daemontools:--warning | check_daemontools:-w | check_daemontools:--critical | check_daemontools:-c | check_daemontools:--host | check_daemontools:-H | check_daemontools:--identity | check_daemontools:--ssh-config | check_daemontools:--root | check_daemontools:--replay | check_daemontools:--record | check_daemontools:--state-dir | check_daemontools:--timeout | check_daemontools:-t) words='' ;;
    check_daemontools:--supervisor) words='daemontools runit s6' ;;
    check_daemontools:--flapping | check_daemontools:--down | check_daemontools:--unsupervised | check_daemontools:--no-svscan | check_daemontools:--dead | check_daemontools:--missing | check_daemontools:--by-hand | check_daemontools:--normally-down | check_daemontools:--paused | check_daemontools:--wont-stop | check_daemontools:--log | check_daemontools:--not-scanned | check_daemontools:--broken | check_daemontools:--unused | check_daemontools:--run-denied | check_daemontools:--user | check_daemontools:--none | check_daemontools:--unreachable) words='ok unknown warning critical' ;;
    check_daemontools:--format) words='nagios json' ;;
    check_invtsc:--guest | check_invtsc:--ignore | check_invtsc:--warning | check_invtsc:-w | check_invtsc:--critical | check_invtsc:-c | check_invtsc:--host | check_invtsc:-H | check_invtsc:--identity | check_invtsc:--ssh-config | check_invtsc:--root | check_invtsc:--replay | check_invtsc:--record | check_invtsc:--timeout | check_invtsc:-t) words='' ;;
    check_invtsc:--running | check_invtsc:--power-cycle | check_invtsc:--next-start | check_invtsc:--defined | check_invtsc:--tsc-frequency | check_invtsc:--missing | check_invtsc:--undecided | check_invtsc:--definitions-denied | check_invtsc:--none | check_invtsc:--unreachable) words='ok unknown warning critical' ;;
    check_invtsc:--format) words='nagios json' ;;
    check_vlan_mtu:--vlan | check_vlan_mtu:--ignore | check_vlan_mtu:--netns | check_vlan_mtu:--warning | check_vlan_mtu:-w | check_vlan_mtu:--critical | check_vlan_mtu:-c | check_vlan_mtu:--host | check_vlan_mtu:-H | check_vlan_mtu:--identity | check_vlan_mtu:--ssh-config | check_vlan_mtu:--root | check_vlan_mtu:--replay | check_vlan_mtu:--record | check_vlan_mtu:--timeout | check_vlan_mtu:-t) words='' ;;
    check_vlan_mtu:--no-room | check_vlan_mtu:--mtu-above | check_vlan_mtu:--stacked-config | check_vlan_mtu:--parent-down | check_vlan_mtu:--parent-elsewhere | check_vlan_mtu:--absent | check_vlan_mtu:--config-denied | check_vlan_mtu:--none | check_vlan_mtu:--unreachable) words='ok unknown warning critical' ;;
    check_vlan_mtu:--format) words='nagios json' ;;
    *)
      case ${1##*/} in
        check_bond_speed) words='--bond --ignore --expect --min-slaves --warning --critical --down --absent --slave-down --slower-active --on-slow --expected-speed --below-capability --primary --few-slaves --no-monitoring --half-duplex --lacp --unused --none --host --identity --ssh-config --unreachable --sudo --root --replay --record --state-dir --timeout --format --verbose --help --version' ;;
        check_console_log) words='--guest --ignore --path --size --total --growth --full-in --warning --critical --over-total --over-growth --filling --link --deleted --unlimited --orphan --growth-unknown --open-files-denied --guests-denied --definitions-denied --missing --none --host --identity --ssh-config --unreachable --sudo --root --replay --record --state-dir --timeout --format --verbose --help --version' ;;
        check_daemontools) words='--directory --user-services --supervisor --service --ignore --require --stop-seconds --restarts --warning --critical --flapping --down --unsupervised --no-svscan --dead --missing --by-hand --normally-down --paused --wont-stop --log --not-scanned --broken --unused --run-denied --user --none --host --identity --ssh-config --unreachable --sudo --root --replay --record --state-dir --timeout --format --verbose --help --version' ;;
        check_invtsc) words='--guest --ignore --no-definitions --warning --critical --running --power-cycle --next-start --defined --tsc-frequency --missing --undecided --definitions-denied --none --host --identity --ssh-config --unreachable --sudo --root --replay --record --timeout --format --verbose --help --version' ;;
        check_vlan_mtu) words='--vlan --ignore --netns --include-down --warning --critical --no-room --mtu-above --stacked-config --parent-down --parent-elsewhere --absent --config-denied --none --host --identity --ssh-config --unreachable --sudo --root --replay --record --timeout --format --verbose --help --version' ;;
      esac
      ;;
  esac
  # A path, or a name that only the user knows.
  case $words in
    '') COMPREPLY=($(compgen -f -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _hypervisor_checks check_bond_speed check_console_log check_daemontools check_invtsc check_vlan_mtu
