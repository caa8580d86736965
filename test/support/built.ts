import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The Feature as `npm run build` leaves it: npm starts everything in the repository. */
export const BUILT = resolve('dist', 'registry-auth');

/** Its bundles. */
export const LIB = join(BUILT, 'lib');

/** The bytes that a download of it takes. */
export function packedSize(): number {
  const entries = readdirSync(BUILT, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.cache'));
  const contents = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  return gzipSync(Buffer.concat(contents)).length;
}
