import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LIB } from '../support/built.ts';
import { runNode } from '../support/run.ts';
import { expectNoSecret } from '../support/secrets.ts';
import type { TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';

export const HOOK = join(LIB, 'registry-auth.cjs');
const DEVCONTAINER = join('node_modules', '@devcontainers', 'cli', 'devcontainer.js');

export const PUBLISHER = { user: 'publisher', password: 'demo-publisher-password' };

/** One secret triple and what must come of it. */
export interface Triple {
  id: string;
  server: string;
  user: string;
  password: string;
  /** The keys of config.json under which clients look for this server. */
  keys: string[];
}

/** Publishes a Feature as its author would, with their own login, and returns its reference. */
export async function publishFeature(folder: string, { host }: TokenRegistry): Promise<string> {
  const source = join(folder, 'secret-feature');
  const manifest = { id: 'secret-feature', version: '1.0.0', name: 'Secret Feature' };
  writeFile(join(source, 'devcontainer-feature.json'), JSON.stringify(manifest));
  writeFile(join(source, 'install.sh'), 'echo installed\n');
  const env = { DEVCONTAINERS_OCI_AUTH: `${host}|${PUBLISHER.user}|${PUBLISHER.password}` };
  const args = ['features', 'publish', '--registry', host, '--namespace', 'demo', source];
  const { status, stderr } = await runNode(DEVCONTAINER, args, { home: join(folder, 'none'), env });
  check(status === 0, `the Feature could not be published\n${stderr}`);
  return `${host}/demo/secret-feature:1.0.0`;
}

/** Runs the built hook with the triples as its only environment, and shows both. */
export async function runHook(home: string, triples: Triple[], print: (line: string) => void) {
  const variables = triples.map(({ id, server, user, password }) =>
    triple(id, server, user, password),
  );
  const env = Object.assign({}, ...variables);
  for (const { id, server, user } of triples) {
    print(`${id}_CONTAINER_REGISTRY_SERVER=${server}  …_USER=${user}  …_PASSWORD=****`);
  }
  print('$ registry-auth hook onCreate');
  const { status, stdout, stderr } = await runNode(HOOK, ['hook', 'onCreate'], { home, env });
  const output = (stdout + stderr).trim();
  expectNoSecret(output, triples);
  check(status === 0, `the hook ended with status ${status}\n${output}`);
  for (const line of output.split('\n')) print(line);
}

/** Reads the Feature's manifest as the CLI does; returns its digest, or undefined when refused. */
export async function readFeature(home: string, feature: string): Promise<string | undefined> {
  const args = ['features', 'info', 'manifest', feature, '--output-format', 'json'];
  const { status, stdout } = await runNode(DEVCONTAINER, args, { home });
  if (status !== 0) return undefined;
  return JSON.parse(stdout).canonicalId.split('@')[1];
}

/** Stops the demo with one clear line when what it shows is not so. */
export function check(claim: boolean, otherwise: string): void {
  if (!claim) throw new Error(otherwise);
}

/** Writes a file and makes the folders it needs. */
export function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
