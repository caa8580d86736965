import { expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { CONFIG, loginsIn, newCli } from './support/cli.ts';

const cli = newCli();
const PAIR = {
  ...triple('A', 'quay.io/team-a', 'ada', CANARY),
  ...triple('B', 'quay.io/team-b', 'bob', CANARY),
};

/** What is said of B where another triple serves the whole host. */
const shared = (owner: string) =>
  'B_CONTAINER_REGISTRY_SERVER: is for podman, skopeo and kubelet; docker, crane, oras, helm and ' +
  `others that know no namespaces use ${owner} for the whole host [NAMESPACE_SHARED]\n`;

test('two namespaces of a host have a key each, and the first has the host, which is said', async () => {
  const home = scratchHome();
  const finished = await cli(['apply'], { home, env: PAIR });
  expect(finished).toMatchObject({ status: 0, stderr: shared('A') });
  expect(loginsIn(home)).toEqual({
    'quay.io': `ada:${CANARY}`,
    'quay.io/team-a': `ada:${CANARY}`,
    'quay.io/team-b': `bob:${CANARY}`,
  });
});

test('a triple for the host itself has the host', async () => {
  const home = scratchHome();
  const env = { ...PAIR, ...triple('Z', 'quay.io', 'zoe', CANARY) };
  const { status, stderr } = await cli(['apply'], { home, env });
  expect([status, stderr]).toEqual([0, shared('Z').replaceAll('B_', 'A_') + shared('Z')]);
  expect(loginsIn(home)).toMatchObject({ 'quay.io': `zoe:${CANARY}` });
});

// Clients ask a helper for hosts only, so it cannot tell the two apart (docs/clients.md, Credential
// helpers).
test.each([
  { name: 'with --credentials helper', config: '{}', args: ['--credentials', 'helper'] },
  { name: 'beside a credsStore', config: '{"credsStore":"desktop"}', args: [] },
])('$name the second namespace is said to be out of reach', async ({ config, args }) => {
  const home = scratchHome({ [CONFIG]: config });
  const { stderr } = await cli(['apply', ...args], { home, env: PAIR });
  expect(stderr).toMatch(/^B_CONTAINER_REGISTRY_SERVER: .* \[NAMESPACE_UNREACHABLE\]$/m);
});

test('status does not call ready what our helper cannot answer for', async () => {
  const home = scratchHome();
  await cli(['apply', '--credentials', 'helper'], { home, env: PAIR });
  const { stdout } = await cli(['status', '--json'], { home, env: PAIR });
  expect(JSON.parse(stdout).keys).toMatchObject([
    { id: 'A', key: 'quay.io', state: 'helper' },
    { id: 'A', key: 'quay.io/team-a' },
    { id: 'B', key: 'quay.io/team-b', state: 'unasked' },
  ]);
  expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'NAMESPACE_UNREACHABLE' }]);
});
