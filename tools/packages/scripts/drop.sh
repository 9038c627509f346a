# What V8 made of the checks' code (lib/warm.cjs), for whatever node that was.
rm -f /usr/lib/hypervisor-checks/lib/*-v[0-9]* /usr/lib/hypervisor-checks/lib/*.new || :
