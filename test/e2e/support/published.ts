import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT } from '../../support/built.ts';
import { devcontainer } from './devcontainer-cli.ts';
import { type State, saveState } from './state.ts';

/** Publishes the built Feature, under two namespaces, into the registry without a login. */
export async function publishFeature(state: State): Promise<void> {
  const { host } = state.publicRegistry ?? {};
  if (!existsSync(join(BUILT, 'devcontainer-feature.json'))) {
    throw new Error('dist/registry-auth: not there\nfix: npm run build');
  }
  // A folder with nothing else in it: `publish` takes every sub-folder for a Feature.
  const collection = join(state.dir, 'collection');
  mkdirSync(collection);
  const copy = join(collection, 'registry-auth');
  cpSync(BUILT, copy, { recursive: true });
  leaveOutSoftDependencies(join(copy, 'devcontainer-feature.json'));
  for (const namespace of ['first', 'second']) {
    const publish = ['features', 'publish', '--registry', `${host}`, '--namespace', namespace];
    const result = await devcontainer(state, [...publish, collection]);
    if (result.status !== 0) throw new Error(`publish: ${result.stderr}${result.stdout}`);
  }
  state.feature = {
    reference: `${host}/first/registry-auth:0`,
    secondReference: `${host}/second/registry-auth:0`,
  };
  saveState(state);
}

/**
 * The dev container CLI asks ghcr.io about each `installsAfter`, needed or not; tests talk over
 * loopback only.
 */
function leaveOutSoftDependencies(manifest: string): void {
  const { installsAfter: _, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, JSON.stringify(rest, null, 2));
}
