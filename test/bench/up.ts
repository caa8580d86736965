import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devcontainerUp, type Outcome } from '../e2e/support/container.ts';
import { publish } from '../e2e/support/published.ts';
import start from '../e2e/support/start.ts';
import { readyState } from '../e2e/support/state.ts';
import stop from '../e2e/support/stop.ts';
import { triple } from '../support/triples.ts';
import { median } from './measure.ts';

const SECRETS = triple('ACME', 'registry.example.com', 'robot', 'not-a-secret');

/** Seconds until it is up: with its image to be built, of an image that is there, and once more. */
type Life = { readonly build: number; readonly creation: number; readonly restart: number };

async function seconds(action: () => Promise<Outcome>): Promise<number> {
  const before = performance.now();
  const { status, output } = await action();
  if (status !== 0) throw new Error(output);
  return (performance.now() - before) / 1000;
}

async function live(reference: string): Promise<Life> {
  const wish = { features: { [reference]: {} }, secrets: SECRETS, args: ['--build-no-cache'] };
  const before = performance.now();
  const container = await devcontainerUp(wish);
  const build = (performance.now() - before) / 1000;
  if (container.status !== 0) throw new Error(container.output);
  const restart = await seconds(() => container.restart());
  // That makes another one, which goes with the run, as its image does.
  const creation = await seconds(() => container.upAgain(['--remove-existing-container']));
  return { build, creation, restart };
}

function nothing(folder: string): void {
  const file = join(folder, 'devcontainer-feature.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const hooks = Object.keys(manifest).filter((name) => name.endsWith('Command'));
  for (const name of hooks) manifest[name] = 'true';
  writeFileSync(file, JSON.stringify(manifest));
  writeFileSync(join(folder, 'install.sh'), '#!/bin/sh\n');
  chmodSync(join(folder, 'install.sh'), 0o755);
  rmSync(join(folder, 'lib'), { recursive: true });
}

const STEPS: readonly (readonly [keyof Life, string])[] = [
  ['build', 'devcontainer up, with the image to be built'],
  ['creation', 'devcontainer up, of an image that is there'],
  ['restart', 'devcontainer up, of a container that was stopped'],
];

/** What `devcontainer up` takes with our Feature, and with one that does nothing, in seconds. */
export type Up = { readonly what: string; readonly ours: number; readonly empty: number };

/** They take turns, and medians are compared. Needs what the e2e tests need. */
export async function measureUp(rounds: number): Promise<Up[]> {
  await start();
  try {
    const state = readyState();
    const empty = await publish(state, 'empty', nothing);
    const lives: { readonly ours: Life; readonly empty: Life }[] = [];
    for (let round = 0; round < rounds; round += 1)
      lives.push({ ours: await live(state.feature.reference), empty: await live(empty) });
    return STEPS.map(([step, what]) => ({
      what,
      ours: median(lives.map((one) => one.ours[step])),
      empty: median(lives.map((one) => one.empty[step])),
    }));
  } finally {
    await stop();
  }
}
