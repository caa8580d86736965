import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { RunOptions } from '../../support/run.ts';

/** What one run of the e2e tests started, for the tests to use and for the end to undo. */
export type State = {
  /** Holds everything this run writes; removed at the end. */
  readonly dir: string;
  /** Unique on this machine: part of every label and image name. */
  readonly run: string;
  /** In the order of their start; each is stopped at the end, last one first. */
  readonly pids: number[];
  engine?: Engine;
  publicRegistry?: Registry;
  privateRegistry?: PrivateRegistry;
  images?: { readonly node: string; readonly plain: string };
  feature?: Feature;
};

export type Engine = {
  readonly socket: string;
  /** Of the socket: a user in a container who has it may use the engine. */
  readonly socketGroup: number;
  readonly isOurs: boolean;
  /** Set when the engine's start has made the network bridge of that name. */
  readonly bridge?: string;
};

export type Registry = { readonly host: string };

export type Account = { readonly user: string; readonly password: string };

export type PrivateRegistry = Registry &
  Account & {
    readonly image: string;
    /** Two more accounts that may pull the image. */
    readonly byHand: Account;
    readonly rotated: Account;
  };

/** References of one Feature, published twice so that one container can install it twice. */
export type Feature = { readonly reference: string; readonly secondReference: string };

export type ReadyState = Required<State>;

// Not REGISTRY_AUTH_…: the product's own variables are wiped before a test.
const STATE_VARIABLE = 'E2E_STATE';

/** Makes the run's folder, and tells the tests by an environment variable where it is. */
export function createState(): State {
  const dir = mkdtempSync(join(tmpdir(), 'registry-auth-e2e-'));
  for (const name of ['home', 'tmp']) mkdirSync(join(dir, name));
  process.env[STATE_VARIABLE] = join(dir, 'state.json');
  // Docker's image names are lower case.
  const state = { dir, run: basename(dir).toLowerCase(), pids: [] };
  saveState(state);
  return state;
}

export function saveState(state: State): void {
  writeFileSync(join(state.dir, 'state.json'), JSON.stringify(state), { mode: 0o600 });
}

/** The state as far as set-up has come; `undefined` before it began. */
export function readState(): State | undefined {
  const file = process.env[STATE_VARIABLE];
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as State) : undefined;
}

/** The state for a test, which starts only after the whole set-up. */
export function readyState(): ReadyState {
  const state = readState();
  if (!state?.feature) throw new Error('no e2e set-up: run this through npm run test:e2e');
  return state as ReadyState;
}

/** An environment without the developer's logins, secrets and proxies; its engine is the tests'. */
export function cleanEnv(state: State): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: join(state.dir, 'home'),
    TMPDIR: join(state.dir, 'tmp'),
    ...(state.engine && { DOCKER_HOST: `unix://${state.engine.socket}` }),
  };
}

/** For what runs on the tests' engine: that environment, and as long as a test may take. */
export function onEngine(
  state: State,
  env: Readonly<Record<string, string>> = {},
): Pick<RunOptions, 'env' | 'timeoutMs'> {
  return { env: { ...env, ...cleanEnv(state) }, timeoutMs: 180_000 };
}
