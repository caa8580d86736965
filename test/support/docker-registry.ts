import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, waitForDaemon } from './daemon.ts';
import type { Need } from './needs.ts';
import { whyNot } from './run.ts';

/** What starting one takes: the program, and the one that ends it with us. */
export const DOCKER_REGISTRY: readonly Need[] = [
  { missing: whyNot('docker-registry', ['--version']) },
  { missing: whyNot('setpriv', ['--version']) },
];

/**
 * Starts Debian's docker-registry on a port of its own, with all that is its in `dir`, and `extra`
 * in its configuration. `onStart` hears of the process before it is known to answer.
 */
export async function startDockerRegistry(
  dir: string,
  onStart: (pid: number) => void,
  extra: object = {},
): Promise<string> {
  const config = {
    version: '0.1',
    // Only the debug log names users.
    log: { level: 'debug' },
    storage: { filesystem: { rootdirectory: join(dir, 'data') } },
    // Port 0: the system chooses a free one, and the log says which.
    http: { addr: '127.0.0.1:0', secret: 'one registry shares it with no other' },
    ...extra,
  };
  // JSON is YAML too.
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config), { mode: 0o600 });
  const serve = ['serve', join(dir, 'config.yml')];
  const daemon = startDaemon('docker-registry', serve, join(dir, 'log'));
  onStart(daemon.pid);
  const port = await waitForDaemon(daemon, async () => findPort(readFileSync(daemon.log, 'utf8')));
  return `localhost:${port}`;
}

function findPort(log: string): string | undefined {
  return /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
}
