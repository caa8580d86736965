import { rmSync } from 'node:fs';
import { stopDaemons, tidyUpEngine } from './engine.ts';
import { clearEngine } from './leftovers.ts';
import { readState, type State } from './state.ts';

/** Jest's globalTeardown. */
export default async function stop(): Promise<void> {
  const state = readState();
  if (state) await stopEverything(state);
}

/** Stops what this run started and removes what it wrote, however far set-up has come. */
export async function stopEverything(state: State): Promise<void> {
  try {
    await clearEngine(state);
  } finally {
    await stopDaemons(state);
    await tidyUpEngine(state);
    rmSync(state.dir, { recursive: true, force: true });
  }
}
