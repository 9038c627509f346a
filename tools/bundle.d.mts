/** For the tests, which bundle plugins of their own. */
export const top: string;
export const LATE: readonly string[];
export function bundleAll(name: string, outdir: string, source?: string): Promise<void>;
