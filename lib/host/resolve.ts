/**
 * Where a path really leads, looked up component by component, so that each step can be examined before the file
 * system is touched: is this a mount that may hang (`local.ts`), does this link lead out of the tree (`root.ts`)?
 */
import { lstatSync, readlinkSync } from 'node:fs';

/** As many links as Linux follows (MAXSYMLINKS, include/linux/namei.h). */
const MAX_LINKS = 40;

class TooManyLinks extends Error {}

export class Resolver {
  readonly #top: string;
  readonly #before: (path: string) => void;
  readonly #known = new Map<string, string>();

  /** @param top what `/` means: '' for the machine's own root, else the real path of a directory. */
  constructor(top: string, before: (path: string) => void) {
    this.#top = top;
    this.#before = before;
  }

  /**
   * The real path of `path`, with links in its directory part resolved inside the tree, and in its last component
   * too if `follow`; null where links lead in circles. Behind a component that is not there the rest of the path is
   * appended as it is.
   */
  resolve(path: string, follow: boolean): string | null {
    try {
      return this.#top + this.#inside(path, follow, { left: MAX_LINKS });
    } catch (error) {
      if (error instanceof TooManyLinks) return null;
      throw error;
    }
  }

  #inside(path: string, follow: boolean, links: { left: number }): string {
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    // Behind a link a slash or a dot stands for what it leads to (path_resolution(7)).
    if (name === '' || name === '.') return cut <= 0 ? '' : this.#inside(path.slice(0, cut), true, links);
    const directory = this.#directory(path.slice(0, Math.max(cut, 0)), links);
    if (name === '..') return directory.slice(0, Math.max(directory.lastIndexOf('/'), 0));
    const here = `${directory}/${name}`;
    this.#before(this.#top + here);
    if (!follow) return here;
    const target = this.#linkAt(here);
    if (target === null) return here;
    if (links.left-- <= 0) throw new TooManyLinks(path);
    return this.#inside(target.startsWith('/') ? target : `${directory}/${target}`, true, links);
  }

  #directory(path: string, links: { left: number }): string {
    if (path === '') return '';
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const real = this.#inside(path, true, links);
    this.#known.set(path, real);
    return real;
  }

  #linkAt(path: string): string | null {
    try {
      return lstatSync(this.#top + path).isSymbolicLink() ? readlinkSync(this.#top + path) : null;
    } catch {
      // Not there, or not to be entered: the question itself will meet the same and say so.
      return null;
    }
  }
}
