import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stopDaemon } from './daemon.ts';
import { DOCKER_REGISTRY, startDockerRegistry } from './docker-registry.ts';
import { makeCertificate, startTokenService } from './jwt-service.ts';
import { BASIC, json, type Loopback, type Said, startLoopback } from './loopback.ts';
import type { Need } from './needs.ts';
import { publishTiny } from './publish-tiny.ts';
import { runOrThrow, whyNot } from './run.ts';
import { startTokenRegistry } from './token-registry.ts';

/** What the real registries take. */
export const REAL: readonly Need[] = [
  ...DOCKER_REGISTRY,
  { missing: whyNot('openssl', ['version']) },
  { missing: whyNot('htpasswd', ['-B', '-b', '-n', 'ada', 'word']) },
];

/** Servers on this machine that are no registries, or no good ones. */
const ODD: Readonly<Record<string, Said>> = {
  'open to everybody': json({}),
  'of another kind': { status: 404 },
  'with a page for all': { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<p>' },
  'without a challenge': { status: 401 },
  'that refuses everybody': BASIC,
  'behind a wall': { status: 403 },
  'that is ill': { status: 500 },
};

/** Every server that clients are compared on, and what it takes. */
export const SERVERS: readonly (readonly [server: string, needs: readonly Need[]])[] = [
  ['token', []],
  ['basic', []],
  ...Object.keys(ODD).map((name) => [name, []] as const),
  ['htpasswd', REAL],
  ['jwt', REAL],
  ['tls', REAL],
];

export type Suite = {
  /** By the servers' names. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The file with that of the server `tls`, which nobody trusts. */
  readonly certificate: string;
  readonly close: () => Promise<void>;
};

/**
 * Starts them all, with one user; the real ones where there is a folder for them. `team/app:v1` is
 * in those with htpasswd and JWT.
 */
export async function startSuite(
  user: string,
  password: string,
  { folder, identity }: { readonly folder?: string; readonly identity: string },
): Promise<Suite> {
  const open: { close: () => Promise<unknown> }[] = [];
  const hosts: Record<string, string> = {};
  let certificate = '';
  const keep = <T extends { close: () => Promise<unknown> }>(one: T): T => {
    open.push(one);
    return one;
  };
  const users = { [user]: password };
  hosts.token = keep(await startTokenRegistry({ users })).host;
  hosts.basic = keep(await startTokenRegistry({ users, scheme: 'basic' })).host;
  for (const [name, said] of Object.entries(ODD))
    hosts[name] = keep(await startLoopback(() => said)).host;
  if (folder !== undefined) await startReal(folder);
  return {
    hosts,
    certificate,
    close: async () => {
      for (const one of open) await one.close();
    },
  };

  /** Debian's registry, in each of the ways in which it can want a login. */
  async function startReal(folder: string): Promise<void> {
    const file = join(folder, 'htpasswd');
    await runOrThrow('htpasswd', ['-B', '-i', '-c', file, user], { input: password });
    const signer = await makeCertificate(folder, 'signer');
    const tls = await makeCertificate(folder);
    certificate = tls.certificate;
    const service = keep(await startTokenService(signer, { ...users, identity }));
    const htpasswd = { htpasswd: { realm: 'private', path: file } };
    hosts.htpasswd = await startOne(folder, 'htpasswd-registry', { auth: htpasswd });
    const token = tokenAuth(service, signer.certificate);
    hosts.jwt = await startOne(folder, 'jwt-registry', { auth: { token } });
    const http = { addr: '127.0.0.1:0', tls, secret: 'one registry shares it with no other' };
    hosts.tls = await startOne(folder, 'tls-registry', { auth: htpasswd, http });
    await publish(hosts.htpasswd, hosts.jwt, service);
  }

  async function startOne(folder: string, name: string, extra: object): Promise<string> {
    const dir = join(folder, name);
    mkdirSync(dir);
    const remember = (pid: number) => void keep({ close: () => stopDaemon(pid) });
    return startDockerRegistry(dir, remember, extra);
  }

  async function publish(plain: string, jwt: string, service: Loopback): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    await publishTiny({ host: plain, authorization }, 'team/app', 'v1');
    const scope = 'service=jwt&scope=repository:team/app:pull,push';
    const url = `http://${service.host}/token?${scope}`;
    const answer = await fetch(url, { headers: { authorization } });
    const { token } = (await answer.json()) as { token: string };
    await publishTiny({ host: jwt, authorization: `Bearer ${token}` }, 'team/app', 'v1');
  }
}

function tokenAuth({ host }: Loopback, rootcertbundle: string) {
  return { realm: `http://${host}/token`, service: 'jwt', issuer: 'tests', rootcertbundle };
}
