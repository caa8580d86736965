import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runLabel } from './engine.ts';
import type { ReadyState } from './state.ts';

export type HookName =
  | 'onCreateCommand'
  | 'updateContentCommand'
  | 'postCreateCommand'
  | 'postStartCommand'
  | 'postAttachCommand';

/** What a test says about its dev container; what it leaves out is as a careful user has it. */
export type Wish = {
  /** `node`, `plain` (which has no Node), or any image's name. */
  readonly image?: string;
  /** A Dockerfile in its place; its build and the Feature's reach this machine's loopback. */
  readonly dockerfile?: string;
  readonly user?: 'root' | 'dev';
  /** Options of the one Feature. */
  readonly options?: FeatureOptions;
  /** In place of the one Feature: references with their options. */
  readonly features?: Readonly<Record<string, FeatureOptions>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** The user's own lifecycle commands. */
  readonly hooks?: Partial<Record<HookName, string>>;
  /** More arguments for `devcontainer up`, such as --prebuild. */
  readonly args?: readonly string[];
  /** More arguments for `docker run`. */
  readonly runArgs?: readonly string[];
  readonly mounts?: readonly string[];
  readonly containerEnv?: Readonly<Record<string, string>>;
  readonly remoteEnv?: Readonly<Record<string, string>>;
};

export type FeatureOptions = Readonly<Record<string, string | boolean>>;

export type Workspace = {
  readonly folder: string;
  /** How the dev container CLI finds the workspace's container again. */
  readonly idLabel: string;
  readonly secretsFile: string;
};

/** What podman and buildah need to do anything at all in a container, for root and for `dev`. */
export const PODMAN_RUN_ARGS = ['--cap-add=SYS_ADMIN'] as const;

/** Writes a folder with a devcontainer.json as the test wishes it. */
export function writeWorkspace(state: ReadyState, wish: Wish): Workspace {
  // The folder's name becomes part of the image's name, by which the run finds it again.
  const folder = mkdtempSync(join(state.dir, `${state.run}-`));
  mkdirSync(join(folder, '.devcontainer'));
  const text = JSON.stringify(devcontainerJson(state, wish), null, 2);
  writeFileSync(join(folder, '.devcontainer', 'devcontainer.json'), text);
  if (wish.dockerfile) writeFileSync(join(folder, '.devcontainer', 'Dockerfile'), wish.dockerfile);
  const secretsFile = `${folder}.secrets.json`;
  writeSecrets(secretsFile, wish.secrets ?? {});
  return { folder, idLabel: `registry-auth.e2e.workspace=${basename(folder)}`, secretsFile };
}

/** Writes what `--secrets-file` reads; a test that rotates a secret writes it again. */
export function writeSecrets(file: string, secrets: Readonly<Record<string, string>>): void {
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
}

function devcontainerJson(state: ReadyState, wish: Wish): object {
  const { image = 'node' } = wish;
  const { socket, socketGroup } = state.engine;
  // The registries answer on the machine's loopback; the engine's socket belongs to a group of the
  // machine.
  const runArgs = ['--network=host', `--group-add=${socketGroup}`, `--label=${runLabel(state)}`];
  return {
    ...(wish.dockerfile
      ? { build: { dockerfile: 'Dockerfile', options: ['--network=host'] } }
      : { image: image in state.images ? state.images[image as 'node' | 'plain'] : image }),
    remoteUser: wish.user ?? 'root',
    updateRemoteUserUID: false,
    runArgs: [...runArgs, ...(wish.runArgs ?? [])],
    mounts: [`type=bind,source=${socket},target=/var/run/docker.sock`, ...(wish.mounts ?? [])],
    containerEnv: wish.containerEnv ?? {},
    remoteEnv: wish.remoteEnv ?? {},
    features: wish.features ?? { [state.feature.reference]: wish.options ?? {} },
    ...wish.hooks,
  };
}
