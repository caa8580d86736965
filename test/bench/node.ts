import { constants, copyFileSync, cpSync, linkSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { redirect } from '../support/built.ts';
import { runOrThrow } from '../support/run.ts';

/** The lines of Node that people have, and that the package `node` of npm has as packages. */
export const LINES = ['20', '22', '24'] as const;

/** A Node with the Feature installed for it, by install.sh itself. */
export type Installed = {
  readonly node: string;
  readonly version: string;
  /** The folder of the two programs, and that of the bundles. */
  readonly bin: string;
  readonly lib: string;
};

/** Gets the newest Node of a line, once for all runs. */
async function getNode(line: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = resolve('build', 'nodes', line);
  mkdirSync(folder, { recursive: true });
  const words = ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  await runOrThrow('npm', [...words, '--prefix', folder, `${name}@${line}`], {
    env: process.env,
    timeoutMs: 300_000,
  });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** A link where it can be: 100 MB to write, and to forget, would keep the disk busy meanwhile. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}

/** Installs a built Feature into a folder that everybody may enter, as if that were the root. */
export async function installFor(line: string, root: string, built: string): Promise<Installed> {
  const tools = join(root, 'tools');
  mkdirSync(tools, { recursive: true });
  const node = join(tools, 'node');
  linkOrCopy(await getNode(line), node);
  const feature = join(root, 'feature');
  // What an earlier run left beside the bundles is another Node's.
  cpSync(built, feature, { recursive: true, filter: (path) => !path.endsWith('.cache') });
  for (const name of ['install.sh', 'private-node.sh', 'wrapper.sh'])
    redirect(join(feature, name), root);
  const env = { PATH: `${tools}:/usr/bin:/bin` };
  const { stdout } = await runOrThrow('/bin/sh', [join(feature, 'install.sh')], { env });
  if (!stdout.includes(node)) throw new Error(`install.sh took another Node: ${stdout}`);
  const bin = join(root, 'usr/local/bin');
  const { stdout: version } = await runOrThrow(node, ['--version']);
  const lib = join(root, 'usr/local/share/registry-auth/lib');
  return { node, version: version.trim().slice(1), bin, lib };
}
