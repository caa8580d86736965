import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { callBundle } from '../support/process.ts';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { entry, triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { PODMAN, SKOPEO, testClient } from './support/clients.ts';
import { apply, newPlace, type Place, withVariables } from './support/place.ts';
import { runClient } from './support/run-client.ts';

const passwords = { ada: 'password-of-ada', bob: 'password-of-bob' };

const BOB = entry('bob', passwords.bob);

let registry: TokenRegistry;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  publishBoth(registry, 'team');
});
afterAll(() => registry.close());

async function applied(variables: Record<string, string>): Promise<Place> {
  const place = withVariables(newPlace(), variables);
  await apply(place);
  return place;
}

const secrets = () => triple('ACME', registry.host, 'ada', passwords.ada);
const hub = triple('HUB', 'docker.io', 'ada', passwords.ada);

const status = ({ env, home }: Place) => callBundle('registry-auth', ['status'], { env, home });

/** Who skopeo comes as. */
async function findUser(place: Place): Promise<string | undefined> {
  await SKOPEO.read(place, `${registry.host}/team`);
  return registry.requests.at(-1)?.user;
}

/** The command of each `fix: run …`, run as a user would who copies it. */
async function runFixes(place: Place, stderr: string): Promise<void> {
  const commands = [...stderr.matchAll(/^ {2}fix: run (.+)$/gm)].map(([, command]) => `${command}`);
  expect(commands).not.toEqual([]);
  for (const command of commands)
    expect(await runClient(place, 'sh', ['-c', command])).toMatchObject({ status: 0 });
}

/** What `podman login` leaves; made by hand, because Docker Hub is not to be reached. */
function logIn({ env }: Place, keys: readonly string[]): void {
  const auths = Object.fromEntries(keys.map((key) => [key, BOB]));
  const folder = join(`${env.XDG_RUNTIME_DIR}`, 'containers');
  mkdirSync(folder);
  writeFileSync(join(folder, 'auth.json'), JSON.stringify({ auths }));
}

const LOGIN = { ...PODMAN, name: 'podman login' };
/** The fixes are for a shell. */
const SHELL = { program: 'sh', missing: undefined };

testClient(
  [LOGIN, SKOPEO, SHELL],
  'is named by status as what shadows us, and the fix ends it',
  async () => {
    const place = await applied(secrets());
    const options = ['--tls-verify=false', '--username', 'bob', '--password-stdin'];
    await runClient(place, 'podman', ['login', ...options, registry.host], passwords.bob);
    expect(await findUser(place)).toBe('bob');
    const { status: exit, stderr } = await status(place);
    expect([exit, stderr]).toEqual([1, expect.stringContaining('[AUTH_JSON_SHADOWS]')]);
    await runFixes(place, stderr);
    expect(await findUser(place)).toBe('ada');
    expect(await status(place)).toMatchObject({ status: 0, stderr: '' });
  },
);

testClient([LOGIN, SHELL], 'to Docker Hub is ended by the fix too', async () => {
  const place = await applied(hub);
  logIn(place, ['docker.io']);
  await runFixes(place, (await status(place)).stderr);
  expect(await status(place)).toMatchObject({ status: 0, stderr: '' });
});

testClient([LOGIN, SHELL], 'to several of our registries is ended by the fix too', async () => {
  const place = await applied({ ...secrets(), ...triple('QUAY', 'quay.io', 'ada', passwords.ada) });
  logIn(place, [registry.host, 'quay.io']);
  await runFixes(place, (await status(place)).stderr);
  expect(await status(place)).toMatchObject({ status: 0, stderr: '' });
});

// Newer ones read that file alone; those of Debian 12 read ours where that one lacks the host.
testClient([SKOPEO], 'reads the file of REGISTRY_AUTH_FILE first, as status says', async () => {
  const place = await applied(secrets());
  const file = join(place.home, 'other.json');
  writeFileSync(file, JSON.stringify({ auths: { [registry.host]: BOB } }));
  const other = withVariables(place, { REGISTRY_AUTH_FILE: file });
  expect([await findUser(place), await findUser(other)]).toEqual(['ada', 'bob']);
  const { status: exit, stderr } = await status(other);
  expect([exit, stderr]).toEqual([1, expect.stringContaining('[REGISTRY_AUTH_FILE_SHADOWS]')]);
});
