#!/bin/sh
set -e
# The checks start faster where what V8 makes of their code is kept beside it: for the node that is here, and again when
# dpkg says that it was replaced. They run without it, so nothing here is a reason for an installation to fail.
case $1 in
  configure | triggered)
    rm -f /usr/lib/hypervisor-checks/lib/*-v[0-9]* || :
    node=@NODE@
    if [ -x "$node" ]; then
      env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS timeout 60 "$node" /usr/lib/hypervisor-checks/lib/warm.cjs ||
        echo 'hypervisor-checks: the checks run, and start a little slower: their compiled code could not be kept' >&2
    fi
    ;;
esac
