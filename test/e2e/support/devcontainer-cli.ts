import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Finished, runNode } from '../../support/run.ts';
import { onEngine, type State } from './state.ts';

const SCRIPT = join('node_modules', '@devcontainers', 'cli', 'devcontainer.js');

/**
 * Runs the dev container CLI, by this Node, with nobody's logins and its temporary files in the
 * run's folder.
 */
export function devcontainer(state: State, args: readonly string[]): Promise<Finished> {
  return runNode(SCRIPT, args, onEngine(state));
}

/**
 * Gives the CLI the list of withdrawn Features that it would fetch from containers.dev: tests stay
 * on loopback.
 */
export function seedControlManifest(state: State): void {
  const folder = join(state.dir, 'tmp', `devcontainercli-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'control-manifest.json');
  writeFileSync(file, JSON.stringify({ disallowedFeatures: [], featureAdvisories: [] }));
  // The CLI fetches it again when it is older than five minutes, which a run may last.
  const tomorrow = Date.now() / 1000 + 24 * 60 * 60;
  utimesSync(file, tomorrow, tomorrow);
}
