import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { installWrappers, LIB } from '../../support/built.ts';
import { canRunInside } from '../../support/inside.ts';
import { CANARY, callBundle, expectNoSecret, scratchHome } from '../../support/process.ts';
import { type Finished, type RunOptions, run } from '../../support/run.ts';
import type { Cli } from './cli.ts';

/**
 * Our programs as install.sh leaves them, with these options of the Feature. Runs `registry-auth`
 * with the canary's guard.
 */
export function install(options: Record<string, unknown> = {}): Cli {
  return installed(options, (args, given, share) =>
    canRunInside(given)
      ? callBundle('registry-auth', args, given, join(share, 'lib'))
      : run('registry-auth', args, given),
  );
}

/** The same by its wrapper on PATH: for what takes time, could hang, or is about processes. */
export function installAlone(options: Record<string, unknown> = {}): Cli {
  return installed(options, (args, given) => run('registry-auth', args, given));
}

function installed(
  options: Record<string, unknown>,
  call: (args: readonly string[], given: RunOptions, share: string) => Promise<Finished>,
): Cli {
  const share = scratchHome({ 'options.json': JSON.stringify(options) });
  cpSync(LIB, join(share, 'lib'), { recursive: true });
  const strict = options.strict === true;
  const PATH = installWrappers(join(share, 'bin'), { share, strict });
  return async (args, { env, home = share, cwd = home }) => {
    const finished = await call(args, { env: { PATH, ...env }, home, cwd }, share);
    expectNoSecret(finished.stdout + finished.stderr, [CANARY]);
    return finished;
  };
}
