import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createMute, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { run } from '../support/run.ts';
import { triple } from '../support/triples.ts';
import { newCli } from './support/cli.ts';

jest.setTimeout(60_000);

const COUNT = 200;
const cli = newCli();
const sockets = new Set<Socket>();
let good: HttpServer;
let mute: Server;

/** On every address of this machine: each of them is a registry of its own. */
beforeAll(async () => {
  const login = `Basic ${Buffer.from(`ada:${CANARY}`).toString('base64')}`;
  good = createServer((request, response) => {
    if (request.headers.authorization === login) return response.end('{}');
    return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
  });
  mute = createMute((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  for (const server of [good, mute]) await once(server.listen(0, '0.0.0.0'), 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  good.closeAllConnections();
  for (const server of [good, mute]) server.close();
});

/** `registry-auth check --json`, with its time in seconds and the most memory it had, in MB. */
async function measure(home: string, env: Record<string, string>) {
  const usage = join(home, 'usage');
  const kept = `require('node:fs').writeFileSync('${usage}', String(process.resourceUsage().maxRSS))`;
  const atExit = scratchHome({ 'at-exit.cjs': `process.on('exit', () => ${kept})` });
  const words = [
    '--require',
    join(atExit, 'at-exit.cjs'),
    '--',
    join(LIB, 'registry-auth.cjs'),
    'check',
    '--json',
  ];
  const start = performance.now();
  const { stdout, stderr } = await run(process.execPath, words, { home, env, timeoutMs: 50_000 });
  const seconds = (performance.now() - start) / 1000;
  expectNoSecret(stdout + stderr, [CANARY]);
  const outcomes = JSON.parse(stdout).results.map(({ outcome }: { outcome: string }) => outcome);
  return { outcomes, seconds, megabytes: Number(readFileSync(usage, 'utf8')) / 1000 };
}

test(`${COUNT} registries, half of which hang, take no more than 15 s and 150 MB`, async () => {
  const ports = [good, mute].map((server) => (server.address() as AddressInfo).port);
  const all = Array.from({ length: COUNT }, (_, index) =>
    triple(`T${index}`, `127.0.1.${index + 1}:${ports[index % 2]}`, 'ada', CANARY),
  );
  const env: Record<string, string> = Object.assign({}, ...all);
  const home = scratchHome();
  await cli(['apply'], { home, env });
  const { outcomes, seconds, megabytes } = await measure(home, env);
  const count = (name: string) => outcomes.filter((one: string) => one === name).length;
  expect([count('accepted'), count('timeout')]).toEqual([COUNT / 2, COUNT / 2]);
  expect(seconds).toBeLessThan(15);
  expect(megabytes).toBeLessThan(150);
  expect(seconds).toBeGreaterThan(9);
});
