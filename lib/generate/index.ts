/** What the tools load: the generator with the registry. */
import { plugins } from '../../plugins/index.ts';
import { generatedFiles } from './files.ts';

export async function generateAll(read: (path: string) => string): Promise<ReadonlyMap<string, string>> {
  const all = await Promise.all(Object.values(plugins).map(async (load) => (await load()).default));
  return generatedFiles(all, read);
}
