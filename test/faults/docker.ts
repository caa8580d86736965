import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeEngine, startFakeEngine } from '../contract/support/fake-engine.ts';
import type { Need } from '../support/needs.ts';
import { runOrThrow, whyNot } from '../support/run.ts';
import type { Stranger } from './crowd.ts';

export const DOCKER: Need = { missing: whyNot('docker', ['--version'], {}, /^Docker version/) };

const HOSTS = Array.from({ length: 6 }, (_, index) => `docker-${index}.example`);

/**
 * The real `docker login` and `docker logout`, one after the other on changing hosts: two at once
 * would undo each other's logins, whoever else is there. They read the file, change it and replace
 * it without a lock. The engine that docker asks about the password is a stand-in.
 */
export async function startDocker(): Promise<{ stranger: Stranger; close: FakeEngine['close'] }> {
  const engine = await startFakeEngine({ bob: 'secret-of-bob' });
  const stranger: Stranger = async ({ home, env }, isOver) => {
    const options = { home, env: { ...env, DOCKER_HOST: engine.address }, input: 'secret-of-bob' };
    const logins: Record<string, string> = {};
    let commands = 0;
    for (; !isOver() || commands < 12; commands += 1) {
      const host = HOSTS[commands % HOSTS.length] ?? '';
      // Two logins, then a logout, so that each host sees both.
      const isLogin = commands % 3 < 2 || logins[host] === undefined;
      const login = ['login', '--username', 'bob', '--password-stdin', host];
      await runOrThrow('docker', isLogin ? login : ['logout', host], options);
      logins[host] = isLogin ? 'bob:secret-of-bob' : '';
      await sleep(5);
    }
    return { commands, logins };
  };
  return { stranger, close: engine.close };
}
