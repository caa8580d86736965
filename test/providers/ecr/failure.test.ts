import { describe, expect, test } from '@jest/globals';
import { type EcrFailure, explainError } from '../../../src/providers/ecr/failure.ts';
import type { EcrHost } from '../../../src/providers/ecr/host.ts';
import { findKeyProblem, findTokenExpiry, isAccessKeyId } from '../../../src/providers/ecr/keys.ts';

const PRIVATE: EcrHost = {
  kind: 'private',
  host: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  account: '123456789012',
  region: 'us-east-1',
  fips: false,
  dualStack: false,
};
const PUBLIC: EcrHost = { kind: 'public', host: 'public.ecr.aws' };
const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
const denied = (action: string) =>
  `User: arn:aws:iam::123456789012:user/${KEY_ID} is not authorized to perform: ${action} on resource: *`;

const ROLE = {
  roleArn: 'arn:aws:iam::123456789012:role/canary-role',
  externalId: 'canary-external-id',
};
const ELSEWHERE = { roleArn: 'arn:aws:iam::210987654321:role/canary-role' };
const OF_ROLE = { isOfRole: true, role: ROLE };
const NOT_ASSUMED = denied('sts:AssumeRole');

type Row = Partial<EcrFailure> & {
  code: string;
  subject: string;
  what?: RegExp;
  fix?: RegExp;
  host?: EcrHost;
  role?: Partial<typeof ROLE>;
};

const rows: Row[] = [
  { name: 'UnrecognizedClientException', code: 'ECR_KEY_UNKNOWN', subject: 'USER' },
  { name: 'InvalidClientTokenId', code: 'ECR_KEY_UNKNOWN', subject: 'USER' },
  { name: 'TypeError', errno: 'ERR_INVALID_CHAR', code: 'ECR_KEY_UNKNOWN', subject: 'USER' },
  { name: 'InvalidSignatureException', code: 'ECR_SECRET_WRONG', subject: 'PASSWORD' },
  { name: 'SignatureDoesNotMatch', code: 'ECR_SECRET_WRONG', subject: 'PASSWORD' },
  { name: 'IncompleteSignatureException', code: 'ECR_SECRET_WRONG', subject: 'PASSWORD' },
  {
    name: 'InvalidSignatureException',
    message: 'Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z',
    code: 'ECR_CLOCK_SKEWED',
    subject: '',
  },
  {
    name: 'InvalidSignatureException',
    message: 'Signature not yet current: 20260101T000000Z is still later than 20250101T001500Z',
    code: 'ECR_CLOCK_SKEWED',
    subject: '',
  },
  { name: 'RequestTimeTooSkewed', code: 'ECR_CLOCK_SKEWED', subject: '' },
  {
    name: 'InvalidSignatureException',
    message: 'Credential should be scoped to a valid region.',
    code: 'ECR_REGISTRY_WRONG',
    subject: 'SERVER',
  },
  { name: 'ExpiredTokenException', code: 'ECR_SESSION_EXPIRED', subject: 'SESSION_TOKEN' },
  ...['ecr', 'ecr-public'].map((service) => ({
    name: 'AccessDeniedException',
    message: denied(`${service}:GetAuthorizationToken`),
    code: 'ECR_PERMISSION_MISSING',
    subject: 'USER',
    what: new RegExp(` ${service}:GetAuthorizationToken$`),
  })),
  {
    name: 'AccessDeniedException',
    message: denied('sts:GetServiceBearerToken'),
    code: 'ECR_PERMISSION_MISSING',
    subject: 'USER',
    what: / sts:GetServiceBearerToken$/,
  },
  {
    name: 'AccessDeniedException',
    message: denied('ecr:GetAuthorizationTokenOfSomeone'),
    code: 'ECR_PERMISSION_MISSING',
    subject: 'USER',
    what: /^its policy does not allow to get a token$/,
  },
  { name: 'InvalidParameterException', code: 'ECR_REGISTRY_WRONG', subject: 'SERVER' },
  { name: 'ThrottlingException', code: 'ECR_THROTTLED', subject: '' },
  { name: 'TooManyRequestsException', code: 'ECR_THROTTLED', subject: '' },
  { name: 'Unknown', httpStatus: 429, code: 'ECR_THROTTLED', subject: '' },
  ...['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'EPROTO'].map(
    (errno) => ({
      name: 'Error',
      errno,
      code: 'ECR_UNREACHABLE',
      subject: '',
      what: /cannot be reached/,
    }),
  ),
  { name: 'TimeoutError', errno: 'ECONNREFUSED', code: 'ECR_UNREACHABLE', subject: '' },
  ...[
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ].map((errno) => ({
    name: 'Error',
    errno,
    code: 'ECR_UNREACHABLE',
    subject: '',
    what: /certificate/,
  })),
  { name: 'AbortError', code: 'ECR_TIMEOUT', subject: '' },
  { name: 'TimeoutError', errno: 'ETIMEDOUT', code: 'ECR_TIMEOUT', subject: '' },
  { name: 'EcrAnswerInvalid', code: 'ECR_ANSWER_INVALID', subject: '' },
  {
    name: 'ServerException',
    httpStatus: 500,
    code: 'ECR_REFUSED',
    subject: '',
    what: / \(ServerException, HTTP 500\)$/,
  },
  {
    ...OF_ROLE,
    name: 'AccessDenied',
    message: `${NOT_ASSUMED} because no identity-based policy allows the sts:AssumeRole action`,
    code: 'ECR_PERMISSION_MISSING',
    subject: 'USER',
    what: / sts:AssumeRole for the role in ROLE_ARN$/,
  },
  {
    ...OF_ROLE,
    name: 'AccessDenied',
    message: `${NOT_ASSUMED} because no role trust policy allows the sts:AssumeRole action`,
    code: 'ECR_ROLE_DENIED',
    subject: 'ROLE_ARN',
    what: /trust policy/,
    fix: /^check that the role's trust policy names the identity of the key, and EXTERNAL_ID$/,
  },
  {
    ...OF_ROLE,
    name: 'AccessDenied',
    message: NOT_ASSUMED,
    code: 'ECR_ROLE_DENIED',
    subject: 'ROLE_ARN',
    what: /^not a role that this key may assume$/,
    fix: /^check the account in it, its name, .*sts:AssumeRole,.* and EXTERNAL_ID$/,
  },
  {
    ...OF_ROLE,
    role: ELSEWHERE,
    name: 'AccessDenied',
    message: NOT_ASSUMED,
    code: 'ECR_ROLE_DENIED',
    subject: 'ROLE_ARN',
    fix: /^check the account in it, which is not SERVER's, .*, and that it asks for no EXTERNAL_ID$/,
  },
  {
    ...OF_ROLE,
    role: ELSEWHERE,
    host: PUBLIC,
    name: 'AccessDenied',
    message: NOT_ASSUMED,
    code: 'ECR_ROLE_DENIED',
    subject: 'ROLE_ARN',
    fix: /^check the account in it, its name/,
  },
  {
    role: ROLE,
    name: 'AccessDeniedException',
    message: denied('ecr:GetAuthorizationToken'),
    code: 'ECR_PERMISSION_MISSING',
    subject: 'ROLE_ARN',
    what: / ecr:GetAuthorizationToken$/,
    fix: / for the role$/,
  },
  {
    role: ROLE,
    name: 'InvalidParameterException',
    code: 'ECR_REGISTRY_WRONG',
    subject: 'SERVER',
    what: /with this role$/,
  },
  { ...OF_ROLE, name: 'ValidationError', code: 'ECR_ROLE_INVALID', subject: 'ROLE_ARN' },
  {
    ...OF_ROLE,
    name: 'RegionDisabledException',
    code: 'ECR_ROLE_DENIED',
    subject: 'SERVER',
    what: /switched off AWS STS/,
  },
  { ...OF_ROLE, name: 'InvalidClientTokenId', code: 'ECR_KEY_UNKNOWN', subject: 'USER' },
  { ...OF_ROLE, name: 'SignatureDoesNotMatch', code: 'ECR_SECRET_WRONG', subject: 'PASSWORD' },
  {
    ...OF_ROLE,
    name: 'SignatureDoesNotMatch',
    message: "Credential should be scoped to a valid region, not 'x'.",
    code: 'ECR_REGISTRY_WRONG',
    subject: 'SERVER',
  },
  {
    ...OF_ROLE,
    name: 'SignatureDoesNotMatch',
    message: 'Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z',
    code: 'ECR_CLOCK_SKEWED',
    subject: '',
  },
  { ...OF_ROLE, name: 'ExpiredToken', code: 'ECR_SESSION_EXPIRED', subject: 'SESSION_TOKEN' },
  { ...OF_ROLE, name: 'Throttling', code: 'ECR_THROTTLED', subject: '' },
  {
    ...OF_ROLE,
    name: 'EcrAnswerInvalid',
    code: 'ECR_ANSWER_INVALID',
    subject: '',
    what: /the role's keys/,
  },
  {
    name: `Key ${KEY_ID}`,
    code: 'ECR_REFUSED',
    subject: '',
    what: /^no token from AWS$/,
  },
  // As long as the shortest secret of AWS's, which a server in its place has got.
  { name: 'canary'.padEnd(40, 'x'), code: 'ECR_REFUSED', subject: '', what: /^no token from AWS$/ },
];

describe('a failure', () => {
  test.each(rows)('$name $errno $message is $code', (row) => {
    const { code, subject, what = /./, fix = /./, host = PRIVATE, role, ...failure } = row;
    const { name = '', errno, httpStatus, isOfRole } = failure;
    const message = failure.message ?? `${KEY_ID} 123456789012 ${PRIVATE.host}`;
    const $metadata = { httpStatusCode: httpStatus };
    const error = { name, message, code: errno, $metadata, isOfRole };
    const problem = explainError(error, host, { id: 'ACME', ...role });
    expect(problem).toMatchObject({
      code,
      subject: subject === '' ? 'ACME' : `ACME_CONTAINER_REGISTRY_${subject}`,
      what: expect.stringMatching(what),
      fix: expect.stringMatching(fix),
    });
    const text = JSON.stringify(problem);
    for (const secret of [KEY_ID, '123456789012', '210987654321', 'amazonaws', 'canary'])
      expect(text).not.toContain(secret);
  });

  test.each([
    ['private', PRIVATE, 'ecr:GetAuthorizationToken'],
    ['public', PUBLIC, 'ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken'],
  ])('without a named permission names all that a %s registry needs', (_kind, host, needed) => {
    const failure = { name: 'AccessDeniedException', message: '' };
    expect(explainError(failure, host, { id: 'ACME' }).fix).toBe(
      `allow ${needed} on resource * for the identity that the key belongs to`,
    );
  });
});

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

describe('keys', () => {
  test.each([
    [SECRET, KEY_ID, true],
    [SECRET, ` ${KEY_ID}\n`, true],
    [SECRET, 'ASIAIOSFODNN7EXAMPLE', true],
    [KEY_ID, SECRET, false],
    [KEY_ID, KEY_ID, false],
    [SECRET, SECRET, false],
    ['AWS', 'token', false],
    ['', '', false],
  ])('%j and %j: swapped is %j', (user, password, expected) => {
    expect(findKeyProblem({ id: 'ACME', user, password }) !== undefined).toBe(expected);
  });

  test('that are swapped are a problem, and others are none', () => {
    expect(findKeyProblem({ id: 'ACME', user: SECRET, password: KEY_ID })).toEqual({
      code: 'ECR_KEYS_SWAPPED',
      id: 'ACME',
      subject: 'ACME_CONTAINER_REGISTRY_USER',
      what: 'holds the secret access key, and PASSWORD the access key id',
      fix: 'swap the two values',
    });
    expect(findKeyProblem({ id: 'ACME', user: KEY_ID, password: SECRET })).toBeUndefined();
  });

  test.each([
    [KEY_ID, true],
    ['ASIAIOSFODNN7EXAMPLE', true],
    ['AKIAIOSFODNN7EXAMPL', false],
    ['AKIAIOSFODNN7EXAMPLEX', false],
    ['AIDAIOSFODNN7EXAMPLE', false],
    ['akiaiosfodnn7example', true],
    [`\u200b"'${KEY_ID}'" `, true],
    ['AWS', false],
    ['', false],
  ])('%j is a key id: %j', (text, expected) => {
    expect(isAccessKeyId(text)).toBe(expected);
  });
});

describe('the expiry of a token', () => {
  const encode = (content: unknown) => btoa(JSON.stringify(content));

  test.each([
    ['a token', encode({ payload: 'x', expiration: 1_800_000_000 }), 1_800_000_000_000],
    ['a token with text', encode({ expiration: '1800000000' }), 1_800_000_000_000],
    ['no expiry', encode({ payload: 'x' }), undefined],
    ['a null expiry', encode({ expiration: null }), undefined],
    ['an empty expiry', encode({ expiration: '' }), undefined],
    ['an expiry that is a word', encode({ expiration: 'soon' }), undefined],
    ['an expiry after the year 9999', encode({ expiration: 1e200 }), undefined],
    ['null', encode(null), undefined],
    ['a number', encode(5), undefined],
    ['a list', encode([]), undefined],
    ['plain text', 'hunter2', undefined],
    ['nothing', '', undefined],
  ])('of %s', (_name, password, expected) => {
    expect(findTokenExpiry(password)).toBe(expected);
  });
});
