import type { EcrCode, Problem } from '../problem.ts';
import { type Part, variableName } from '../triples/triple.ts';
import type { EcrHost } from './host.ts';

/** What is left of an error when an exchange of AWS keys fails. */
export type EcrFailure = {
  readonly name: string;
  readonly message: string;
  readonly httpStatus?: number;
  readonly aborted?: boolean;
  readonly errno?: string;
};

/** The failed exchange that a problem is about. */
type Context = { readonly failure: EcrFailure; readonly host: EcrHost; readonly id: string };

/** A problem of an ID, or of one of its variables. */
type Explanation = {
  readonly code: EcrCode;
  readonly part?: Part;
  readonly what: string;
  readonly fix: string;
};

type Rule = readonly [
  applies: (failure: EcrFailure) => boolean,
  explain: (context: Context) => Explanation,
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
const RULES: readonly Rule[] = [
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
    () => ({
      code: 'ECR_ANSWER_INVALID',
      what: 'the answer to the request for a token holds none',
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
    ({ name, message }) => /^InvalidSignature/.test(name) && message.includes('scoped to'),
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
  [
    ({ name }) => /^(?:AccessDenied|NotAuthorized|UnauthorizedOperation)/.test(name),
    permissionMissing,
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
export function explainEcrFailure(failure: EcrFailure, host: EcrHost, id: string): Problem {
  const explain = RULES.find(([applies]) => applies(failure))?.[1] ?? refused;
  const { code, part, what, fix } = explain({ failure, host, id });
  return { code, subject: part ? variableName(id, part) : id, what, fix };
}

function keyUnknown({ id }: Context): Explanation {
  return {
    code: 'ECR_KEY_UNKNOWN',
    part: 'USER',
    what: 'not an access key id that AWS knows in this partition',
    fix: `set an active access key id, and for a temporary one ${variableName(id, 'SESSION_TOKEN')} too`,
  };
}

function permissionMissing({ failure: { message }, host }: Context): Explanation {
  const needed = host.kind === 'public' ? ACTIONS.slice(1) : ACTIONS.slice(0, 1);
  const named = ACTIONS.find((action) => new RegExp(`(?<![\\w-])${action}(?!\\w)`).test(message));
  return {
    code: 'ECR_PERMISSION_MISSING',
    part: 'USER',
    what: `its policy does not allow ${named ?? 'to get a token'}`,
    fix: `allow ${named ?? needed.join(' and ')} on resource * for the identity that the key belongs to`,
  };
}

function registryWrong(): Explanation {
  return {
    code: 'ECR_REGISTRY_WRONG',
    part: 'SERVER',
    what: 'names an account or a region that AWS does not accept with this key',
    fix: 'check the account number and the region in it',
  };
}

function refused({ failure: { name, httpStatus = 0 } }: Context): Explanation {
  const reasons = [/^[A-Za-z]+$/.test(name) ? name : '', httpStatus ? `HTTP ${httpStatus}` : ''];
  const reason = reasons.filter((text) => text !== '').join(', ');
  const check =
    httpStatus < 500
      ? 'check the key and that it may use this registry'
      : 'wait until AWS is well again';
  const what = `no token from AWS${reason ? ` (${reason})` : ''}`;
  return { code: 'ECR_REFUSED', what, fix: `${check}, ${AGAIN}` };
}
