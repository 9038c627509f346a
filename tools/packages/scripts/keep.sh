# It is made for the node that is here. The checks run without it, so nothing here is a reason for an installation to fail.
node=@NODE@
if [ -x "$node" ]; then
  env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS timeout 60 "$node" /usr/lib/hypervisor-checks/lib/warm.cjs ||
    echo 'hypervisor-checks: the checks run, and start a little slower: their compiled code could not be kept' >&2
fi
