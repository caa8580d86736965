import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EcrStandIn, startEcrStandIn } from '../../support/ecr-stand-in.ts';
import { GUEST, TEAM } from '../../support/ecr-stand-in-identities.ts';
import { runOrThrow } from '../../support/run.ts';
import { buildRootfs, importImages } from './base-image.ts';
import { type DevContainer, devcontainerUp } from './container.ts';
import { seedControlManifest } from './devcontainer-cli.ts';
import { type Certificates, makeCertificates } from './ecr-certificates.ts';
import { type EcrFront, startEcrFront } from './ecr-front.ts';
import { ECR, ECR_API, imageAt } from './ecr-names.ts';
import { docker, dockerOrThrow, startOwnEngine } from './engine.ts';
import { startRegistry } from './registry.ts';
import { createState, readyState, type State, saveState } from './state.ts';
import { stopEverything } from './stop.ts';
import type { Wish } from './workspace.ts';

/** AWS, for these tests: an engine and containers for which AWS's names lead to loopback. */
export type EcrScene = {
  readonly standIn: EcrStandIn;
  readonly front: EcrFront;
  /** Adds what makes the names and AWS_ENDPOINT_URL… work in a container. */
  wish(wish: Wish): Wish;
  /** As `devcontainerUp`, with that added. */
  up(wish: Wish): Promise<DevContainer>;
  stop(): Promise<void>;
};

const NAMES = [...Object.values(ECR), ...ECR_API];
const HOSTS_FILE = '/etc/hosts';

/** Where the CA's certificate is in the containers. */
export const CA_FILE = '/etc/ecr-test-ca.crt';

const ECR_LOGIN = 'docker-credential-ecr-login';

/** Debian's amazon-ecr-credential-helper, for a container that is to have it. */
export const ECR_LOGIN_MOUNT = `type=bind,source=/usr/bin/${ECR_LOGIN},target=/usr/local/bin/${ECR_LOGIN},readonly`;

/** Starts all of it for one test file, which runs on an engine of its own from then on. */
export async function startEcrScene(): Promise<EcrScene> {
  const { feature, publicRegistry } = readyState();
  const state = createState();
  seedControlManifest(state);
  const stops: (() => Promise<void>)[] = [() => stopEverything(state)];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const certificates = await makeCertificates(join(state.dir, 'certificates'), NAMES);
    const standIn = await startEcrStandIn({ identities: [TEAM, GUEST] });
    stops.push(() => standIn.close());
    const { host: registry } = await startRegistry(state, 'ecr');
    const front = await startEcrFront({ ...certificates, standIn, registry });
    stops.push(() => front.close());
    await startPrivateEngine(state, front.address);
    await pushEverywhere(state, registry);
    await importImages(state, await buildRootfs(state));
    Object.assign(state, { feature, publicRegistry });
    saveState(state);
    const wish = (given: Wish) => withEcr(given, standIn, certificates);
    return { standIn, front, wish, up: (given) => devcontainerUp(wish(given)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The machine's own /etc/hosts is left alone: the engine has another one in a mount namespace, and
 * passes it on to containers.
 */
async function startPrivateEngine(state: State, address: string): Promise<void> {
  const hosts = join(state.dir, 'hosts');
  const own = existsSync(HOSTS_FILE) ? readFileSync(HOSTS_FILE, 'utf8') : '';
  writeFileSync(hosts, `${own}\n${NAMES.map((name) => `${address} ${name}\n`).join('')}`);
  const script = `mount --bind "$0" ${HOSTS_FILE} && exec "$@"`;
  // A proxy of the developer's would resolve the names, and find the real ones.
  const direct = ['env', 'NO_PROXY=*', 'no_proxy=*'];
  await startOwnEngine(state, [...direct, 'unshare', '--mount', 'sh', '-c', script, hosts]);
}

/** One tiny image under every repository, past the front. */
async function pushEverywhere(state: State, registry: string): Promise<void> {
  const dir = join(state.dir, 'tiny');
  mkdirSync(dir);
  writeFileSync(join(dir, 'hello'), 'hello\n');
  await runOrThrow('tar', ['-cf', `${dir}.tar`, '-C', dir, 'hello']);
  const image = `${registry}/${imageAt('app').split('/').slice(1).join('/')}`;
  await dockerOrThrow(state, ['import', `${dir}.tar`, image]);
  await dockerOrThrow(state, ['push', image]);
  await docker(state, ['rmi', image]);
}

function withEcr(wish: Wish, standIn: EcrStandIn, { ca, hosts }: Certificates): Wish {
  return {
    ...wish,
    mounts: [
      `type=bind,source=${ca},target=${CA_FILE},readonly`,
      `type=bind,source=${hosts},target=/etc/containers/certs.d,readonly`,
      ...(wish.mounts ?? []),
    ],
    containerEnv: {
      AWS_ENDPOINT_URL_ECR: standIn.url,
      AWS_ENDPOINT_URL_ECR_PUBLIC: standIn.url,
      ...wish.containerEnv,
    },
  };
}
