/** Names of devices, for people. */
import { naturalCompare } from '../report/natural.ts';

export function listed(names: readonly string[], most = 12): string {
  const sorted = [...names].sort(naturalCompare);
  const shown = sorted.slice(0, most).join(', ');
  return sorted.length > most ? `${shown} and ${sorted.length - most} more` : shown;
}
