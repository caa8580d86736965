import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseEcrHost } from '../../../src/providers/ecr/host.ts';
import { exchangeEcrKeys, explainError } from '../../../src/providers/ecr/sdk.ts';
import { type EcrStandIn, startEcrStandIn } from '../../support/ecr-stand-in.ts';
import type { RecordedRequest } from '../../support/ecr-stand-in-state.ts';
import { scratchHome } from '../../support/process.ts';

const ACCOUNT = '123456789012';
const HOST = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`;
const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'canary/secret+key' };
const SESSION = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'canary/session+key',
  sessionToken: 'canary//session//token==',
};
const MINUTES = 60_000;

let ecr: EcrStandIn;

beforeEach(async () => {
  const identities = [
    { ...KEYS, account: ACCOUNT },
    { ...SESSION, account: ACCOUNT },
  ];
  ecr = await startEcrStandIn({ identities });
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.env.AWS_ENDPOINT_URL_ECR = ecr.url;
  process.env.AWS_ENDPOINT_URL_ECR_PUBLIC = ecr.url;
  process.env.AWS_ENDPOINT_URL_STS = ecr.url;
});

afterEach(() => ecr.close());

type Keys = typeof KEYS & {
  readonly sessionToken?: string;
  readonly role?: { readonly roleArn: string; readonly externalId?: string };
};

function exchange(host: string = HOST, keys: Keys = KEYS, timeoutMs = 8_000) {
  const parsed = parseEcrHost(host);
  if (!parsed) throw new Error(`${host} is no ECR host`);
  const { accessKeyId: user, secretAccessKey: password, role, ...session } = keys;
  const triple = { user, password, ...session, ...role };
  return exchangeEcrKeys(parsed, triple, AbortSignal.timeout(timeoutMs));
}

const outcomes = () => ecr.requests.map(({ outcome }) => outcome);

describe('a token', () => {
  const request: RecordedRequest = {
    service: 'ecr',
    account: ACCOUNT,
    region: 'us-east-1',
    registryIds: [ACCOUNT],
    outcome: 'ok',
  };
  const ofPublic: RecordedRequest = { ...request, service: 'ecr-public', registryIds: undefined };
  const cases = [
    { name: 'a private registry', host: HOST, asked: request },
    {
      name: 'FIPS',
      host: `${ACCOUNT}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`,
      asked: { ...request, region: 'us-gov-west-1' },
    },
    {
      name: 'dual-stack',
      host: `${ACCOUNT}.dkr-ecr.eu-west-1.on.aws`,
      asked: { ...request, region: 'eu-west-1' },
    },
    { name: 'both', host: `${ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws`, asked: request },
    {
      name: 'China',
      host: `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
      asked: { ...request, region: 'cn-north-1' },
    },
    { name: 'ECR Public', host: 'public.ecr.aws', asked: ofPublic },
    { name: 'ECR Public, dual-stack', host: 'ecr-public.aws.com', asked: ofPublic },
  ];

  test.each(cases)('is for the account and the region in the host: $name', async (row) => {
    const token = await exchange(row.host);
    expect(ecr.requests).toEqual([row.asked]);
    const { token: secret, expiresAt } = ecr.tokens[0] ?? {};
    expect(token).toEqual({ user: 'AWS', secret, expiresAt });
  });

  test('is given for a session', async () => {
    const { user, secret } = await exchange(HOST, SESSION);
    expect(ecr.accepts(user, secret, ACCOUNT)).toBe(true);
  });

  test('is given although white space was pasted around the keys', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = SESSION;
    const pasted = {
      accessKeyId: ` ${accessKeyId}\n`,
      secretAccessKey: `${secretAccessKey} `,
      sessionToken: `${sessionToken}\r\n`,
    };
    await exchange(HOST, pasted);
    expect(outcomes()).toEqual(['ok']);
  });

  test("uses neither keys nor settings from the environment and AWS's own files", async () => {
    const file = join(scratchHome(), 'config');
    const settings = ['retry_mode = no', 'max_attempts = no', 'services = none', 'region = x'];
    writeFileSync(
      file,
      ['[default]', ...settings, 'aws_access_key_id = AKIAOTHER', '['].join('\n'),
    );
    const own = {
      AWS_CONFIG_FILE: file,
      AWS_SHARED_CREDENTIALS_FILE: tmpdir(),
      AWS_ACCESS_KEY_ID: 'AKIAOTHER',
      AWS_SECRET_ACCESS_KEY: 'other',
      AWS_SESSION_TOKEN: 'other',
      AWS_REGION: 'eu-west-3',
      AWS_USE_FIPS_ENDPOINT: 'perhaps',
      AWS_MAX_ATTEMPTS: 'many',
      AWS_RETRY_MODE: 'other',
    };
    try {
      for (const profile of ['default', 'missing']) {
        Object.assign(process.env, own, { AWS_PROFILE: profile });
        await exchange();
      }
    } finally {
      for (const name of [...Object.keys(own), 'AWS_PROFILE']) delete process.env[name];
    }
    expect(ecr.requests).toEqual([request, request]);
  });
});

describe('a refusal', () => {
  const cases = [
    { name: 'UnrecognizedClientException', keys: { ...KEYS, accessKeyId: 'AKIAIOSFODNN7EXAMPLX' } },
    {
      name: 'UnrecognizedClientException',
      keys: { accessKeyId: SESSION.accessKeyId, secretAccessKey: SESSION.secretAccessKey },
    },
    { name: 'InvalidSignatureException', keys: { ...KEYS, secretAccessKey: 'wrong' } },
    { name: 'InvalidParameterException', host: '999999999999.dkr.ecr.us-east-1.amazonaws.com' },
    { name: 'AccessDeniedException', denied: 'ecr:GetAuthorizationToken' },
    { name: 'AccessDeniedException', host: 'public.ecr.aws', denied: 'sts:GetServiceBearerToken' },
    { name: 'ExpiredTokenException', keys: SESSION, expired: true },
  ];

  test.each(cases)('of AWS comes through after one request: $name', async (row) => {
    const { name, host, keys, denied = '', expired = false } = row;
    ecr.identities = ecr.identities.map((identity) => ({ ...identity, denied, expired }));
    await expect(exchange(host, keys)).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    expect(ecr.exchanges).toBe(0);
  });

  test('is repeated for throttling, and a second try helps', async () => {
    ecr.mode = 'throttle-once';
    await exchange();
    expect(outcomes()).toEqual(['ThrottlingException', 'ok']);
  });

  test.each([
    ['throttle' as const, 'ThrottlingException'],
    ['error-500' as const, 'ServerException'],
  ])('is given up after three requests: %s', async (mode, name) => {
    ecr.mode = mode;
    await expect(exchange()).rejects.toMatchObject({ name });
    expect(outcomes()).toEqual([name, name, name]);
  });
});

describe('a clock that is off', () => {
  test.each([20, -20])('by %d minutes is corrected by the date of the refusal', async (minutes) => {
    ecr.clockOffsetMs = minutes * MINUTES;
    await exchange();
    expect(outcomes()).toEqual(['InvalidSignatureException', 'ok']);
  });

  test.each([
    [20, /^Signature expired: /],
    [-20, /^Signature not yet current: /],
  ])('by %d minutes is named when the refusal has no date', async (minutes, message) => {
    Object.assign(ecr, { clockOffsetMs: minutes * MINUTES, sendsDate: false });
    await expect(exchange()).rejects.toMatchObject({ name: 'InvalidSignatureException', message });
  });
});

describe('an endpoint', () => {
  test('that hangs is left when the signal aborts', async () => {
    ecr.mode = 'hang';
    await expect(exchange(HOST, KEYS, 200)).rejects.toMatchObject({ name: 'AbortError' });
    expect(outcomes()).toEqual(['hang']);
  });

  test('that is slow costs parallel exchanges its delay once', async () => {
    ecr.delayMs = 300;
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => exchange()));
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(ecr.exchanges).toBe(10);
  });

  const good = { authorizationToken: btoa('AWS:x'), expiresAt: 2_000_000_000 };
  test.each([
    ['HTML', '<html>Welcome</html>'],
    ['nothing', ''],
    ['JSON without data', '{}'],
    ['null', 'null'],
    ['an array', '[]'],
    ['data without a token', data({ expiresAt: 2_000_000_000 })],
    ['data without an expiry', data({ authorizationToken: good.authorizationToken })],
    ['an empty list', '{"authorizationData":[]}'],
    ['a list of null', '{"authorizationData":[null]}'],
    ['data that is text', '{"authorizationData":"text"}'],
    ['a token that is no base64', data({ ...good, authorizationToken: '???' })],
    ['a token without a colon', data({ ...good, authorizationToken: btoa('AWS') })],
    ['a token without a password', data({ ...good, authorizationToken: btoa('AWS:') })],
    ['a token that is a number', data({ ...good, authorizationToken: 5 })],
    ['an expiry that is text', data({ ...good, expiresAt: 'soon' })],
    ['an expiry after the year 9999', data({ ...good, expiresAt: 8.63e12 })],
  ])('that answers with %s is told apart', async (_name, body) => {
    ecr.rawBody = body;
    await expect(exchange()).rejects.toMatchObject({ name: 'EcrAnswerInvalid' });
  });

  test.each([200, 400, 500])('that answers %d without an end is cut off', async (status) => {
    let sent = 0;
    const endless = createServer((_, response) => {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16, ' '))) sent += 1 << 16;
      };
      response.on('drain', more);
      more();
    });
    await once(endless.listen(0, '127.0.0.1'), 'listening');
    process.env.AWS_ENDPOINT_URL_ECR = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    try {
      await expect(exchange()).rejects.toMatchObject({ name: 'EcrAnswerInvalid' });
    } finally {
      endless.closeAllConnections();
      endless.close();
    }
    // Three requests, and what is under way.
    expect(sent).toBeLessThan(30 << 20);
  });

  // No longer: the SDK's own timer goes on.
  test.each(['4', '-1', 'soon', new Date(Date.now() + 12_000).toUTCString()])(
    'that asks for a pause of %j is waited for within the budget',
    async (pause) => {
      ecr.mode = 'throttle';
      ecr.retryAfter = pause;
      const startedAt = performance.now();
      await expect(exchange(HOST, KEYS, 1_500)).rejects.toThrow();
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    },
  );

  test('that answers with a colon in the password gets the rest of it', async () => {
    ecr.rawBody = data({ ...good, authorizationToken: btoa('AWS:a:b') });
    expect(await exchange()).toEqual({ user: 'AWS', secret: 'a:b', expiresAt: 2e12 });
  });
});

function data(content: object): string {
  return JSON.stringify({ authorizationData: [content] });
}

describe('a role', () => {
  const ARN = `arn:aws:iam::${ACCOUNT}:role/pull`;
  const EXTERNAL_ID = 'canary:external/id';
  const role = { roleArn: ARN, externalId: EXTERNAL_ID };

  beforeEach(() => {
    ecr.roles = [{ arn: ARN, account: ACCOUNT, trusts: [ACCOUNT], externalId: EXTERNAL_ID }];
  });

  test.each([
    { host: HOST, region: 'us-east-1', service: 'ecr' },
    { host: `${ACCOUNT}.dkr-ecr-fips.us-west-2.on.aws`, region: 'us-west-2', service: 'ecr' },
    {
      host: `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
      region: 'cn-north-1',
      service: 'ecr',
    },
    { host: 'public.ecr.aws', region: 'us-east-1', service: 'ecr-public' },
  ])('is assumed in the region of $host, and its keys are exchanged', async (row) => {
    const { host, region, service } = row;
    const { user, secret } = await exchange(host, { ...KEYS, role });
    expect(ecr.accepts(user, secret)).toBe(true);
    expect(ecr.requests).toEqual([
      {
        service: 'sts',
        account: ACCOUNT,
        region,
        roleArn: ARN,
        sessionName: 'registry-auth',
        outcome: 'ok',
      },
      expect.objectContaining({ service, region, role: 'pull', outcome: 'ok' }),
    ]);
  });

  test('is assumed by a session too, and each time anew', async () => {
    await exchange(HOST, { ...SESSION, role });
    await exchange(HOST, { ...SESSION, role });
    expect(ecr.requests.map(({ service }) => service)).toEqual(['sts', 'ecr', 'sts', 'ecr']);
    expect(ecr.identities).toHaveLength(4);
  });

  test('that asks for no external id is sent none', async () => {
    ecr.roles = [{ arn: ARN, account: ACCOUNT, trusts: [ACCOUNT] }];
    await exchange(HOST, { ...KEYS, role: { roleArn: ARN } });
    expect(outcomes()).toEqual(['ok', 'ok']);
  });

  const problemOf = async (keys: Keys = { ...KEYS, role }, timeoutMs?: number) => {
    const parsed = parseEcrHost(HOST);
    if (!parsed) throw new Error('no host');
    const error = await exchange(HOST, keys, timeoutMs).then(
      () => undefined,
      (reason) => reason,
    );
    return explainError(error, parsed, { id: 'ACME', ...keys.role });
  };

  test.each([
    { name: 'no right to assume it', denied: 'sts:AssumeRole', code: 'ECR_PERMISSION_MISSING' },
    { name: 'another role', roleArn: `${ARN}er`, code: 'ECR_ROLE_DENIED' },
    { name: 'another external id', externalId: 'another', code: 'ECR_ROLE_DENIED' },
    { name: 'an external id that is none', externalId: 'x', code: 'ECR_ROLE_INVALID' },
    { name: 'a wrong secret', secretAccessKey: 'wrong', code: 'ECR_SECRET_WRONG' },
    { name: 'an unknown key', accessKeyId: 'AKIAIOSFODNN7EXAMPLX', code: 'ECR_KEY_UNKNOWN' },
  ])('is refused for $name after one request, and no token is asked for', async (row) => {
    const { denied = '', code, roleArn = ARN, externalId = EXTERNAL_ID, ...keys } = row;
    ecr.identities = ecr.identities.map((identity) => ({ ...identity, denied }));
    const { name: _, ...given } = keys;
    const problem = await problemOf({ ...KEYS, ...given, role: { roleArn, externalId } });
    expect(problem).toMatchObject({ code });
    expect(ecr.requests).toHaveLength(1);
    for (const secret of [EXTERNAL_ID, 'another', KEYS.secretAccessKey, ARN])
      expect(JSON.stringify(problem)).not.toContain(secret);
  });

  test('without a right of its own is told from the keys', async () => {
    ecr.roles = ecr.roles.map((one) => ({ ...one, denied: 'ecr:GetAuthorizationToken' }));
    expect(await problemOf()).toMatchObject({
      code: 'ECR_PERMISSION_MISSING',
      subject: 'ACME_CONTAINER_REGISTRY_ROLE_ARN',
    });
    expect(outcomes()).toEqual(['ok', 'AccessDeniedException']);
  });

  test('of another account gets no token for this one', async () => {
    ecr.roles = ecr.roles.map((one) => ({ ...one, account: '999999999999' }));
    expect(await problemOf()).toMatchObject({
      code: 'ECR_REGISTRY_WRONG',
      what: expect.stringMatching(/this role$/),
    });
  });

  test.each(['<html>Welcome</html>', '<html><p>Welcome', '', '{}', 'null'])(
    'that is answered with %j is told apart',
    async (body) => {
      Object.assign(ecr, { rawBody: body, spoils: 'sts' });
      expect(await problemOf()).toMatchObject({
        code: 'ECR_ANSWER_INVALID',
        what: "the answer to the request for the role's keys holds none",
      });
    },
  );

  test('that is answered with too many levels is told apart', async () => {
    Object.assign(ecr, { rawBody: '<a>'.repeat(300_000), spoils: 'sts' });
    expect(await problemOf()).toMatchObject({ code: 'ECR_ANSWER_INVALID' });
  });

  test.each([
    ['throttle' as const, 'ECR_THROTTLED', 3],
    ['error-500' as const, 'ECR_REFUSED', 3],
    ['hang' as const, 'ECR_TIMEOUT', 1],
  ])('is waited for as a token is: %s', async (mode, code, requests) => {
    Object.assign(ecr, { mode, spoils: 'sts' });
    const timeoutMs = mode === 'hang' ? 300 : undefined;
    expect(await problemOf(undefined, timeoutMs)).toMatchObject({ code });
    expect(ecr.requests).toHaveLength(requests);
  });

  test('is had although the clock is 20 minutes off', async () => {
    ecr.clockOffsetMs = 20 * MINUTES;
    await exchange(HOST, { ...KEYS, role });
    expect(outcomes()).toContain('SignatureDoesNotMatch');
    expect(ecr.exchanges).toBe(1);
  });
});

describe('without an endpoint of its own', () => {
  const agent = https.globalAgent as https.Agent & { createConnection?: unknown };
  const { createConnection } = agent;
  let asked: string[] = [];

  beforeEach(() => {
    for (const service of ['ECR', 'ECR_PUBLIC', 'STS'])
      delete process.env[`AWS_ENDPOINT_URL_${service}`];
    asked = [];
    // Says whom it would have called, and calls nobody.
    agent.createConnection = ({ host }: { readonly host: string }) => {
      asked.push(host);
      throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    };
  });

  afterEach(() => {
    agent.createConnection = createConnection;
  });

  test.each([
    ['ecr.us-east-1.amazonaws.com', 'sts.us-east-1.amazonaws.com'],
    ['ecr.us-gov-west-1.amazonaws.com', 'sts.us-gov-west-1.amazonaws.com'],
    ['ecr.cn-north-1.amazonaws.com.cn', 'sts.cn-north-1.amazonaws.com.cn'],
    ['ecr.eusc-de-east-1.amazonaws.eu', 'sts.eusc-de-east-1.amazonaws.eu'],
    ['ecr.us-isob-east-1.sc2s.sgov.gov', 'sts.us-isob-east-1.sc2s.sgov.gov'],
    ['ecr-fips.us-east-2.amazonaws.com', 'sts-fips.us-east-2.amazonaws.com'],
    ['public.ecr.aws', 'sts.us-east-1.amazonaws.com'],
    ['ecr-public.aws.com', 'sts.us-east-1.api.aws'],
  ])('a role for %s is asked for at %s alone', async (name, sts) => {
    const host = name.includes('public') ? name : `${ACCOUNT}.dkr.${name}`;
    const role = { roleArn: `arn:aws:iam::${ACCOUNT}:role/pull` };
    await expect(exchange(host, { ...KEYS, role })).rejects.toThrow();
    expect(new Set(asked)).toEqual(new Set([sts]));
  });
});
