import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The Feature as `npm run build` leaves it in a checkout. */
export function builtIn(checkout: string): string {
  return resolve(checkout, 'dist', 'registry-auth');
}

/** Of this checkout: npm starts everything in it. */
export const BUILT = builtIn('.');

/** Its bundles. */
export const LIB = join(BUILT, 'lib');

/** The bytes that a download of it takes. */
export function packedSize(): number {
  const entries = readdirSync(BUILT, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.cache'));
  const contents = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  return gzipSync(Buffer.concat(contents)).length;
}

export type Installation = {
  /** In place of install.sh's folder for the bundles and the options. */
  readonly share?: string;
  readonly node?: string;
  readonly strict?: boolean;
};

/** Writes the wrappers into a folder as install.sh does; returns a PATH that begins with it. */
export function installWrappers(
  bin: string,
  { share = BUILT, node = process.execPath, strict = false }: Installation = {},
): string {
  const wrapper = readFileSync(join(BUILT, 'wrapper.sh'), 'utf8');
  for (const program of ['registry-auth', 'docker-credential-registry-auth']) {
    const chosen = `program=${program}\nstrict=${strict}\nnode='${node}'\nshare='${share}'\n`;
    writeProgram(join(bin, program), `#!/bin/sh\n${chosen}${wrapper}`);
  }
  return [bin, process.env.PATH].join(delimiter);
}

/** Lets a script of ours take a folder for the root, and whoever runs it for the user root. */
export function redirect(script: string, root: string): void {
  const text = readFileSync(script, 'utf8');
  const redirected = text
    .replace(/(?<![\w}])\/(usr|var|lib)\//g, `${root}/$1/`)
    .replaceAll('$(id -u)', '0');
  writeFileSync(script, redirected);
}

/** Writes a script that can be run by its name. */
export function writeProgram(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}
