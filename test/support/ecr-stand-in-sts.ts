import { randomBytes } from 'node:crypto';
import {
  type Identity,
  type Refusal,
  type SignedRequest,
  verifySignature,
} from './ecr-stand-in-signature.ts';
import {
  type Answer,
  clock,
  nameOf,
  type RecordedRequest,
  type Role,
  type State,
  spoil,
} from './ecr-stand-in-state.ts';

const VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

/** STS has its own names for what is wrong with a signature, and its own status. */
const NAMES: Record<string, [name: string, status: number]> = {
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 400],
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ExpiredTokenException: ['ExpiredToken', 403],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  ThrottlingException: ['Throttling', 400],
  ServerException: ['InternalFailure', 500],
};

/** The Query protocol's requests are forms; those of ECR are JSON. */
export function isOfSts({ headers }: SignedRequest): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** Checks, records and answers one request of the Query protocol. */
export function answerSts(state: State, request: SignedRequest): Answer | undefined {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const record: RecordedRequest = {
    service: 'sts',
    account: undefined,
    region: undefined,
    registryIds: undefined,
    roleArn: form.get('RoleArn'),
    sessionName: form.get('RoleSessionName'),
    outcome: 'ok',
  };
  state.requests.push(record);
  const isKnown = form.get('Action') === 'AssumeRole' && form.get('Version') === VERSION;
  if (!isKnown || request.method !== 'POST' || request.path !== '/') {
    return refuse(record, { name: 'InvalidAction', message: 'Could not find operation' });
  }
  const { identities, region } = state;
  const expected = { identities, service: 'sts', region, now: clock(state) };
  const verified = verifySignature(request, expected);
  if ('refusal' in verified) return refuse(record, verified.refusal);
  record.account = verified.identity.account;
  record.region = verified.region;
  const spoilt = spoil(state, record, (refusal) => refuse(record, refusal));
  if (spoilt !== undefined) return spoilt.answer;
  const refusal = findMalformed(form);
  if (refusal) return refuse(record, refusal);
  const role = state.roles.find((one) => isOpen(one, verified.identity, form));
  const denial = findDenial(verified.identity, role, form.get('RoleArn') ?? '');
  if (denial || !role) return refuse(record, denial ?? { name: 'AccessDenied', message: '' });
  return handOut(state, role);
}

/** As the service's model has it. */
function findMalformed(form: URLSearchParams): Refusal | undefined {
  const has = (name: string, pattern: RegExp) => pattern.test(form.get(name) ?? '');
  const wrong = [
    ...(has('RoleArn', /^arn:.{16,2044}$/) ? [] : ['roleArn']),
    ...(has('RoleSessionName', /^[\w+=,.@-]{2,64}$/) ? [] : ['roleSessionName']),
    ...(!form.has('ExternalId') || has('ExternalId', /^[\w+=,.@:/-]{2,1224}$/)
      ? []
      : ['externalId']),
  ];
  if (wrong.length === 0) return undefined;
  const message = `${wrong.length} validation error detected: Value at '${wrong[0]}' failed to satisfy constraint`;
  return { name: 'ValidationError', message };
}

function isOpen(role: Role, { account }: Identity, form: URLSearchParams): boolean {
  const isItsExternalId =
    role.externalId === undefined || form.get('ExternalId') === role.externalId;
  return role.arn === form.get('RoleArn') && role.trusts.includes(account) && isItsExternalId;
}

/** One message for a role that is not there, trusts others, or asks for another external id. */
function findDenial(
  identity: Identity,
  role: Role | undefined,
  roleArn: string,
): Refusal | undefined {
  const action = 'sts:AssumeRole';
  const isDenied = identity.denied === action;
  if (role && !isDenied) return undefined;
  const why = isDenied ? ` because no identity-based policy allows the ${action} action` : '';
  const message = `User: ${nameOf(identity)} is not authorized to perform: ${action} on resource: ${roleArn}${why}`;
  return { name: 'AccessDenied', message, status: 403 };
}

const LIFETIME_MS = 3_600_000;

/** Keys that nobody had before; the identity is known from now on. */
function handOut(state: State, { arn, account, denied }: Role): Answer {
  const identity = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(300).toString('base64'),
    account,
    until: clock(state) + LIFETIME_MS,
    role: arn.slice(arn.lastIndexOf('/') + 1),
    ...(denied === undefined ? {} : { denied }),
  };
  state.identities.push(identity);
  const { accessKeyId, secretAccessKey, sessionToken, until } = identity;
  return xml(
    200,
    `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult><Credentials>
<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(until).toISOString()}</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

function refuse(record: RecordedRequest, { name, message, status }: Refusal): Answer {
  const [own, usual] = NAMES[name] ?? [name, 400];
  record.outcome = own;
  const content = `<Type>Sender</Type><Code>${own}</Code><Message>${escapeXml(message)}</Message>`;
  const body = `<ErrorResponse xmlns="${NAMESPACE}"><Error>${content}</Error></ErrorResponse>`;
  return xml(status ?? usual, body);
}

function xml(status: number, body: string): Answer {
  return { status, body, type: 'text/xml' };
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
