/** Kept equal to package.json by a test; a constant, so that no check reads a file for it. */
export const VERSION = '0.1.0';

/** Of this version; the date of the manual pages. */
export const RELEASED = '2026-11-21';
