import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerRegistry } from '../../support/docker-registry.ts';
import { runOrThrow } from '../../support/run.ts';
import { docker, dockerOrThrow } from './engine.ts';
import { type Account, onEngine, type Registry, type State, saveState } from './state.ts';

/** One recognisable secret: wherever it or its base64 form turns up, something has leaked it. */
export const CANARY = { user: 'canary-user', password: 'canary-Pa55:word+/~é' } as const;

/** Whom else the private registry knows: for a login by hand, for a secret after rotation. */
const BY_HAND = { user: 'hand-user', password: 'hand-Pa55/word~+' } as const;
const ROTATED = { user: 'rotated-user', password: 'rotated-Pa55/word' } as const;

/** A registry without a login, for the Feature itself. */
export async function startPublicRegistry(state: State): Promise<void> {
  state.publicRegistry = await startRegistry(state, 'public');
  saveState(state);
}

/** A registry that only those three may pull from, with one tiny image in it; needs the engine. */
export async function startPrivateRegistry(state: State): Promise<void> {
  const path = join(state.dir, 'htpasswd');
  const lines = await Promise.all([CANARY, BY_HAND, ROTATED].map(htpasswdLine));
  writeFileSync(path, lines.join(''), { mode: 0o600 });
  const auth = { auth: { htpasswd: { realm: 'private', path } } };
  const { host } = await startRegistry(state, 'private', auth);
  const image = `${host}/private/hello:1`;
  state.privateRegistry = { host, ...CANARY, byHand: BY_HAND, rotated: ROTATED, image };
  saveState(state);
  await pushTinyImage(state, host, image);
}

async function htpasswdLine({ user, password }: Account): Promise<string> {
  return (await runOrThrow('htpasswd', ['-B', '-i', '-n', user], { input: password })).stdout;
}

/** The log of the private registry, which names the user of every request that it let in. */
export function privateRegistryLog(state: State): string {
  return join(state.dir, 'registry-private', 'log');
}

/** Debian's docker-registry on a port of its own, with `extra` in its configuration. */
export async function startRegistry(
  state: State,
  name: string,
  extra: object = {},
): Promise<Registry> {
  const dir = join(state.dir, `registry-${name}`);
  mkdirSync(dir);
  const remember = (pid: number) => {
    state.pids.push(pid);
    saveState(state);
  };
  return { host: await startDockerRegistry(dir, remember, extra) };
}

async function pushTinyImage(state: State, host: string, image: string): Promise<void> {
  const dir = join(state.dir, 'tiny');
  const config = join(state.dir, 'push-config');
  for (const each of [dir, config]) mkdirSync(each);
  writeFileSync(join(dir, 'hello'), 'hello\n');
  await runOrThrow('tar', ['-cf', `${dir}.tar`, '-C', dir, 'hello']);
  await dockerOrThrow(state, ['import', `${dir}.tar`, image]);
  const login = ['--config', config, 'login', '--username', CANARY.user, '--password-stdin', host];
  await runOrThrow('docker', login, { ...onEngine(state), input: CANARY.password });
  await dockerOrThrow(state, ['--config', config, 'push', image]);
  // Gone from the engine, so that a pull has something to do.
  await docker(state, ['rmi', image]);
}
