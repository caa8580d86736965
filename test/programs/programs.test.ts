import { join } from 'node:path';
import { beforeAll, describe, expect, jest } from '@jest/globals';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  withVariables,
} from '../contract/support/place.ts';
import { testWith } from '../support/needs.ts';
import { CANARY } from '../support/process.ts';
import { triples } from '../support/triples.ts';
import { ANONYMOUS, FAILS } from './support/logins.ts';
import * as programs from './support/programs.ts';

// A Java or a Python starts for each, on a machine that may be busy.
jest.setTimeout(60_000);

const ODD = `p:a$s "w'ö€`;
const HOSTS = triples({
  HUB: ['docker.io', 'hub-user', CANARY],
  PORT: ['registry.example.com:5000', 'ada', ODD],
});
const NAMESPACE = triples({ TEAM: ['quay.io/team', 'team+robot', 'of the team'] });
const SECRETS = { ...HOSTS, ...NAMESPACE };

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
  /** The namespace has no triple there. */
  'beside a credsStore that fails': { ...LOGINS, 'quay.io/team/namespace': ANONYMOUS },
};
type Scenario = keyof typeof SCENARIOS;

/** Where the registries without a triple get no answer, because the store is asked and fails. */
const STORE_ASKED = { 'quay.io/team/namespace': FAILS, 'nobody.example/open': FAILS };
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
  await apply(withVariables(besideStore, HOSTS));
  places['as nobody where nothing is written'] = newPlace();
  places['with entries'] = inFile;
  places['from where DOCKER_CONFIG says'] = named;
  places['through our helper'] = withVariables(throughHelper, SECRETS);
  places['beside a credsStore that fails'] = withVariables(besideStore, HOSTS);
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

function everywhere(logins: Logins): Partial<Record<Scenario, Logins>> {
  const scenarios = Object.keys(SCENARIOS) as Scenario[];
  return Object.fromEntries(scenarios.map((scenario) => [scenario, logins]));
}

function all(login: string): Logins {
  return Object.fromEntries(IMAGES.map((image) => [image, login]));
}
