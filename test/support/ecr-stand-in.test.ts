import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type SigningKeys, sign } from 'aws4';
import { type EcrStandIn, startEcrStandIn } from './ecr-stand-in.ts';

const KEYS: SigningKeys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
const SESSION = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'session',
  sessionToken: 'token',
};
const ACCOUNT = '123456789012';
const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';
const PUBLIC_TARGET = 'SpencerFrontendService.GetAuthorizationToken';
const MINUTE = 60_000;

let ecr: EcrStandIn;

beforeEach(async () => {
  const identities = [KEYS, SESSION].map((keys) => ({ ...keys, account: ACCOUNT }));
  ecr = await startEcrStandIn({ identities });
});

afterEach(() => ecr.close());

type Call = {
  keys?: SigningKeys;
  target?: string;
  service?: string;
  region?: string;
  body?: string;
  headers?: Record<string, string>;
  /** Done to the request after it was signed. */
  tamper?: (request: { headers: Record<string, string>; body: string | Buffer }) => void;
};

async function call(call: Call = {}) {
  const { keys = KEYS, target = TARGET, service = 'ecr', region = 'us-east-1' } = call;
  const body = call.body ?? JSON.stringify({ registryIds: [ACCOUNT] });
  const headers = {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': target,
    ...call.headers,
  };
  const { host } = new URL(ecr.url);
  const request = sign(
    { method: 'POST', host, path: '/', service, region, headers, body },
    { ...keys },
  );
  call.tamper?.(request);
  const { Host, 'Content-Length': _length, ...sent } = request.headers;
  const given = request.body.toString();
  const response = await fetch(ecr.url, { method: 'POST', headers: sent, body: given });
  const text = await response.text();
  return { status: response.status, headers: response.headers, content: text && JSON.parse(text) };
}

const dated = (offset: number) => ({
  'X-Amz-Date': new Date(Date.now() + offset).toISOString().replace(/[-:]|\.\d{3}/g, ''),
});

describe('a good request', () => {
  test('gets a private token that tells its expiry', async () => {
    const { status, content } = await call();
    const [{ authorizationToken, expiresAt, proxyEndpoint }] = content.authorizationData;
    const [user, password = ''] = atob(authorizationToken).split(':');
    const token = JSON.parse(atob(password));
    expect([status, user, token.version, token.type]).toEqual([200, 'AWS', '2', 'DATA_KEY']);
    expect(token.expiration).toBe(expiresAt);
    expect(proxyEndpoint).toBe(`https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`);
    expect(ecr.exchanges).toBe(1);
  });

  test('gets a public token without an endpoint', async () => {
    const { content } = await call({ target: PUBLIC_TARGET, service: 'ecr-public', body: '{}' });
    expect(Object.keys(content.authorizationData)).toEqual(['authorizationToken', 'expiresAt']);
    expect(ecr.tokens).toMatchObject([{ service: 'ecr-public', account: ACCOUNT }]);
  });

  test('gets one for a session, and within five minutes of skew', async () => {
    expect((await call({ keys: SESSION })).status).toBe(200);
    expect((await call({ headers: dated(4 * MINUTE) })).status).toBe(200);
    expect((await call({ headers: dated(-4 * MINUTE) })).status).toBe(200);
  });
});

const bodyHash = { 'X-Amz-Content-Sha256': '0'.repeat(64) };
const refusals: (Call & { name: string; error: string; message?: RegExp })[] = [
  {
    name: 'an unknown key',
    keys: { ...KEYS, accessKeyId: 'AKIAOTHER' },
    error: 'UnrecognizedClientException',
  },
  {
    name: 'a wrong secret',
    keys: { ...KEYS, secretAccessKey: 'x' },
    error: 'InvalidSignatureException',
  },
  {
    name: 'another body',
    tamper: (request) => {
      request.body = JSON.stringify({ registryIds: ['999999999999'] });
    },
    error: 'InvalidSignatureException',
  },
  { name: 'another hash', headers: bodyHash, error: 'InvalidSignatureException' },
  {
    name: 'another signed header',
    tamper: ({ headers }) => {
      headers['Content-Type'] = 'application/json';
    },
    error: 'InvalidSignatureException',
  },
  {
    name: 'a target that is not signed',
    tamper: ({ headers }) => {
      headers.Authorization = (headers.Authorization ?? '').replace(';x-amz-target', '');
    },
    error: 'InvalidSignatureException',
    message: /must be a 'SignedHeader'/,
  },
  {
    name: 'a date in the past',
    headers: dated(-6 * MINUTE),
    error: 'InvalidSignatureException',
    message: /^Signature expired: \w+ is now earlier than \w+ \(\w+ - 5 min\.\)$/,
  },
  {
    name: 'a date in the future',
    headers: dated(6 * MINUTE),
    error: 'InvalidSignatureException',
    message: /^Signature not yet current: /,
  },
  {
    name: 'another service',
    service: 'ecr-public',
    error: 'InvalidSignatureException',
    message: /correct service: 'ecr'/,
  },
  {
    name: 'another region of ECR Public',
    target: PUBLIC_TARGET,
    service: 'ecr-public',
    region: 'eu-west-1',
    error: 'InvalidSignatureException',
    message: /valid region/,
  },
  {
    name: 'no session token',
    keys: { accessKeyId: SESSION.accessKeyId, secretAccessKey: SESSION.secretAccessKey },
    error: 'UnrecognizedClientException',
  },
  {
    name: 'another session token',
    keys: { ...SESSION, sessionToken: 'x' },
    error: 'UnrecognizedClientException',
  },
  {
    name: 'no signature',
    tamper: ({ headers }) => {
      delete headers.Authorization;
    },
    error: 'MissingAuthenticationTokenException',
  },
  {
    name: 'half a signature',
    tamper: ({ headers }) => {
      headers.Authorization = 'AWS4-HMAC-SHA256 Credential=x';
    },
    error: 'IncompleteSignatureException',
  },
  {
    name: 'another account',
    body: '{"registryIds":["999999999999"]}',
    error: 'InvalidParameterException',
  },
  { name: 'no account', body: '{}', error: 'InvalidParameterException' },
  { name: 'another target', target: 'Other.DescribeAll', error: 'UnknownOperationException' },
];

describe('a request', () => {
  test.each(refusals)('is refused for $name', async ({ error, message = /^/, ...rest }) => {
    const { status, headers, content } = await call(rest);
    expect([status, headers.get('x-amzn-ErrorType'), content.__type]).toEqual([400, error, error]);
    expect(content.message).toMatch(message);
    expect(headers.get('date')).not.toBeNull();
    expect(ecr.requests).toMatchObject([{ outcome: error }]);
    expect(ecr.exchanges).toBe(0);
  });

  test('is refused for a region that is not wanted, an expired session, a missing permission', async () => {
    ecr.region = 'eu-west-1';
    expect((await call()).content.message).toBe('Credential should be scoped to a valid region.');
    ecr.region = undefined;
    for (const identity of ecr.identities) identity.expired = true;
    expect((await call({ keys: SESSION })).content.__type).toBe('ExpiredTokenException');
    for (const identity of ecr.identities) {
      Object.assign(identity, { expired: false, denied: 'ecr:GetAuthorizationToken' });
    }
    expect((await call()).content.message).toMatch(
      /^User: arn:aws:iam::123456789012:user\/ci is not authorized to perform: ecr:GetAuthorizationToken on resource: \*/,
    );
  });

  test('leaves no key, secret or token in what is recorded', async () => {
    await call({ keys: SESSION });
    const record = JSON.stringify(ecr.requests);
    for (const secret of Object.values(SESSION)) expect(record).not.toContain(secret);
  });
});

describe('a token', () => {
  test('is accepted for its owner until it expires', async () => {
    await call();
    const [{ token } = { token: '' }] = ecr.tokens;
    expect(ecr.accepts('AWS', token)).toBe(true);
    expect(ecr.accepts('AWS', token, ACCOUNT)).toBe(true);
    expect(ecr.accepts('AWS', token, '999999999999')).toBe(false);
    expect(ecr.accepts('AWS', token, 'ecr-public')).toBe(false);
    expect(ecr.accepts('aws', token)).toBe(false);
    expect(ecr.accepts('AWS', `${token}x`)).toBe(false);
    ecr.clockOffsetMs = 13 * 60 * MINUTE;
    expect(ecr.accepts('AWS', token)).toBe(false);
  });
});

describe('a role', () => {
  const ROLE = `arn:aws:iam::${ACCOUNT}:role/pull`;
  const FORM = {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'test',
    ExternalId: 'external:id',
  };

  beforeEach(() => {
    ecr.roles = [
      { arn: ROLE, account: ACCOUNT, trusts: [ACCOUNT], externalId: FORM.ExternalId },
      { arn: `${ROLE}-others`, account: ACCOUNT, trusts: ['999999999999'] },
    ];
  });

  type Assume = Pick<Call, 'keys' | 'service' | 'region' | 'headers' | 'tamper'> & {
    readonly form?: Readonly<Record<string, string>>;
  };

  async function assume({ form = FORM, keys = KEYS, ...given }: Assume = {}) {
    const { service = 'sts', region = 'us-east-1' } = given;
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    const headers = { ...type, ...given.headers };
    const { host } = new URL(ecr.url);
    const request = sign(
      { method: 'POST', host, path: '/', service, region, headers, body },
      { ...keys },
    );
    given.tamper?.(request);
    const { Host, 'Content-Length': _length, ...sent } = request.headers;
    const text = request.body.toString();
    const response = await fetch(ecr.url, { method: 'POST', headers: sent, body: text });
    const answer = await response.text();
    const tag = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1] ?? '';
    return { status: response.status, type: response.headers.get('content-type'), tag };
  }

  test('gives keys that a token can be had with, together with their session token', async () => {
    const { status, type, tag } = await assume();
    expect([status, type]).toEqual([200, 'text/xml']);
    const keys = {
      accessKeyId: tag('AccessKeyId'),
      secretAccessKey: tag('SecretAccessKey'),
      sessionToken: tag('SessionToken'),
    };
    expect(keys.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect((await call({ keys })).status).toBe(200);
    const { sessionToken: _, ...bare } = keys;
    expect((await call({ keys: bare })).content.__type).toBe('UnrecognizedClientException');
    expect(ecr.requests[0]).toEqual({
      service: 'sts',
      account: ACCOUNT,
      region: 'us-east-1',
      registryIds: undefined,
      roleArn: ROLE,
      sessionName: 'test',
      outcome: 'ok',
    });
    ecr.clockOffsetMs = 61 * MINUTE;
    const later = await call({ keys, headers: dated(61 * MINUTE) });
    expect(later.content.__type).toBe('ExpiredTokenException');
    for (const secret of [keys.secretAccessKey, keys.sessionToken, FORM.ExternalId])
      expect(JSON.stringify(ecr.requests)).not.toContain(secret);
  });

  const { ExternalId: _, ...withoutExternalId } = FORM;
  const cases: (Assume & { name: string; error: string; status?: number })[] = [
    { name: 'ECR in the signature', service: 'ecr', error: 'SignatureDoesNotMatch' },
    {
      name: 'a wrong secret',
      keys: { ...KEYS, secretAccessKey: 'x' },
      error: 'SignatureDoesNotMatch',
    },
    {
      name: 'another form than was signed',
      tamper: (request) => {
        request.body = new URLSearchParams({ ...FORM, RoleArn: `${ROLE}-others` }).toString();
      },
      error: 'SignatureDoesNotMatch',
    },
    { name: 'a date in the past', headers: dated(-6 * MINUTE), error: 'SignatureDoesNotMatch' },
    {
      name: 'an unknown key',
      keys: { ...KEYS, accessKeyId: 'AKIAX' },
      error: 'InvalidClientTokenId',
    },
    {
      name: 'a session without its token',
      keys: { accessKeyId: SESSION.accessKeyId, secretAccessKey: SESSION.secretAccessKey },
      error: 'InvalidClientTokenId',
    },
    { name: 'an unknown role', form: { ...FORM, RoleArn: `${ROLE}x` }, error: 'AccessDenied' },
    {
      name: 'a role that trusts others',
      form: { ...FORM, RoleArn: `${ROLE}-others` },
      error: 'AccessDenied',
    },
    { name: 'another external id', form: { ...FORM, ExternalId: 'other' }, error: 'AccessDenied' },
    { name: 'no external id', form: withoutExternalId, error: 'AccessDenied' },
    {
      name: 'a short external id',
      form: { ...FORM, ExternalId: 'x' },
      error: 'ValidationError',
      status: 400,
    },
    {
      name: 'a session name with a space',
      form: { ...FORM, RoleSessionName: 'a b' },
      error: 'ValidationError',
      status: 400,
    },
    { name: 'no ARN', form: { ...FORM, RoleArn: 'pull' }, error: 'ValidationError', status: 400 },
    {
      name: 'another action',
      form: { ...FORM, Action: 'GetFederationToken' },
      error: 'InvalidAction',
      status: 400,
    },
  ];

  test.each(cases)('is refused for $name', async ({ error, status = 403, ...given }) => {
    const answer = await assume(given);
    expect([answer.status, answer.tag('Code')]).toEqual([status, error]);
    expect(ecr.requests).toMatchObject([{ outcome: error }]);
    expect(ecr.identities).toHaveLength(2);
  });

  test('is refused for a region that is not wanted', async () => {
    ecr.region = 'eu-west-1';
    expect((await assume()).tag('Message')).toContain('valid region');
  });
});
