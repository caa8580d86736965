import { join } from 'node:path';
import { beforeAll, describe, expect, jest } from '@jest/globals';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  readConfig,
  withVariables,
} from '../contract/support/place.ts';
import { TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, runBundle } from '../support/process.ts';
import { triples } from '../support/triples.ts';
import { ANONYMOUS, FAILS } from './support/logins.ts';
import * as programs from './support/programs.ts';

// A Java or a Python starts for each, on a machine that may be busy.
jest.setTimeout(60_000);

const ODD = `p:a$s "w'ö€`;
const SECRETS = triples({
  HUB: ['docker.io', 'hub-user', CANARY],
  PORT: ['registry.example.com:5000', 'ada', ODD],
  TEAM: ['quay.io/team', 'team+robot', 'of the team'],
});

type Logins = Readonly<Record<string, string>>;

/** Who each image's pull should come as. */
const LOGINS: Logins = {
  'registry.example.com:5000/team/port': `ada:${ODD}`,
  'quay.io/team/namespace': 'team+robot:of the team',
  'acme/short': `hub-user:${CANARY}`,
  'docker.io/acme/hub': `hub-user:${CANARY}`,
  'index.docker.io/acme/index': `hub-user:${CANARY}`,
  'nobody.example/open': ANONYMOUS,
};
const IMAGES = Object.keys(LOGINS);

const SCENARIOS = {
  'as nobody where nothing is written': all(ANONYMOUS),
  'with entries': LOGINS,
  'from where DOCKER_CONFIG says': LOGINS,
  'through our helper': LOGINS,
  'beside a credsStore that fails': LOGINS,
};
type Scenario = keyof typeof SCENARIOS;

/** Where a registry without a triple gets no answer, because the store is asked and fails. */
const STORE_ASKED = { 'nobody.example/open': FAILS };
const WITHOUT_INDEX = { 'index.docker.io/acme/index': ANONYMOUS };

/** What a program does in its own way: docs/programs.md says why. */
const OWN_WAYS = new Map<programs.Program, Partial<Record<Scenario, Logins>>>([
  [programs.DOCKER_CLI, { 'beside a credsStore that fails': STORE_ASKED }],
  [programs.BUILDX, { 'beside a credsStore that fails': STORE_ASKED }],
  [programs.GGCR, { 'beside a credsStore that fails': all(FAILS) }],
  [programs.TESTCONTAINERS_GO_BUILD, everywhere(WITHOUT_INDEX)],
  [
    programs.TESTCONTAINERS_NODE,
    { 'with entries': WITHOUT_INDEX, 'from where DOCKER_CONFIG says': WITHOUT_INDEX },
  ],
  [
    programs.TESTCONTAINERS_NODE_BUILD,
    everywhere({ ...WITHOUT_INDEX, 'docker.io/acme/hub': ANONYMOUS }),
  ],
  [programs.DOCKER_PY, { 'beside a credsStore that fails': STORE_ASKED }],
  [programs.DOCKER_PY_BUILD, { 'beside a credsStore that fails': all(FAILS) }],
  [programs.TESTCONTAINERS_PYTHON, { 'beside a credsStore that fails': STORE_ASKED }],
  [
    programs.DOCKER_CREDENTIAL,
    {
      'as nobody where nothing is written': all(FAILS),
      'beside a credsStore that fails': STORE_ASKED,
    },
  ],
]);

const places = {} as Record<Scenario, Place>;
beforeAll(async () => {
  const bare = newPlace();
  const named = withVariables(bare, { DOCKER_CONFIG: join(bare.home, 'elsewhere') });
  const inFile = newPlace();
  const throughHelper = newPlace();
  const besideStore = newPlace({ '.docker/config.json': `{"credsStore":"${CREDS_STORE}"}` });
  await apply(withVariables(inFile, SECRETS));
  await apply(withVariables(named, SECRETS));
  await apply(withVariables(throughHelper, SECRETS), '--credentials', 'helper');
  await apply(withVariables(besideStore, SECRETS));
  places['as nobody where nothing is written'] = newPlace();
  places['with entries'] = inFile;
  places['from where DOCKER_CONFIG says'] = named;
  places['through our helper'] = withVariables(throughHelper, SECRETS);
  places['beside a credsStore that fails'] = withVariables(besideStore, SECRETS);
});

describe.each(programs.PROGRAMS)('$name', (program) => {
  for (const [scenario, logins] of Object.entries(SCENARIOS)) {
    testWith([program], scenario, async () => {
      const expected = { ...logins, ...OWN_WAYS.get(program)?.[scenario as Scenario] };
      const { logins: sent, said } = await program.send(places[scenario as Scenario], IMAGES);
      expect({ sent, said }).toEqual({ sent: expected, said });
    });
  }
});

testWith([programs.DOCKERODE], 'dockerode reads no configuration', async () => {
  const { logins } = await programs.DOCKERODE.send(places['with entries'], IMAGES);
  expect(logins).toEqual(all(ANONYMOUS));
});

describe('DOCKER_AUTH_CONFIG', () => {
  const holding = (DOCKER_AUTH_CONFIG: string) => withVariables(newPlace(), { DOCKER_AUTH_CONFIG });

  for (const program of [programs.DOCKER_CLI, programs.BUILDX]) {
    testWith([program], `lets ${program.name} come with what we export`, async () => {
      const { env } = withVariables(newPlace(), SECRETS);
      const exported = await runBundle('registry-auth', ['export', 'docker-config'], { env });
      const { logins } = await program.send(holding(exported.stdout), IMAGES);
      expect(logins).toEqual(LOGINS);
    });

    testWith([program], `is nothing to ${program.name} with a config.json of ours`, async () => {
      const config = readConfig(places['with entries']);
      expect(Object.keys(config)).toEqual(['auths', 'plugins']);
      const { logins, said } = await program.send(holding(JSON.stringify(config)), IMAGES);
      expect(logins).toEqual(all(ANONYMOUS));
      expect(said).toContain('unknown field "plugins"');
    });
  }
});

describe('where AWS cannot be reached', () => {
  const OURS = 'public.ecr.aws/team/app';
  let place: Place;
  beforeAll(async () => {
    // Nothing listens there.
    const AWS_ENDPOINT_URL_ECR_PUBLIC = 'http://127.0.0.1:1';
    const triple = tripleOf('ECR', 'public.ecr.aws', TEAM);
    place = withVariables(newPlace(), { ...triple, AWS_ENDPOINT_URL_ECR_PUBLIC });
    const { status } = await runBundle('registry-auth', ['apply'], place);
    const { credHelpers } = readConfig(place);
    expect([status, credHelpers]).toEqual([1, { 'public.ecr.aws': 'registry-auth' }]);
  });

  for (const program of [
    programs.DOCKER_RUN,
    programs.BUILDX,
    programs.GGCR,
    programs.TESTCONTAINERS_GO,
    programs.DOCKER_PY,
  ]) {
    testWith([program], `${program.name} the public image all the same, as nobody`, async () => {
      const { logins: sent, said } = await program.send(place, [OURS]);
      expect({ sent, said }).toEqual({ sent: { [OURS]: ANONYMOUS }, said });
    });
  }

  for (const program of [programs.DOCKER_PY_BUILD, programs.TESTCONTAINERS_GO_BUILD]) {
    testWith([program], `${program.name} any public image`, async () => {
      const images = [OURS, 'nobody.example/open'];
      const { logins: sent, said } = await program.send(place, images);
      const expected = Object.fromEntries(images.map((image) => [image, ANONYMOUS]));
      expect({ sent, said }).toEqual({ sent: expected, said });
    });
  }
});

function everywhere(logins: Logins): Partial<Record<Scenario, Logins>> {
  const scenarios = Object.keys(SCENARIOS) as Scenario[];
  return Object.fromEntries(scenarios.map((scenario) => [scenario, logins]));
}

function all(login: string): Logins {
  return Object.fromEntries(IMAGES.map((image) => [image, login]));
}
