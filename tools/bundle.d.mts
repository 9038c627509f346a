/** For the tests, which bundle plugins of their own. */
export const top: string;
export function bundleVendor(outdir: string): Promise<void>;
export function bundlePlugin(name: string, outdir: string, source?: string): Promise<unknown>;
