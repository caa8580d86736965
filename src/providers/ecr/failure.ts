import type { EcrCode, Problem } from '../../domain/problem.ts';
import { type Part, type Triple, variableName } from '../../domain/triples/triple.ts';
import type { EcrHost } from './host.ts';

/** What is left of an error when an exchange of AWS keys fails. */
export type EcrFailure = {
  readonly name: string;
  readonly message: string;
  readonly httpStatus?: number;
  readonly aborted?: boolean;
  readonly errno?: string;
  /** Whether it was the role that was asked for, and not yet the token. */
  readonly isOfRole?: boolean;
};

/** Of a triple, what an explanation depends on. */
export type FailedTriple = Pick<Triple, 'id' | 'roleArn' | 'externalId'>;

/** The failed exchange that a problem is about. */
type FailedExchange = FailedTriple & { readonly failure: EcrFailure; readonly host: EcrHost };

/** A problem of an ID, or of one of its variables. */
type Explanation = {
  readonly code: EcrCode;
  readonly part?: Part;
  readonly what: string;
  readonly fix: string;
};

type FailureRule = readonly [
  applies: (failure: EcrFailure) => boolean,
  explain: (context: FailedExchange) => Explanation,
];

/**
 * Which codes of Node mean that the way to AWS is closed; what AWS itself says has no such code.
 */
const NO_ROUTE =
  /^(?:ENOTFOUND|EAI_AGAIN|EAI_FAIL|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EPIPE|EPROTO|ERR_INVALID_URL|ERR_PROXY_TUNNEL)$/;

const UNTRUSTED =
  /^(?:CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_\w+|UNABLE_TO_\w+|ERR_TLS_CERT_\w+)$/;

/** All that is ever repeated from a message of AWS, which also names the user and the account. */
const ACTIONS = [
  'ecr:GetAuthorizationToken',
  'ecr-public:GetAuthorizationToken',
  'sts:GetServiceBearerToken',
];

const AGAIN = 'then run registry-auth apply again';

/** The first rule that applies wins; the order matters where AWS gives two causes one name. */
const RULES: readonly FailureRule[] = [
  [
    ({ errno = '' }) => NO_ROUTE.test(errno),
    ({ failure: { errno = '' }, id }) => ({
      code: 'ECR_UNREACHABLE',
      what: `no way to AWS (${errno}), so no token`,
      fix: `check the network, the proxy and the region in ${variableName(id, 'SERVER')}`,
    }),
  ],
  [
    ({ errno = '' }) => UNTRUSTED.test(errno),
    ({ failure: { errno = '' } }) => ({
      code: 'ECR_UNREACHABLE',
      what: `the certificate shown in place of AWS's is not trusted (${errno}), so no token`,
      fix: 'name the CA of your network in NODE_EXTRA_CA_CERTS, or check the clock',
    }),
  ],
  [
    ({ aborted, name, errno }) =>
      aborted || /^(?:Abort|Timeout)Error$/.test(name) || errno === 'ETIMEDOUT',
    () => ({
      code: 'ECR_TIMEOUT',
      what: 'no answer from AWS in time, so no token',
      fix: `check the network and the proxy, ${AGAIN}`,
    }),
  ],
  [
    ({ name }) => name === 'EcrAnswerInvalid',
    ({ failure: { isOfRole } }) => ({
      code: 'ECR_ANSWER_INVALID',
      what: `the answer to the request for ${isOfRole ? "the role's keys" : 'a token'} holds none`,
      fix: 'check that neither a proxy nor AWS_ENDPOINT_URL leads somewhere else than to AWS',
    }),
  ],
  // Node refuses to send a header with a line break, and the key id stands in one.
  [({ errno }) => errno === 'ERR_INVALID_CHAR', keyUnknown],
  [
    ({ name, httpStatus }) =>
      /Throttl|^TooManyRequests|^RequestLimitExceeded$|^SlowDown$/.test(name) || httpStatus === 429,
    () => ({
      code: 'ECR_THROTTLED',
      what: 'AWS throttles requests for tokens, also when asked again',
      fix: `wait a minute, ${AGAIN}`,
    }),
  ],
  [
    ({ name, message }) =>
      /Signature (?:expired|not yet current)/.test(message) ||
      /^Request(?:Expired|TimeTooSkewed|InTheFuture)/.test(name),
    () => ({
      code: 'ECR_CLOCK_SKEWED',
      what: "this machine's clock is more than five minutes off, so AWS refuses the signature",
      fix: `set the clock, ${AGAIN}`,
    }),
  ],
  [
    ({ name, message }) =>
      /^(?:InvalidSignature|SignatureDoesNotMatch)/.test(name) && message.includes('scoped to'),
    registryWrong,
  ],
  [
    ({ name }) => /^(?:InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)/.test(name),
    () => ({
      code: 'ECR_SECRET_WRONG',
      part: 'PASSWORD',
      what: 'not the secret access key that belongs to the access key id in USER',
      fix: 'set the secret and the access key id of one and the same key',
    }),
  ],
  [
    ({ name }) => /^ExpiredToken/.test(name),
    () => ({
      code: 'ECR_SESSION_EXPIRED',
      part: 'SESSION_TOKEN',
      what: 'the session has expired',
      fix: 'set USER, PASSWORD and SESSION_TOKEN of a new session, or USER and PASSWORD of a key that lasts',
    }),
  ],
  [
    ({ name }) => /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId)/.test(name),
    keyUnknown,
  ],
  [({ name, isOfRole }) => isOfRole === true && /^AccessDenied/.test(name), roleDenied],
  [
    ({ name }) => /^(?:AccessDenied|NotAuthorized|UnauthorizedOperation)/.test(name),
    permissionMissing,
  ],
  [
    ({ name }) => /^Validation(?:Error|Exception)$/.test(name),
    () => ({
      code: 'ECR_ROLE_INVALID',
      part: 'ROLE_ARN',
      what: 'AWS takes it, or EXTERNAL_ID, for malformed',
      fix: 'copy both again, from the role and from its trust policy',
    }),
  ],
  [
    ({ name }) => /^RegionDisabled/.test(name),
    () => ({
      code: 'ECR_ROLE_DENIED',
      part: 'SERVER',
      what: 'names a region in which the account has switched off AWS STS, which roles need',
      fix: "activate STS for the region, in the account settings of IAM in the role's account",
    }),
  ],
  [
    ({ name }) =>
      /^(?:InvalidParameter|InvalidRegistryId|RegistryNotFound|OptInRequired|UnsupportedCommand)/.test(
        name,
      ),
    registryWrong,
  ],
];

/**
 * Why the exchange of a triple's AWS keys failed, in the user's words. Nothing of the SDK's message
 * is repeated but the name of a known permission, and AWS's name of the error only when it is a
 * plain word.
 */
export function explainEcrFailure(
  failure: EcrFailure,
  host: EcrHost,
  triple: FailedTriple,
): Problem {
  const explain = RULES.find(([applies]) => applies(failure))?.[1] ?? refused;
  const { code, part, what, fix } = explain({ ...triple, failure, host });
  return { code, subject: part ? variableName(triple.id, part) : triple.id, what, fix };
}

function keyUnknown({ id }: FailedExchange): Explanation {
  return {
    code: 'ECR_KEY_UNKNOWN',
    part: 'USER',
    what: 'not an access key id that AWS knows in this partition',
    fix: `set an active access key id, and for a temporary one ${variableName(id, 'SESSION_TOKEN')} too`,
  };
}

/**
 * AWS does not tell a role that is not there from one that trusts somebody else, or wants another
 * external id; at most it says whose policy it was.
 */
function roleDenied({
  failure: { message },
  host,
  roleArn = '',
  externalId,
}: FailedExchange): Explanation {
  if (message.includes('identity-based policy')) {
    return {
      code: 'ECR_PERMISSION_MISSING',
      part: 'USER',
      what: 'its policy does not allow sts:AssumeRole for the role in ROLE_ARN',
      fix: 'allow sts:AssumeRole on that role for the identity that the key belongs to',
    };
  }
  const isOthers = host.kind === 'private' && !roleArn.includes(`:${host.account}:`);
  const number = `the account in it${isOthers ? ", which is not SERVER's" : ''}`;
  const id = externalId === undefined ? 'that it asks for no EXTERNAL_ID' : 'EXTERNAL_ID';
  const trust = `that the role's trust policy names the identity of the key, and ${id}`;
  return {
    code: 'ECR_ROLE_DENIED',
    part: 'ROLE_ARN',
    ...(message.includes('trust policy')
      ? { what: 'a role whose trust policy does not let this key in', fix: `check ${trust}` }
      : {
          what: 'no role that AWS lets this key assume',
          fix: `check ${number}, its name, that the key's policy allows sts:AssumeRole, ${trust}`,
        }),
  };
}

function permissionMissing({ failure: { message }, host, roleArn }: FailedExchange): Explanation {
  const needed = host.kind === 'public' ? ACTIONS.slice(1) : ACTIONS.slice(0, 1);
  const named = ACTIONS.find((action) => new RegExp(`(?<![\\w-])${action}(?!\\w)`).test(message));
  return {
    code: 'ECR_PERMISSION_MISSING',
    part: roleArn === undefined ? 'USER' : 'ROLE_ARN',
    what: `its policy does not allow ${named ?? 'to get a token'}`,
    fix: `allow ${named ?? needed.join(' and ')} on resource * for the ${
      roleArn === undefined ? 'identity that the key belongs to' : 'role'
    }`,
  };
}

function registryWrong({ roleArn }: FailedExchange): Explanation {
  const who = roleArn === undefined ? 'key' : 'role';
  return {
    code: 'ECR_REGISTRY_WRONG',
    part: 'SERVER',
    what: `names an account or a region that AWS does not accept with this ${who}`,
    fix: 'check the account number and the region in it',
  };
}

function refused({ failure: { name, httpStatus = 0 } }: FailedExchange): Explanation {
  const reasons = [/^[A-Za-z]+$/.test(name) ? name : '', httpStatus ? `HTTP ${httpStatus}` : ''];
  const reason = reasons.filter((text) => text !== '').join(', ');
  const check =
    httpStatus < 500
      ? 'check the key and that it may use this registry'
      : 'wait until AWS is well again';
  const what = `no token from AWS${reason ? ` (${reason})` : ''}`;
  return { code: 'ECR_REFUSED', what, fix: `${check}, ${AGAIN}` };
}
