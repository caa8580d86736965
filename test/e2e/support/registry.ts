import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../../support/run.ts';
import { startDaemon, waitForDaemon } from './daemon.ts';
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
  const config = {
    version: '0.1',
    // Only the debug log names users.
    log: { level: 'debug' },
    storage: { filesystem: { rootdirectory: join(dir, 'data') } },
    // Port 0: the system chooses a free one, and the log says which.
    http: { addr: '127.0.0.1:0', secret: state.run },
    ...extra,
  };
  // JSON is YAML too.
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config), { mode: 0o600 });
  const serve = ['serve', join(dir, 'config.yml')];
  const daemon = startDaemon('docker-registry', serve, join(dir, 'log'));
  state.pids.push(daemon.pid);
  saveState(state);
  const port = await waitForDaemon(daemon, async () => findPort(readFileSync(daemon.log, 'utf8')));
  return { host: `localhost:${port}` };
}

function findPort(log: string): string | undefined {
  return /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
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
