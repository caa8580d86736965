import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BUILT } from '../../support/built.ts';
import { runOrThrow } from '../../support/run.ts';
import { cacheFolder } from './base-image.ts';
import type { State } from './state.ts';

const PINS = 'node-runtime.txt';
/** A release of which the mirror has something else than an archive. */
export const CHANGED = 'v24.99.0';

const PLATFORM = `linux-${process.arch}`;

export type NodeMirror = {
  /** For the option `nodeMirror`. */
  readonly url: string;
  readonly version: string;
  /** Who has got the archive, by what they call themselves. */
  readonly agents: string[];
  /** Pins in a copy of the Feature what this mirror has, since npm's package is no archive. */
  pin(feature: string): void;
  close(): Promise<void>;
};

/** Serves the pinned Node, under the name of its archive, on loopback. */
export async function startNodeMirror(state: State): Promise<NodeMirror> {
  const pins = readFileSync(join(BUILT, PINS), 'utf8');
  const version = /node-(v[\d.]+)-/.exec(pins)?.[1] ?? '';
  const name = `node-${version}-${PLATFORM}`;
  const archive = await makeArchive(state, version.slice(1), name);
  const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
  const agents: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    if (url === `/dist/${CHANGED}/node-${CHANGED}-${PLATFORM}.tar.gz`) response.end('changed');
    else if (url === `/dist/${version}/${name}.tar.gz`) {
      agents.push(headers['user-agent'] ?? '');
      response.setHeader('Content-Length', statSync(archive).size);
      createReadStream(archive).pipe(response);
    } else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dist`,
    version,
    agents,
    pin: (feature) => writeFileSync(join(feature, PINS), `${sum}  ${name}.tar.gz\n`),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The real program, which npm has in a package of its own, packed as Node's releases are. */
async function makeArchive(state: State, version: string, name: string): Promise<string> {
  const cached = join(cacheFolder(state), `${name}.tar.gz`);
  if (existsSync(cached)) return cached;
  const work = mkdtempSync(join(state.dir, 'node-mirror-'));
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', work];
  const npm = [...words, `node-${PLATFORM}@${version}`];
  await runOrThrow('npm', npm, { env: process.env, timeoutMs: 0 });
  const from = join(work, 'node_modules', `node-${PLATFORM}`);
  const folder = join(work, name);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const file of ['bin/node', 'LICENSE']) copyFileSync(join(from, file), join(folder, file));
  cpSync(join(from, 'README.md'), join(folder, 'README.md'));
  const pack = ['-I', 'gzip -1', '-cf', `${cached}.new`, '-C', work, name];
  await runOrThrow('tar', pack, { timeoutMs: 120_000 });
  renameSync(`${cached}.new`, cached);
  rmSync(work, { recursive: true });
  return cached;
}
