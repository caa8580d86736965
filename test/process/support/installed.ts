import { cpSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CANARY, expectNoSecret, scratchHome } from '../../support/process.ts';
import { run } from '../../support/run.ts';
import type { Cli } from './cli.ts';
import { writeProgram } from './programs.ts';

/**
 * Our programs as install.sh leaves them: wrappers on PATH, with these options of the Feature. Runs `registry-auth` with the canary's guard.
 */
export function install(options: Record<string, unknown> = {}): Cli {
  const share = scratchHome({ 'options.json': JSON.stringify(options) });
  cpSync(join('dist', 'registry-auth', 'lib'), join(share, 'lib'), { recursive: true });
  for (const name of ['registry-auth', 'docker-credential-registry-auth']) {
    const wrapper = readFileSync(join('dist', 'registry-auth', 'wrapper.sh'), 'utf8')
      .replaceAll('@NODE@', process.execPath)
      .replaceAll('@PROGRAM@', name)
      .replaceAll('@STRICT@', `${options.strict ?? false}`)
      .replaceAll('/usr/local/share/registry-auth', share);
    writeProgram(join(share, 'bin', name), wrapper.slice(wrapper.indexOf('\n') + 1));
  }
  const PATH = [join(share, 'bin'), process.env.PATH].join(delimiter);
  return async (args, { env, home = share, cwd = home }) => {
    const options = { env: { PATH, ...env }, home, cwd };
    const finished = await run('registry-auth', args, options);
    expectNoSecret(finished.stdout + finished.stderr, [CANARY]);
    return finished;
  };
}
