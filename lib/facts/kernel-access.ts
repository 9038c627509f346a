/** What gathering kernels, boot and old code reads and runs, for those who allow it (sudo). */
import { RPM_FORMAT } from '../parsers/rpm-query.ts';
import { LOADER_VARIABLES, SET_DEFAULT } from './kernel-questions.ts';

export const KERNEL_READS: readonly string[] = [
  '/boot/grub/grubenv',
  '/boot/grub2/grubenv',
  ...['/boot', '/boot/efi', '/efi'].flatMap((folder) => [
    `${folder}/loader/entries/*.conf`,
    `${folder}/loader/loader.conf`,
  ]),
  ...Object.values(LOADER_VARIABLES),
  '/etc/default/grub',
  '/etc/kernel/next-boot-pin',
  '/etc/kernel/proxmox-boot-pin',
  '/proc/1/comm',
  '/proc/1/stat',
  '/proc/*/cgroup',
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/version',
  '/proc/uptime',
  '/run/reboot-required*',
  '/run/systemd/container',
  '/sys/hypervisor/version/*',
  '/sys/kernel/livepatch/*/enabled',
  '/var/lib/dpkg/status',
];

export const KERNEL_SEARCHES: readonly { readonly path: string; readonly containing: string }[] = [
  // Where a process has its memory is what an attacker would like to know.
  { path: '/proc/*/maps', containing: '(deleted)' },
  // The hash of a password may be there.
  ...['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'].flatMap((path) => [
    { path, containing: 'vmlinuz-' },
    { path, containing: SET_DEFAULT },
  ]),
  { path: '/proc/stat', containing: 'btime ' },
  { path: '/var/log/dpkg.log*', containing: ' status installed linux-image-' },
  { path: '/var/log/dpkg.log*', containing: '-pve' },
];

export const KERNEL_RUN = `rpm -qa --qf ${RPM_FORMAT} kernel kernel-*`;
