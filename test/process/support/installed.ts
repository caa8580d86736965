import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { installWrappers, LIB } from '../../support/built.ts';
import { CANARY, expectNoSecret, scratchHome } from '../../support/process.ts';
import { run } from '../../support/run.ts';
import type { Cli } from './cli.ts';

/**
 * Our programs as install.sh leaves them: wrappers on PATH, with these options of the Feature. Runs
 * `registry-auth` with the canary's guard.
 */
export function install(options: Record<string, unknown> = {}): Cli {
  const share = scratchHome({ 'options.json': JSON.stringify(options) });
  cpSync(LIB, join(share, 'lib'), { recursive: true });
  const strict = options.strict === true;
  const PATH = installWrappers(join(share, 'bin'), { share, strict });
  return async (args, { env, home = share, cwd = home }) => {
    const options = { env: { PATH, ...env }, home, cwd };
    const finished = await run('registry-auth', args, options);
    expectNoSecret(finished.stdout + finished.stderr, [CANARY]);
    return finished;
  };
}
