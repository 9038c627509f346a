/** For the tests, which bundle plugins of their own. */
export const top: string;
export const LATE: readonly string[];
export function bundleAll(name: string, outdir: string, source?: string): Promise<void>;
export function bundleDist(outdir: string): Promise<readonly string[]>;
export function bundleVendor(outdir: string): Promise<{ readonly inputs: Readonly<Record<string, unknown>> }>;
export function bundleLate(outdir: string): Promise<{ readonly inputs: Readonly<Record<string, unknown>> }>;
export function bundlePlugin(
  name: string,
  outdir: string,
  source?: string,
): Promise<{ readonly inputs: Readonly<Record<string, unknown>> }>;
export function bundleProgram(name: string, outdir: string, contents: string): Promise<unknown>;
export function finishFolder(outdir: string): void;
