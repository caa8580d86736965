import { buildRootfs, importImages } from './base-image.ts';
import { seedControlManifest } from './devcontainer-cli.ts';
import { startEngine } from './engine.ts';
import { publishFeature } from './published.ts';
import { startPrivateRegistry, startPublicRegistry } from './registry.ts';
import { createState, type State } from './state.ts';
import { stopEverything } from './stop.ts';

/**
 * Jest's globalSetup: everything real that the tests talk to. Undone by stop.ts, here when a part
 * doesn't start.
 */
export default async function start(): Promise<void> {
  const state = createState();
  seedControlManifest(state);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stopEverything(state).finally(() => process.exit(130));
    });
  }
  try {
    await startParts(state);
  } catch (error) {
    await stopEverything(state);
    throw error;
  }
}

async function startParts(state: State): Promise<void> {
  const parts = await Promise.allSettled([
    buildRootfs(state),
    startEngine(state).then(() => startPrivateRegistry(state)),
    startPublicRegistry(state).then(() => publishFeature(state)),
  ]);
  // All have settled before any failure is told: nothing starts while things are stopped.
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
  if (parts[0].status === 'fulfilled') await importImages(state, parts[0].value);
}
