/** What finding the guests of a host reads and runs, for the declaration of each check that looks at guests. */
export const GUEST_READS: readonly string[] = [
  '/proc/*/cmdline',
  '/proc/*/comm',
  '/proc/cpuinfo',
  '/sys/hypervisor/type',
  '/proc/xen/capabilities',
  '/etc/pve/virtual-guest/cpu-models.conf',
];

/** The passwords of consoles and of cloud-init; what virsh prints has none. */
export const GUEST_SECRETS: readonly string[] = [
  '/etc/libvirt/qemu/*.xml',
  '/run/libvirt/qemu/*.xml',
  '/etc/pve/qemu-server/*.conf',
  '/etc/xen/*.cfg',
  '/etc/xen/auto/*',
];

export const GUEST_RUNS: readonly string[] = [
  'virsh -q -r -c qemu:///system list --all --uuid',
  'virsh -q -r -c qemu:///system @definitions',
  'xl list',
  // Of this, program.sh hands on no text that could be a password.
  'xl list -l',
  'xm list',
];
