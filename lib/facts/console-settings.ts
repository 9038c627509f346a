/** What limits console logs on this host, and where nova keeps its instances, from the configuration of libvirt, logrotate, nova. */
import { bytes, each, type Content } from '../host/ask.ts';
import { parseLibvirtConf, type LibvirtConf } from '../parsers/libvirt-conf.ts';
import { parseLogrotate, type LogrotateRule } from '../parsers/logrotate.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import type { Failure, Reading } from '../reading.ts';
import type { Batch } from './batch.ts';
import { instancesPathOf, NOVA_CONF } from './console-places.ts';

export interface LogSettings {
  /** virtlogd.conf, empty where it is not there; null: not to be read or understood. */
  readonly virtlogd: LibvirtConf | null;
  readonly logrotate: readonly LogrotateRule[];
  /** Directories of instances besides the usual ones, and each nova.conf that is there and could not be read. */
  readonly instances: { readonly found: readonly string[]; readonly unread: readonly Failure[] };
}

/** The full sample of nova.conf has half a megabyte. */
const MAX_BYTES = 1024 * 1024;
/** A rule for logrotate is a page of text. */
const MAX_RULE_BYTES = 64 * 1024;

export function askSettings(batch: Batch): () => LogSettings {
  const virtlogd = batch.add(bytes('/etc/libvirt/virtlogd.conf', MAX_BYTES));
  const rules = batch.add(each('/etc/logrotate.d/*', { text: bytes('', MAX_RULE_BYTES) }));
  const nova = NOVA_CONF.map((path) => batch.add(bytes(path, MAX_BYTES)));
  return () => {
    const matches = rules();
    const confs = nova.map((answer) => answer());
    return {
      virtlogd: confOf(virtlogd()),
      logrotate: (matches.ok ? matches.value.found : []).flatMap(({ text }) =>
        text.ok ? parseLogrotate(decodeUtf8(text.value.bytes)) : [],
      ),
      instances: {
        found: [...new Set(confs.flatMap((conf) => instancesPathOf(conf) ?? []))],
        unread: confs.filter((conf): conf is Failure => !conf.ok && conf.why !== 'absent'),
      },
    };
  };
}

function confOf(text: Reading<Content>): LibvirtConf | null {
  if (!text.ok) return text.why === 'absent' ? new Map() : null;
  try {
    return parseLibvirtConf(decodeUtf8(text.value.bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

/**
 * The largest that virtlogd lets a log become before it begins a new one, 0 for any (src/logging/log_daemon_config.c); null: not
 * known.
 */
export function maxSizeOf({ virtlogd }: LogSettings): number | null {
  if (virtlogd === null) return null;
  const size = virtlogd.get('max_size');
  return typeof size === 'number' ? size : 2 * 1024 * 1024;
}

/** How many rotated logs virtlogd keeps; more than a dozen are not looked for. */
export function backupsOf({ virtlogd }: LogSettings): number {
  const count = virtlogd?.get('max_backups');
  return typeof count === 'number' ? Math.max(1, Math.min(count, 12)) : 3;
}
