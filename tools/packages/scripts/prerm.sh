#!/bin/sh
set -e
# What postinst has made. An older version would leave it to nobody.
rm -f /usr/lib/hypervisor-checks/lib/*-v[0-9]* /usr/lib/hypervisor-checks/lib/*.new
