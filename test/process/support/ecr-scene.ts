import { join } from 'node:path';
import { afterAll, jest } from '@jest/globals';
import { installWrappers, LIB } from '../../support/built.ts';
import { type EcrStandIn, startEcrStandIn } from '../../support/ecr-stand-in.ts';
import { AWS_KEYS, GUEST, ROLE, TEAM, tripleOf } from '../../support/ecr-stand-in-identities.ts';
import { makeRuntime } from '../../support/memory.ts';
import { type BundleName, callBundle, runBundle, scratchHome } from '../../support/process.ts';
import type { Finished, RunOptions } from '../../support/run.ts';

// Longer than anything may take here, so that a test that fails says by how much.
jest.setTimeout(50_000);

export const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';

export const APP = tripleOf('APP', HOST, TEAM);
export const SESSION = tripleOf('GUEST', OTHER_HOST, GUEST);
/** The guest's keys, which assume a role in the team's account. */
export const ASSUMED = tripleOf('ROLE', HOST, GUEST, ROLE);
export const KEYS = Object.values(AWS_KEYS);

type Env = Readonly<Record<string, string | undefined>>;
type Options = Pick<RunOptions, 'timeoutMs'> & { readonly lib?: string };

/** A home, a directory in memory and AWS on loopback, for the built programs. */
export type Scene = {
  readonly home: string;
  readonly runtime: string;
  /** Where tokens are cached. */
  readonly cache: string;
  readonly standIn: EcrStandIn;
  /** Runs `registry-auth` with the given variables. */
  cli(args: readonly string[], env?: Env): Promise<Finished>;
  /** Asks our credential helper to do something with a host. */
  ask(verb: string, host: string, env?: Env, options?: Options): Promise<Finished>;
};

const standIns: EcrStandIn[] = [];

afterAll(async () => {
  for (const standIn of standIns.splice(0)) await standIn.close();
});

/** A scene whose programs have no processes of their own, for one call after the other. */
export function makeSceneInside(files: Record<string, string> = {}): Promise<Scene> {
  return makeScene(files, callBundle);
}

export async function makeScene(
  files: Record<string, string> = {},
  call: typeof callBundle = runBundle,
): Promise<Scene> {
  const home = scratchHome(files);
  const runtime = makeRuntime();
  const standIn = await startEcrStandIn({
    identities: [{ ...TEAM }, { ...GUEST }],
    roles: [{ ...ROLE }],
  });
  standIns.push(standIn);
  const common = {
    XDG_RUNTIME_DIR: runtime,
    AWS_ENDPOINT_URL_ECR: standIn.url,
    AWS_ENDPOINT_URL_ECR_PUBLIC: standIn.url,
    AWS_ENDPOINT_URL_STS: standIn.url,
    PATH: installWrappers(scratchHome()),
  };
  const run = (
    program: BundleName,
    words: readonly string[],
    env: Env,
    { lib = LIB, ...options }: Options & RunOptions = {},
  ) => call(program, words, { ...options, env: { ...common, ...env }, home }, lib);
  return {
    home,
    runtime,
    cache: join(runtime, `registry-auth-${process.getuid?.()}`),
    standIn,
    cli: (args, env = {}) => run('registry-auth', args, env),
    ask: (verb, host, env = {}, options = {}) =>
      run('docker-credential-registry-auth', [verb], env, { ...options, input: host }),
  };
}
