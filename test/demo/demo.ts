/**
 * npm run demo: from three secrets to a private artefact, without Docker and without leaving this
 * machine.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { othersOf } from '../support/record.ts';
import { expectNoSecret } from '../support/secrets.ts';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { entry } from '../support/triples.ts';
import {
  check,
  HOOK,
  PUBLISHER,
  publishFeature,
  readFeature,
  runHook,
  type Triple,
  writeFile,
} from './actions.ts';
import {
  hasEveryLine,
  printConfig,
  printFailure,
  printLine,
  printStep,
  printSuccess,
  printTitle,
} from './screen.ts';

const OWN_USER = 'ada';
const OWN_PASSWORD = 'demo-password-of-ada';

const HAND_MADE = `{
   "detachKeys": "ctrl-e,e",
   "auths": {
      "registry.example.com": { "auth": "${entry('someone', 'their-own-password').auth}", "note": "mine" }
   },
     "my own key":   { "keep": [1, 2,  3] }
}
`;

function triplesFor(host: string): Triple[] {
  return [
    { id: 'WORK', server: host, user: OWN_USER, password: OWN_PASSWORD, keys: [host] },
    {
      id: 'GITHUB',
      server: 'https://GHCR.io/',
      user: 'ada-l',
      password: 'demo-token-for-ghcr',
      keys: ['ghcr.io'],
    },
    {
      id: 'HUB',
      server: 'docker.io',
      user: 'adalovelace',
      password: 'demo-token-for-hub',
      keys: ['docker.io', 'https://index.docker.io/v1/'],
    },
  ];
}

async function demo(folder: string, registry: TokenRegistry, triples: Triple[]): Promise<void> {
  printTitle('registry-auth: three secrets in, a private artefact out');

  printStep(1, 'A private registry, here on this machine');
  const answer = await fetch(`http://${registry.host}/v2/`);
  check(answer.status === 401, `the registry answered an anonymous request with ${answer.status}`);
  printLine(`${registry.host} gives a token for a password, and nothing to anybody else`);

  printStep(2, 'Somebody publishes a private dev container Feature there');
  const feature = await publishFeature(folder, registry);
  printLine(feature);

  printStep(3, 'A home folder whose .docker/config.json was written by hand');
  const home = join(folder, 'home');
  const config = join(home, '.docker', 'config.json');
  writeFile(config, HAND_MADE);
  printConfig(HAND_MADE);

  printStep(4, 'The container is created: our hook finds three secrets');
  await runHook(home, triples, printLine);

  printStep(5, 'The same file afterwards; "+" marks what is new');
  const written = readFileSync(config, 'utf8');
  printConfig(written, HAND_MADE);
  checkConfig(written, triples);
  printSuccess('all else is as it was: order, odd spacing, unknown keys, the other login');
  expectNoSecret({ folder: home }, triples, { allow: ['.docker/config.json'] });
  printSuccess('no other file, and no line of output, holds a secret in any form');
  await checkSecondRun(home, config, triples);
  printSuccess('a second run of the hook writes nothing');

  printStep(6, 'A client that is not ours, @devcontainers/cli, asks for the private Feature');
  await showProof(folder, registry, feature);
}

/** Reads the Feature with the file as it was and as it is now. */
async function showProof(folder: string, { requests }: TokenRegistry, feature: string) {
  printLine(`$ devcontainer features info manifest ${feature}`);
  const other = join(folder, 'other-home');
  writeFile(join(other, '.docker', 'config.json'), HAND_MADE);
  const without = await readFeature(other, feature);
  check(without === undefined, 'the private Feature could be read without the login');
  check(requests.at(-1)?.status === 401, 'the client failed, but not because it was refused');
  printSuccess('with the file of step 3: refused (401)');
  const digest = await readFeature(join(folder, 'home'), feature);
  check(digest !== undefined, 'the private Feature could not be read with the written login');
  check(requests.at(-1)?.user === OWN_USER, `the registry did not see ${OWN_USER} come in`);
  printSuccess(`with the file of step 5: read as ${OWN_USER}, ${digest}`);
}

async function checkSecondRun(home: string, config: string, triples: Triple[]): Promise<void> {
  const before = statSync(config, { bigint: true });
  await runHook(home, triples, () => undefined);
  const after = statSync(config, { bigint: true });
  const isUntouched = after.mtimeNs === before.mtimeNs && after.ino === before.ino;
  check(isUntouched, 'the second run wrote the file again');
}

/** The file must be what it was, plus one entry per key of a triple, and our record of them. */
function checkConfig(text: string, triples: Triple[]): void {
  check(hasEveryLine(HAND_MADE, text), 'a line of the hand-made file is gone or has moved');
  const { auths } = JSON.parse(text);
  const { auths: oldAuths, ...oldRest } = JSON.parse(HAND_MADE);
  const rest = { ...othersOf(text), auths: undefined };
  check(isSame(rest, oldRest), 'something beside "auths" and our record changed');
  const added = triples.flatMap(({ keys, user, password }) =>
    keys.map((key) => [key, entry(user, password)] as const),
  );
  const expected = [...Object.entries(oldAuths), ...added].sort();
  check(isSame(Object.entries(auths).sort(), expected), '"auths" is not what it should be');
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-auth-demo-'));
  const users = { [OWN_USER]: OWN_PASSWORD, [PUBLISHER.user]: PUBLISHER.password };
  const registry = await startTokenRegistry({ users });
  try {
    check(existsSync(HOOK), `${HOOK} is missing: run npm run build first`);
    await demo(folder, registry, triplesFor(registry.host));
    printTitle('\nAll as it should be.');
  } catch (error) {
    printFailure(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  } finally {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
