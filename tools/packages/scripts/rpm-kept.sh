rm -f /usr/lib/hypervisor-checks/lib/*-v[0-9]* || :
if [ -x /usr/bin/node ] && [ -f /usr/lib/hypervisor-checks/lib/warm.cjs ]; then
  env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS timeout 60 /usr/bin/node /usr/lib/hypervisor-checks/lib/warm.cjs ||
    echo 'hypervisor-checks: the checks run, and start a little slower: their compiled code could not be kept' >&2
fi
