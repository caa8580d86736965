import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installWrappers, writeProgram } from '../../support/built.ts';
import { callBundle, scratchHome } from '../../support/process.ts';
import { othersOf } from '../../support/record.ts';
import type { Finished } from '../../support/run.ts';
import type { FakeEngine } from './fake-engine.ts';

/** A home with nobody's logins, and the environment of the programs that run in it. */
export type Place = { readonly home: string; readonly env: Record<string, string | undefined> };

export const CREDS_STORE = 'dev-containers-7c2f1b0e-1f3a-4d57-9a0c-3f6f0f2f8f11';

/** Makes a place; its docker talks to the given engine, or to none. */
export function newPlace(files: Record<string, string> = {}, engine?: FakeEngine): Place {
  const home = scratchHome(files);
  const bin = join(home, 'bin');
  // As VS Code's own when its window is gone: no word, and status 255.
  writeProgram(
    join(bin, `docker-credential-${CREDS_STORE}`),
    `#!/bin/sh\n{ echo "$1"; cat; } >>"${home}/asked"; exit 255\n`,
  );
  // podman, skopeo and buildah read auth.json there before anything else.
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    PATH: installWrappers(bin),
    HOME: home,
    TMPDIR: runtime,
    XDG_RUNTIME_DIR: runtime,
    DOCKER_HOST: engine?.address ?? `unix://${join(home, 'no-engine.sock')}`,
  };
  return { home, env };
}

/** The same place with more variables. */
export function withVariables(place: Place, variables: Place['env']): Place {
  return { ...place, env: { ...place.env, ...variables } };
}

/** Whether anybody asked the credsStore that fails. */
export function wasCredsStoreAsked({ home }: Place): boolean {
  return existsSync(join(home, 'asked'));
}

/** `registry-auth apply`; rejects when it is not content. */
export async function apply({ env, home }: Place, ...args: string[]): Promise<Finished> {
  const finished = await callBundle('registry-auth', ['apply', ...args], { env, home });
  if (finished.status !== 0) throw new Error(`apply: ${finished.stdout}${finished.stderr}`);
  return finished;
}

/** What stands in config.json beside our record. */
export function readOthers({ home }: Place) {
  return othersOf(readFileSync(join(home, '.docker/config.json'), 'utf8'));
}

export function readConfig({ home }: Place, path = '.docker/config.json') {
  return JSON.parse(readFileSync(join(home, path), 'utf8'));
}
