import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Desk, type DockerJson } from '../support/desk.ts';

type Triples = Record<string, [string, string, string]>;

const SERVERS = ['r.io', 'docker.io', 'q.io/team', 's.io:443'];
const triples: fc.Arbitrary<Triples> = fc.dictionary(
  fc.constantFrom('A', 'B', 'C'),
  fc.tuple(fc.constantFrom(...SERVERS), fc.constantFrom('u', 'v'), fc.constantFrom('1', '2', '3')),
);
/** Keys that no triple here can want. */
const foreignKey = fc.constantFrom('foreign.io', 'https://other.io/v1/', 'f.io:5000');
const ourKey = fc.constantFrom('r.io', 'docker.io', 'https://index.docker.io/v1/', 'q.io', 's.io');
const entry = fc.constantFrom({ auth: 'Zm9yOmVpZ24=' }, { auth: 'Zm9yOmVpZ24=', note: [1] }, {});

const start = fc
  .record({
    auths: fc.option(fc.dictionary(fc.oneof(foreignKey, ourKey), entry)),
    credHelpers: fc.option(
      fc.dictionary(fc.oneof(foreignKey, ourKey), fc.constantFrom('gcloud', 'pass')),
    ),
    credsStore: fc.option(fc.constant('desktop')),
    rest: fc.dictionary(
      fc.constantFrom('psFormat', '10', '2', '__proto__', 'HttpHeaders'),
      fc.jsonValue(),
    ),
  })
  .chain(({ rest, ...known }) => {
    const some = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null));
    return fc
      .constantFrom(0, 2, '\t')
      .map((indent) => JSON.stringify({ ...rest, ...some }, null, indent));
  });
const anyStart = fc.oneof(start, fc.constantFrom('', '{}', '{ }\n', undefined));

type Step = (desk: Desk) => void;
const options = fc.record({
  mode: fc.constantFrom('file' as const, 'helper' as const),
  prune: fc.boolean(),
  force: fc.boolean(),
});
const ourStep: fc.Arbitrary<Step> = fc.tuple(triples, options).map(
  ([env, how]) =>
    (desk) =>
      void desk.apply(env, how),
);
const login: fc.Arbitrary<Step> = fc
  .tuple(fc.oneof(foreignKey, ourKey), fc.constantFrom('x', 'y'))
  .map(
    ([key, password]) =>
      (desk) =>
        desk.dockerLogin(key, 'hand', password),
  );
const store: fc.Arbitrary<Step> = fc.constantFrom('a', undefined).map(
  (name) => (desk) =>
    desk.rewrite((config) => {
      delete config.credsStore;
      if (name) config.credsStore = name;
    }),
);

function foreignPart({
  auths = {},
  credHelpers = {},
  credsStore: _,
  ...rest
}: DockerJson): unknown {
  const foreign = ['foreign.io', 'https://other.io/v1/', 'f.io:5000'];
  const pick = (record: object) => Object.entries(record).filter(([key]) => foreign.includes(key));
  return [pick(auths), pick(credHelpers), Object.entries(rest)];
}

describe('for any file and any sequence of what may happen to it', () => {
  test('a final logout gives back the bytes of the beginning where no one else wrote', () => {
    fc.assert(
      fc.property(anyStart, fc.array(ourStep, { maxLength: 6 }), (text, steps) => {
        const desk = new Desk(text);
        for (const step of steps) step(desk);
        desk.logout();
        expect(desk.texts).toEqual({ config: text, ledger: undefined });
      }),
      { numRuns: 500 },
    );
  });

  test('what is not ours is untouched by every step of ours', () => {
    const others = fc.oneof(login, store).map((step) => ({ step, isOurs: false }));
    const ours = ourStep.map((step) => ({ step, isOurs: true }));
    const last = { step: (desk: Desk) => void desk.logout(), isOurs: true };
    fc.assert(
      fc.property(anyStart, fc.array(fc.oneof(ours, others), { maxLength: 8 }), (text, steps) => {
        const desk = new Desk(text);
        for (const { step, isOurs } of [...steps, last]) {
          const before = foreignPart(desk.config);
          step(desk);
          if (isOurs) expect(foreignPart(desk.config)).toEqual(before);
        }
      }),
    );
  });

  test('applying twice is applying once, and the second time nothing is written', () => {
    fc.assert(
      fc.property(
        anyStart,
        fc.array(fc.oneof(ourStep, login, store), { maxLength: 4 }),
        triples,
        options,
        (text, steps, env, how) => {
          const desk = new Desk(text);
          for (const step of steps) step(desk);
          desk.apply(env, how);
          expect(desk.apply(env, { ...how, force: false }).change).toEqual({});
        },
      ),
      { numRuns: 300 },
    );
  });

  test('every wanted key has an entry or a helper afterwards', () => {
    fc.assert(
      fc.property(
        anyStart,
        fc.array(fc.oneof(ourStep, login, store), { maxLength: 4 }),
        triples,
        options,
        (text, steps, env, how) => {
          const desk = new Desk(text);
          for (const step of steps) step(desk);
          const { keys, problems } = desk.apply(env, how);
          if (problems.some(({ code }) => code.startsWith('CONFIG'))) return;
          const { auths = {}, credHelpers = {} } = desk.config;
          for (const { key, outcome } of keys) {
            if (outcome === 'written' || outcome === 'unchanged')
              expect(key in auths || key in credHelpers).toBe(true);
          }
        },
      ),
    );
  });
});

describe('when something stops us between two writes', () => {
  test('what was replaced is in the ledger before config.json changes', () => {
    const desk = new Desk('{"auths":{"r.io":{"auth":"dGhlbTpvbGQ="}}}');
    const { texts } = desk;
    const { change } = desk.apply({ A: ['r.io', 'u', '1'] });
    desk.texts = { config: texts.config, ledger: change.before };
    desk.apply({ A: ['r.io', 'u', '1'] });
    expect(desk.logins).toEqual({ 'r.io': 'u:1' });
    desk.logout();
    expect(desk.texts).toEqual({ config: texts.config, ledger: undefined });
  });

  test('an update is made the next time', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { texts } = desk;
    const { change } = desk.apply({ A: ['r.io', 'u', '2'] });
    desk.texts = { config: texts.config, ledger: change.before ?? texts.ledger };
    expect(desk.apply({ A: ['r.io', 'u', '2'] }).keys).toEqual([
      { key: 'r.io', id: 'A', provider: 'other', outcome: 'written' },
    ]);
    expect(desk.logins).toEqual({ 'r.io': 'u:2' });
  });

  test('a removal is made the next time', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { texts } = desk;
    const { change } = desk.apply({}, { prune: true });
    desk.texts = { config: texts.config, ledger: change.before ?? texts.ledger };
    desk.apply({}, { prune: true });
    expect(desk.texts).toEqual({ config: undefined, ledger: undefined });
  });
});

describe('a ledger', () => {
  test('that is damaged is set aside, said, and costs nobody an entry', () => {
    const desk = new Desk();
    desk.apply({ A: ['r.io', 'u', '1'] });
    const { config } = desk.texts;
    desk.texts = { config, ledger: '{"version":1,"rows":{"r.io":7}}' };
    const { change, notices } = desk.apply({ A: ['r.io', 'u', '1'] }, { now: 42 });
    expect(change).toMatchObject({
      setAside: 'registry-auth.json.damaged-42',
      ledger: expect.any(String),
    });
    expect(notices.map(({ code }) => code)).toEqual(['LEDGER_DAMAGED']);
    expect(desk.texts.config).toBe(config);
  });

  test('from a newer version is left alone, and config.json with it', () => {
    const desk = new Desk('{}');
    desk.texts = { config: '{}', ledger: '{"version":2,"shape":"of tomorrow"}' };
    const { change, problems } = desk.apply({ A: ['r.io', 'u', '1'] });
    expect(change).toEqual({});
    expect(problems.map(({ code }) => code)).toEqual(['LEDGER_NEWER']);
  });

  test.each(['', 'null', '[]', '{}', '{"version":"1"}', 'not json', '{"version":0}'])(
    'is damaged when it reads %j',
    (text) => {
      const desk = new Desk('{}');
      desk.texts = { config: '{}', ledger: text };
      expect(desk.apply({}).notices.map(({ code }) => code)).toEqual(['LEDGER_DAMAGED']);
    },
  );
});

test('a config.json that cannot be preserved is left alone, with line and column', () => {
  const desk = new Desk('{\n  "auths": {\n    "a.io": {"auth": "broken"}\n  }\n}\n');
  const { change, problems } = desk.apply({ A: ['r.io', 'u', '1'] });
  expect(change).toEqual({});
  expect(problems).toEqual([
    {
      code: 'CONFIG_ENTRY_UNDECODABLE',
      subject: '~/.docker/config.json',
      what: 'holds an entry whose auth is not the base64 form of user:password (line 3, column 13); left unchanged',
      fix: 'repair or move the file, then run registry-auth apply',
    },
  ]);
});
