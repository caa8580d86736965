import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT } from '../../support/built.ts';
import { devcontainer } from './devcontainer-cli.ts';
import { type State, saveState } from './state.ts';

/** Publishes the built Feature, under two namespaces, into the registry without a login. */
export async function publishFeature(state: State): Promise<void> {
  const [reference, secondReference] = [
    await publish(state, 'first'),
    await publish(state, 'second'),
  ];
  state.feature = { reference, secondReference };
  saveState(state);
}

/** Publishes a copy of the built Feature, with changes; returns its reference. */
export async function publish(
  state: State,
  namespace: string,
  change: (folder: string) => void = () => undefined,
): Promise<string> {
  if (!existsSync(join(BUILT, 'devcontainer-feature.json'))) {
    throw new Error('dist/registry-auth: not there\nfix: npm run build');
  }
  const { host } = state.publicRegistry ?? {};
  // A folder with nothing else in it: `publish` takes every sub-folder for a Feature.
  const collection = mkdtempSync(join(state.dir, 'collection-'));
  const copy = join(collection, 'registry-auth');
  cpSync(BUILT, copy, { recursive: true });
  leaveOutSoftDependencies(join(copy, 'devcontainer-feature.json'));
  change(copy);
  const words = ['features', 'publish', '--registry', `${host}`, '--namespace', namespace];
  const result = await devcontainer(state, [...words, collection]);
  if (result.status !== 0) throw new Error(`publish: ${result.stderr}${result.stdout}`);
  return `${host}/${namespace}/registry-auth:0`;
}

/**
 * The dev container CLI asks ghcr.io about each `installsAfter`, needed or not; tests talk over
 * loopback only.
 */
export function leaveOutSoftDependencies(manifest: string): void {
  const { installsAfter: _, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, JSON.stringify(rest, null, 2));
}
