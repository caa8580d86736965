import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { testWith } from '../support/needs.ts';
import { CANARY, scratchHome } from '../support/process.ts';
import { whyNot } from '../support/run.ts';
import { triple } from '../support/triples.ts';
import { newCli } from './support/cli.ts';

const NEEDS = [
  { missing: whyNot('openssl', ['version']) },
  { missing: process.getuid?.() === 0 ? undefined : 'only root may write /etc/docker' },
];
const cli = newCli();
const folder = scratchHome();
const made: string[] = [];
let server: ReturnType<typeof createServer>;
let host = '';
let heard: (string | undefined)[] = [];

beforeAll(async () => {
  if (NEEDS.some(({ missing }) => missing)) return;
  for (const name of ['ours', 'other'])
    execFileSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...[
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        join(folder, `${name}.crt`),
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.2'],
    ]);
  const [key, cert] = ['ours.key', 'ours.crt'].map((name) => readFileSync(join(folder, name)));
  server = createServer({ key, cert }, ({ headers }, response) => {
    heard.push(headers.authorization);
    const isGood = headers.authorization !== undefined;
    response.writeHead(isGood ? 200 : 401, { 'WWW-Authenticate': 'Basic realm="r"' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  host = `127.0.0.2:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.close();
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** As an administrator would, for docker; a path that was not there before is removed again. */
function trust(name: string, texts: Record<string, string>): void {
  const directory = `/etc/docker/certs.d/${name}`;
  made.push(mkdirSync(directory, { recursive: true }) ?? directory);
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, file), text);
}

async function check(): Promise<string> {
  const home = scratchHome();
  const env = triple('ACME', host, 'ada', CANARY);
  await cli(['apply'], { home, env });
  heard = [];
  const { stdout } = await cli(['check'], { home, env });
  rmSync(`/etc/docker/certs.d/${host}`, { recursive: true, force: true });
  return stdout;
}

const pem = (name: string) => readFileSync(join(folder, `${name}.crt`), 'utf8');

describe('check trusts what docker trusts for a registry', () => {
  testWith(NEEDS, 'and nothing else: without its CA no password is sent', async () => {
    const text = await check();
    expect(text).toMatch(/tls-failed {7}its certificate is not trusted/);
    expect(text).toContain(`fix: put its CA into /etc/docker/certs.d/${host}/ca.crt`);
    expect(heard.filter(Boolean)).toEqual([]);
  });

  for (const [name, files] of [
    ['ca.crt', () => ({ 'ca.crt': pem('ours') })],
    ['another *.crt', () => ({ 'company.crt': pem('ours') })],
    ['one of several', () => ({ 'a.crt': pem('other'), 'b.crt': pem('ours') })],
  ] as const)
    testWith(NEEDS, `from ${name}, and says so`, async () => {
      trust(host, files());
      const text = await check();
      expect(text).toMatch(/accepted {9}accepts the credential; /);
      expect(text).toContain(`certificate trusted by /etc/docker/certs.d/${host}, as docker does`);
    });

  for (const [name, files] of [
    ['a CA of another', () => ({ 'ca.crt': pem('other') })],
    ['no text of a certificate', () => ({ 'ca.crt': 'none' })],
    ['a name that docker does not read', () => ({ 'ca.pem': pem('ours') })],
    ['an empty folder', () => ({})],
  ] as const)
    testWith(NEEDS, `but not with ${name}`, async () => {
      trust(host, files());
      expect(await check()).toContain('tls-failed');
      expect(heard.filter(Boolean)).toEqual([]);
    });
});
