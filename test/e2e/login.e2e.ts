import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectNoSecret } from '../support/secrets.ts';
import { loginsOf, triple } from '../support/triples.ts';
import { parseConfig, readConfig } from './support/config-file.ts';
import { type DevContainer, devcontainerUp, type Outcome } from './support/container.ts';
import { injectCredsStore } from './support/credentials-store.ts';
import { findPuller } from './support/pull.ts';
import { readyState } from './support/state.ts';

const { host, user, password, byHand, rotated } = readyState().privateRegistry;

const FIRST = triple('LOCAL', host, user, password);
const CHANGED = triple('LOCAL', host, rotated.user, rotated.password);
const LOGIN = `printf %s "$BY_HAND" | docker login --username ${byHand.user} --password-stdin ${host}`;

type Case = {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly credsStore: boolean;
  readonly helper: string | undefined;
};

const cases: Case[] = [
  { name: 'entries in the file', options: {}, credsStore: false, helper: undefined },
  { name: 'a broken credsStore', options: {}, credsStore: true, helper: 'registry-auth' },
  {
    name: 'credentials: helper',
    options: { credentials: 'helper' },
    credsStore: false,
    helper: 'registry-auth',
  },
];

describe.each(cases)('docker login and logout by hand, with $name', (one) => {
  let container: DevContainer;
  let gone: Outcome;
  beforeAll(async () => {
    const { options } = one;
    // As in a codespace, where the environment is known to be complete.
    const containerEnv = { CODESPACES: 'true' };
    container = await devcontainerUp({ user: 'dev', options, secrets: FIRST, containerEnv });
    if (!one.credsStore) return;
    await injectCredsStore(container);
    await container.restart();
  });
  afterAll(() => container.down());

  /**
   * Whom docker pulls as: in a terminal that has the secrets, as in a codespace, and in one that
   * has not.
   */
  const pullers = async (secrets: Readonly<Record<string, string>>) => ({
    withSecrets: await findPuller(container, { env: secrets }),
    without: await findPuller(container),
  });
  const both = (puller: unknown) => ({ withSecrets: puller, without: puller });

  test('the way docker takes is the one that is meant here', async () => {
    expect(parseConfig(await readConfig(container)).credHelpers?.[host]).toBe(one.helper);
    expect(await findPuller(container, { env: FIRST })).toBe(user);
  });

  test('a login is honoured at once, and still after a restart', async () => {
    const env = { ...FIRST, BY_HAND: byHand.password };
    expect(await container.exec(LOGIN, { env })).toMatchObject({ status: 0 });
    expect(await pullers(FIRST)).toEqual(both(byHand.user));
    expect(await container.restart()).toMatchObject({ status: 0 });
    expect(await pullers(FIRST)).toEqual(both(byHand.user));
  });

  test('so is one made in a shell without the secrets', async () => {
    const env = { BY_HAND: byHand.password };
    expect(await container.exec(LOGIN, { env })).toMatchObject({ status: 0 });
    expect(await container.restart()).toMatchObject({ status: 0 });
    expect(await pullers(FIRST)).toEqual(both(byHand.user));
  });

  test('a secret that changes afterwards is the newer one', async () => {
    container.setSecrets(CHANGED);
    expect(await container.restart()).toMatchObject({ status: 0 });
    expect(await findPuller(container, { env: CHANGED })).toBe(rotated.user);
    // What was replaced waits in our record, for the end of the secret.
    const { auths } = parseConfig(await readConfig(container));
    expectNoSecret(JSON.stringify(auths), [byHand]);
  });

  test.each([
    ['with', CHANGED],
    ['without', {}],
  ])('a logout is honoured at once, in a shell %s the secrets', async (_, env) => {
    expect(await container.exec(`docker logout ${host}`, { env })).toMatchObject({ status: 0 });
    expect(await pullers(CHANGED)).toEqual(
      both(expect.stringMatching(/^refused: .*no basic auth/s)),
    );
  });

  test('a login after a logout is honoured', async () => {
    const env = { BY_HAND: byHand.password };
    expect(await container.exec(LOGIN, { env })).toMatchObject({ status: 0 });
    expect(await pullers(CHANGED)).toEqual(both(byHand.user));
  });

  test('a login outlives the secret that it was made over', async () => {
    container.setSecrets({});
    gone = await container.restart();
    expect(gone).toMatchObject({ status: 0 });
    const text = await readConfig(container);
    expect(parseConfig(text).credHelpers?.[host]).toBeUndefined();
    expect(loginsOf(text)[host]).toBe(`${byHand.user}:${byHand.password}`);
  });

  test('the hook that finds the secret gone does not say that it has not changed', () => {
    expect(gone.output).toContain('registry-auth: ');
    expect(gone.output).not.toContain('the secret has not changed');
  });
});
