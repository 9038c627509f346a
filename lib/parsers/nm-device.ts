/**
 * /run/NetworkManager/devices/IFINDEX: what NetworkManager wants to know of a device after its own restart
 * (nm_config_device_state_write in src/core/nm-config.c), written anew at each change and each renewal.
 *
 *     [device]
 *     managed=true
 *     connection-uuid=11111111-2222-3333-4444-555555555555
 *
 *     [dhcp4]
 *     dhcp4.dhcp_lease_time=120
 *     dhcp4.expiry=1795272354
 *     dhcp4.ip_address=10.98.0.16
 *
 * `dhcp4` is there while the device has a lease (seen with 1.42; older ones, before 1.36 or so, have `device` alone). Its own client
 * tells no T1 and T2, dhclient under it tells `dhcp_renewal_time` and `dhcp_rebinding_time`. All else is skipped on purpose. Total.
 */
import type { SavedLease } from './networkd-lease.ts';

export interface NmDevice {
  readonly isManaged: boolean;
  /** Null: it has none, or this version does not say. */
  readonly lease: SavedLease | null;
}

const INFINITE_SECONDS = 0xffffffff;

export function parseNmDevice(text: string): NmDevice {
  const address = /^dhcp4\.ip_address=([0-9.]{7,15})$/m.exec(text)?.[1];
  const seconds = (key: string): number | null => {
    const value = new RegExp(`^dhcp4\\.${key}=([0-9]{1,10})$`, 'm').exec(text)?.[1];
    return value === undefined || Number(value) >= INFINITE_SECONDS ? null : Number(value);
  };
  return {
    isManaged: /^managed=(?:true|1)$/m.test(text),
    lease:
      address === undefined
        ? null
        : {
            address,
            t1Seconds: seconds('dhcp_renewal_time'),
            t2Seconds: seconds('dhcp_rebinding_time'),
            lifetimeSeconds: seconds('dhcp_lease_time'),
          },
  };
}
