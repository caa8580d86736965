import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { SERVERS, type Suite, startSuite } from '../support/registry-suite.ts';
import { type RunOptions, run, runNode, runOrThrow } from '../support/run.ts';
import { expectNoSecret } from '../support/secrets.ts';
import { triple } from '../support/triples.ts';
import { startNodeMirror } from './support/node-mirror.ts';
import { onEngine, readyState } from './support/state.ts';

const state = readyState();
const PASSWORD = 'password-of-ada+/~';

let suite: Suite;
beforeAll(async () => {
  const folder = newFolder();
  suite = await startSuite('ada', PASSWORD, { folder, identity: 'identity-of-ada' });
});
afterAll(() => suite.close());

function newFolder(): string {
  return mkdtempSync(join(state.dir, 'check-'));
}

/** What `check` says of a server, after `apply`. */
async function isAccepted(host: string, password: string): Promise<boolean> {
  const options: RunOptions = { home: newFolder(), env: triple('ACME', host, 'ada', password) };
  const bundle = join(LIB, 'registry-auth.cjs');
  await runNode(bundle, ['apply'], options);
  const { stdout, stderr } = await runNode(bundle, ['check', '--json'], options);
  expectNoSecret(stdout + stderr, [password]);
  const [{ outcome }] = JSON.parse(stdout).results;
  return outcome === 'accepted' || outcome === 'open';
}

/** docker takes any certificate of this machine's own addresses, as its clients do not. */
const COMPARED = SERVERS.map(([server]) => server).filter((server) => server !== 'tls');

describe.each(COMPARED)('docker login and check agree on %s', (server) => {
  test.each([
    ['right', PASSWORD],
    ['wrong', 'another-word-of-ada'],
  ])('%s password', async (_, password) => {
    const host = `${suite.hosts[server]}`;
    const words = ['login', '--username', 'ada', '--password-stdin', host];
    const { env } = onEngine(state);
    const options = { env: { ...env, HOME: newFolder() }, input: password };
    const { status, stderr } = await run('docker', words, options);
    expect([stderr, status === 0]).toEqual([stderr, await isAccepted(host, password)]);
  });
});

/** The Node that an image without one gets; the one that runs this may be too old for proxies. */
async function unpackPinnedNode(): Promise<string> {
  const mirror = await startNodeMirror(state);
  const folder = newFolder();
  const archive = join(folder, 'node.tar.gz');
  const name = `node-${mirror.version}-linux-${process.arch}`;
  const answer = await fetch(`${mirror.url}/${mirror.version}/${name}.tar.gz`);
  writeFileSync(archive, Buffer.from(await answer.arrayBuffer()));
  await mirror.close();
  await runOrThrow('tar', ['-xzf', archive, '-C', folder]);
  return join(folder, name, 'bin', 'node');
}

test('a proxy that refuses is told from a registry that does, and hears no password', async () => {
  const node = await unpackPinnedNode();
  const heard: unknown[] = [];
  const proxy = createServer();
  proxy.on('connect', ({ url, headers }, socket) => {
    heard.push([url, headers]);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const secrets = triple('ACME', 'registry.example.com', 'ada', PASSWORD);
  const env = { ...secrets, HTTPS_PROXY: address };
  const home = newFolder();
  const bundle = join(LIB, 'registry-auth.cjs');
  await run(node, [bundle, 'apply'], { home, env });
  const outcomeWith = async (more: Record<string, string>) => {
    const { stdout } = await run(node, [bundle, 'check', '--json'], {
      home,
      env: { ...env, ...more },
    });
    expectNoSecret(stdout, [PASSWORD]);
    return JSON.parse(stdout).results[0];
  };
  expect(await outcomeWith({})).toMatchObject({
    outcome: 'proxy-failed',
    what: expect.stringContaining('407'),
  });
  expect(heard.length).toBeGreaterThan(0);
  expectNoSecret(JSON.stringify(heard), [PASSWORD, { user: 'ada', password: PASSWORD }]);
  await new Promise((resolve) => proxy.close(resolve));
  // Nobody is there any more.
  expect(await outcomeWith({})).toMatchObject({ outcome: 'proxy-failed' });
});
