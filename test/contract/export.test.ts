import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPages } from '../support/markdown.ts';
import { CANARY } from '../support/process.ts';
import { runOrThrow } from '../support/run.ts';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { CLIENTS, CRANE, ORAS, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import { newPlace, type Place, withVariables } from './support/place.ts';

/** Where the secrets are, and a `credsStore` that no other machine has. */
const HERE = { '.docker/config.json': '{"credsStore":"other","credHelpers":{"a.io":"other"}}' };
/** How the pages say to make such a file, in one line. */
const COMMAND = readPages()
  .flatMap(({ blocks }) => blocks.map(({ text }) => text))
  .find((text) => /^.*export docker-config >.*\n$/.test(text));
const users = { ada: CANARY };

let registry: TokenRegistry;
let engine: FakeEngine;
let file: string;
let there: Place;
beforeAll(async () => {
  registry = await startTokenRegistry({ users });
  engine = await startFakeEngine(users);
  publishBoth(registry, 'team');
  const here = withVariables(newPlace(HERE), triple('ACME', registry.host, 'ada', CANARY));
  await runOrThrow('sh', ['-c', `${COMMAND}`], here);
  file = join(here.home, 'exported/config.json');
  const bare = newPlace({ 'exported/config.json': readFileSync(file, 'utf8') }, engine);
  // Our programs are not there either.
  const DOCKER_CONFIG = join(bare.home, 'exported');
  there = withVariables(bare, { PATH: process.env.PATH, DOCKER_CONFIG });
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

for (const client of [...CLIENTS, CRANE, ORAS]) {
  testClient([client], 'reads with an exported config.json alone', async () => {
    const read = (place: Place) => client.read(place, `${registry.host}/team`);
    expect(await read(there)).toMatchObject({ status: 0 });
    expect((await read(withVariables(there, { DOCKER_CONFIG: undefined }))).status).not.toBe(0);
  });
}

test('the file that the pages make is for its owner alone', () => {
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});
