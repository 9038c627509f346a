/** User Mode Linux as the lab runs it: the kernel's own bonds and VLANs, and node on top of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lab, scratch, until } from './lab.ts';
import { cmdlineOf } from './process.ts';
import { takeTurn } from './turn.ts';
import { parseChecks, runInUml, UML } from './uml.ts';

const BOND = `
taps tap0 tap1
speed tap0 10000
speed tap1 1000
ip link add bond0 type bond mode active-backup miimon 100
ip link set tap0 master bond0
ip link set tap1 master bond0
ip link set bond0 type bond primary tap0
ip link set bond0 mtu 9000 up
ip link add link bond0 name vlan20 mtu 1500 up type vlan id 20
cat /proc/net/bonding/bond0 >healthy
cat /proc/net/vlan/config >vlans
carrier tap0 0
cat /proc/net/bonding/bond0 >failed-over
cat /sys/class/net/vlan20/speed >vlan-speed
carrier tap0 1
cat /proc/net/bonding/bond0 >back
carrier tap0 0
carrier tap1 0
cat /proc/net/bonding/bond0 >dead
settle
cat /sys/class/net/vlan20/operstate >vlan-state
`;

/** The values of a line that /proc/net/bonding/BOND has once for the bond, or once for each slave. */
function valuesOf(name: string, text: string): readonly (string | undefined)[] {
  return Array.from(text.matchAll(new RegExp(`^${name}: (.*)$`, 'gm')), ([, value]) => value);
}

/** The processes of this machine that have `word` in their arguments. */
function processesOf(word: string): readonly number[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => pid > 0 && cmdlineOf(pid).some((argument) => argument.includes(word)));
}

lab(UML, 'a script in User Mode Linux', () => {
  it('has bonds and VLANs on devices of any speed, and cables to pull', async () => {
    const folder = scratch();
    const { code, stderr } = await runInUml({ script: BOND, folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = (name: string): string => readFileSync(join(folder, name), 'utf8');

    const healthy = file('healthy');
    expect(valuesOf('Slave Interface', healthy)).toEqual(['tap0', 'tap1']);
    expect(valuesOf('Speed', healthy)).toEqual(['10000 Mbps', '1000 Mbps']);
    expect(valuesOf('Currently Active Slave', healthy)).toEqual(['tap0']);
    expect(file('vlans')).toMatch(/^vlan20 +\| 20 +\| bond0$/m);

    const failedOver = file('failed-over');
    expect(valuesOf('Currently Active Slave', failedOver)).toEqual(['tap1']);
    expect(valuesOf('MII Status', failedOver)).toEqual(['up', 'down', 'up']);
    expect(file('vlan-speed')).toBe('1000\n');

    expect(valuesOf('Currently Active Slave', file('back'))).toEqual(['tap0']);
    expect(valuesOf('Link Failure Count', file('back'))).toEqual(['1', '0']);
    expect(valuesOf('Currently Active Slave', file('dead'))).toEqual(['None']);
    expect(file('vlan-state')).toBe('lowerlayerdown\n');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('runs node and plugins, as root and as nobody, and cannot touch this machine', async () => {
    const script = `
      printf '#!/bin/sh\\nid -u\\necho "[$2]"\\n\\nexit 2\\n' >check_it && chmod 755 check_it
      PLUGINS=$PWD
      check check_it -w 10:
      as_nobody check check_it -w ''
      check check_missing
      for as in '' as_nobody; do $as node -e 'console.log(process.getuid(), process.env.WORD)'; done
      ls /sys/class/net
      if touch ${JSON.stringify(import.meta.dirname)}/written; then exit 1; fi
      echo "read-only" >&2
      exit 7`;
    const { code, stdout, stderr } = await runInUml({
      script,
      folder: scratch(),
      env: { WORD: "it's $HOME" },
    });
    expect(parseChecks(stdout)).toEqual([
      { title: 'check_it -w 10:', code: 2, output: '0\n[10:]' },
      { title: 'check_it -w ', code: 2, output: '65534\n[]' },
      { title: 'check_missing', code: 127, output: '' },
    ]);
    expect(stdout).toContain("-> 127\n0 it's $HOME\n65534 it's $HOME\n");
    expect(stdout).toMatch(/\nbonding_masters\nlo\n$/);
    expect(stderr).toMatch(/Read-only file system\nread-only\n$/);
    expect(code).toBe(7);
  });

  it('is an error where the machine ends before the script, with what it printed', async () => {
    const script = `echo some words; sync; echo o >/proc/sysrq-trigger; sleep 60`;
    await expect(runInUml({ script, folder: scratch() })).rejects.toThrow(/Power down[^]*some words/);
  });

  it('is an error where the script takes too long, with what it printed', async () => {
    const script = `echo some words; trap '' TERM; sleep 60; sleep 60`;
    await expect(runInUml({ script, folder: scratch(), seconds: 1 })).rejects.toThrow(
      /longer than 1 s[^]*some words/,
    );
  });

  const abandoned = scratch();

  it('ends with the test that does not wait for it', async () => {
    const script = 'taps a; sleep 60 & perl -e "1 while 1" & echo >up; sync; sleep 60';
    const running = runInUml({ script, folder: abandoned });
    onTestFinished(async () => {
      await expect(running).rejects.toThrow(/not to its end/);
    });
    await until(() => existsSync(join(abandoned, 'up')), { seconds: 40, what: 'the script' });
    expect(processesOf(abandoned).length).toBeGreaterThan(3);
  });

  it('leaves no process behind', async () => {
    await until(() => processesOf(abandoned).length === 0, { seconds: 10, what: 'the end of all' });
    expect(readdirSync(abandoned)).toEqual(['up']);
  });
});

describe('the turns at what there is once', () => {
  it('are one at a time, and the next comes when one is given back', async () => {
    const name = `test-${process.pid}`;
    const giveBack = await takeTurn(name, { seconds: 1 });
    await expect(takeTurn(name, { seconds: 0.05 })).rejects.toThrow(`another test that uses ${name}`);
    giveBack();
    (await takeTurn(name, { seconds: 10 }))();
  });
});

describe('the blocks that check prints', () => {
  it('are found among other lines, with their output as it was', () => {
    const text = [
      'before\n== check_a -w 1:\nA OK - fine\n[OK] == b\n-> 0\n',
      'between\n-> 4\n== check_b\n-> 3\n== check_c\n\nlast\n-> 12\n',
      '== check_d\nwithout an end\n',
    ].join('');
    expect(parseChecks(text)).toEqual([
      { title: 'check_a -w 1:', code: 0, output: 'A OK - fine\n[OK] == b' },
      { title: 'check_b', code: 3, output: '' },
      { title: 'check_c', code: 12, output: '\nlast' },
    ]);
  });
});
