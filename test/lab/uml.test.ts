/** User Mode Linux as the lab runs it: the kernel's own bonds and VLANs, and node on top of them. */
import { expect, it } from 'vitest';
import { lab, scratch } from './lab.ts';
import { parseChecks, runInUml, UML } from './uml.ts';

lab(UML, 'a script in User Mode Linux', () => {
  it('times', async () => {
    const t0 = performance.now();
    const r = await runInUml({ folder: scratch(), script: `
t() { local s=$(date +%s%N); "$@"; echo "$(( ($(date +%s%N)-s)/1000000 )) ms: $*"; }
cat /proc/uptime; uname -a; cat /proc/meminfo | head -2; lsmod; ls -l /dev/net/tun; ls /dev | wc -l
t node -e 0; t node -e 0; t node --single-threaded -e 0;t node --jitless -e 0; t perl -e 0; t taps tap0 tap1; t speed tap0 10000; ip link set tap0 up; cat /sys/class/net/tap0/carrier; t carrier tap0 0; cat /sys/class/net/tap0/carrier
t as_nobody id; t check check_invtsc; t as_nobody check check_invtsc -h; id nobody; cat /proc/uptime
exit 3` });
    console.log(performance.now() - t0, r.code, r.stdout, r.stderr, r.console, parseChecks(r.stdout).length);
    expect(r.code).toBe(3);
  });
});
