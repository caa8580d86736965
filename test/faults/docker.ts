import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeEngine, startFakeEngine } from '../contract/support/fake-engine.ts';
import type { Need } from '../support/needs.ts';
import { runOrThrow, whyNot } from '../support/run.ts';
import { startTokenRegistry } from '../support/token-registry.ts';
import type { Stranger } from './crowd.ts';

export const DOCKER: Need = { missing: whyNot('docker', ['--version'], {}, /^Docker version/) };

/** A program that logs in and out, and where. */
type Program = Need & {
  readonly program: string;
  readonly hosts: readonly string[];
  readonly login: readonly string[];
  readonly logout: readonly string[];
};

/** What `.ci/clients` builds, where it has. */
function built(name: string): Need & { readonly program: string } {
  const program = resolve('build', 'clients', name);
  return { program, missing: whyNot(program, ['version']) };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Only oras asks a registry about the password, so it has one. */
function programsFor(registry: string): Program[] {
  const all: Program[] = [
    {
      ...DOCKER,
      program: 'docker',
      hosts: range(6).map((index) => `docker-${index}.example`),
      login: ['login'],
      logout: ['logout'],
    },
    {
      ...built('crane'),
      hosts: range(3).map((index) => `crane-${index}.example`),
      login: ['auth', 'login'],
      logout: ['auth', 'logout'],
    },
    {
      ...built('oras'),
      hosts: [registry],
      login: ['login', '--plain-http'],
      logout: ['logout'],
    },
  ];
  return all.filter(({ missing }) => missing === undefined);
}

/**
 * The real `docker login` and `docker logout`, and crane's and oras's where these are built, one
 * after the other on changing hosts: two at once would undo each other's logins, whoever else is
 * there. They read the file, change it and replace it without a lock. The engine that docker asks
 * about the password is a stand-in.
 */
export async function startDocker(): Promise<{ stranger: Stranger; close: FakeEngine['close'] }> {
  const users = { bob: 'secret-of-bob' };
  const engine = await startFakeEngine(users);
  const registry = await startTokenRegistry({ users });
  const programs = programsFor(registry.host);
  const stranger: Stranger = async ({ home, env }, isOver) => {
    const settings = { home, env: { ...env, DOCKER_HOST: engine.address }, input: 'secret-of-bob' };
    // A crowd of 252 may leave it little of a busy machine.
    const options = { ...settings, timeoutMs: 120_000 };
    const logins: Record<string, string> = {};
    let commands = 0;
    for (; !isOver() || commands < 12 * programs.length; commands += 1) {
      const { program, hosts, ...words } = programs[commands % programs.length] as Program;
      const turn = Math.floor(commands / programs.length);
      const host = hosts[turn % hosts.length] ?? '';
      // Two logins, then a logout, so that each host sees both.
      const isLogin = turn % 3 < 2 || !logins[host];
      const login = [...words.login, '--username', 'bob', '--password-stdin', host];
      await runOrThrow(program, isLogin ? login : [...words.logout, host], options);
      logins[host] = isLogin ? 'bob:secret-of-bob' : '';
      await sleep(5);
    }
    return { commands, logins };
  };
  const close = async () => {
    await Promise.all([engine.close(), registry.close()]);
  };
  return { stranger, close };
}
