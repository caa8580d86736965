import type { EcrCode, Problem } from '../../problem.ts';
import { type Part, type Triple, variableName } from '../../secrets/triple.ts';
import type { EcrHost } from './host.ts';

/** The fields of a triple that an explanation needs. */
type FailedTriple = Pick<Triple, 'id' | 'roleArn' | 'externalId'>;

/** A failed exchange of AWS keys, with what we read of the error. */
export type EcrFailure = FailedTriple & {
  readonly host: EcrHost;
  readonly name: string;
  readonly message: string;
  readonly httpStatus?: number | undefined;
  readonly errno?: string | undefined;
  /** Whether the failed request was for the role, not for the token. */
  readonly isOfRole?: boolean | undefined;
};

type Text = string | ((failed: EcrFailure) => string);

type FailureRule = {
  readonly applies: (failed: EcrFailure) => boolean;
  readonly code: EcrCode;
  readonly part?: Part | ((failed: EcrFailure) => Part);
  readonly what: Text;
  readonly fix: Text;
};

/** Node's codes for a broken route to AWS; AWS's own errors have no such code. */
const NO_ROUTE =
  /^(?:ENOTFOUND|EAI_AGAIN|EAI_FAIL|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EPIPE|EPROTO|ERR_INVALID_URL|ERR_PROXY_TUNNEL)$/;

const UNTRUSTED =
  /^(?:CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_\w+|UNABLE_TO_\w+|ERR_TLS_CERT_\w+)$/;

const WRONG_SIGNATURE = /^(?:InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)/;

/** The only text that we repeat from an AWS message, which also names user and account. */
const ACTIONS = [
  'ecr:GetAuthorizationToken',
  'ecr-public:GetAuthorizationToken',
  'sts:GetServiceBearerToken',
];

const AGAIN = 'then run registry-auth apply again';

/** The first rule that applies wins; order matters if AWS uses one name for two causes. */
const RULES: readonly FailureRule[] = [
  {
    applies: ({ errno = '' }) => NO_ROUTE.test(errno),
    code: 'ECR_UNREACHABLE',
    what: ({ errno }) => `AWS cannot be reached (${errno}), so no token`,
    fix: ({ id }) => `check the network, the proxy and the region in ${variableName(id, 'SERVER')}`,
  },
  {
    applies: ({ errno = '' }) => UNTRUSTED.test(errno),
    code: 'ECR_UNREACHABLE',
    what: ({ errno }) => `the certificate presented for AWS is not trusted (${errno}), so no token`,
    fix: 'set NODE_EXTRA_CA_CERTS to the CA of your network, or check the clock',
  },
  {
    applies: ({ name, errno }) => /^(?:Abort|Timeout)Error$/.test(name) || errno === 'ETIMEDOUT',
    code: 'ECR_TIMEOUT',
    what: 'no answer from AWS in time, so no token',
    fix: `check the network and the proxy, ${AGAIN}`,
  },
  {
    applies: ({ name }) => name === 'EcrAnswerInvalid',
    code: 'ECR_ANSWER_INVALID',
    what: ({ isOfRole }) =>
      `the answer to the request for ${isOfRole ? "the role's keys" : 'a token'} holds none`,
    fix: 'check that neither a proxy nor AWS_ENDPOINT_URL redirects requests away from AWS',
  },
  {
    applies: ({ name, httpStatus }) =>
      /Throttl|^TooManyRequests|^RequestLimitExceeded$|^SlowDown$/.test(name) || httpStatus === 429,
    code: 'ECR_THROTTLED',
    what: 'AWS throttles requests for tokens, even after a retry',
    fix: `wait a minute, ${AGAIN}`,
  },
  {
    applies: ({ name, message }) =>
      /Signature (?:expired|not yet current)/.test(message) ||
      /^Request(?:Expired|TimeTooSkewed|InTheFuture)/.test(name),
    code: 'ECR_CLOCK_SKEWED',
    what: "this machine's clock is more than five minutes off, so AWS refuses the signature",
    fix: `set the clock, ${AGAIN}`,
  },
  {
    applies: ({ name, message }) =>
      (WRONG_SIGNATURE.test(name) && message.includes('scoped to')) ||
      /^(?:InvalidParameter|InvalidRegistryId|RegistryNotFound|OptInRequired|UnsupportedCommand)/.test(
        name,
      ),
    code: 'ECR_REGISTRY_WRONG',
    part: 'SERVER',
    what: ({ roleArn }) =>
      `names an account or a region that AWS does not accept with this ${roleArn ? 'role' : 'key'}`,
    fix: 'check the account number and the region in it',
  },
  {
    applies: ({ name }) => WRONG_SIGNATURE.test(name),
    code: 'ECR_SECRET_WRONG',
    part: 'PASSWORD',
    what: 'not the secret access key that belongs to the access key id in USER',
    fix: 'set the secret and the access key id of the same key',
  },
  {
    applies: ({ name }) => /^ExpiredToken/.test(name),
    code: 'ECR_SESSION_EXPIRED',
    part: 'SESSION_TOKEN',
    what: 'the session has expired',
    fix: 'set USER, PASSWORD and SESSION_TOKEN of a new session, or USER and PASSWORD of a key that lasts',
  },
  {
    // Node refuses a header with a line break, and the key id is in one.
    applies: ({ name, errno }) =>
      /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId)/.test(name) ||
      errno === 'ERR_INVALID_CHAR',
    code: 'ECR_KEY_UNKNOWN',
    part: 'USER',
    what: 'not an access key id that exists in this AWS partition',
    fix: ({ id }) =>
      `set an active access key id, and for a temporary one ${variableName(id, 'SESSION_TOKEN')} too`,
  },
  {
    applies: (failed) => isRoleDenied(failed) && failed.message.includes('identity-based policy'),
    code: 'ECR_PERMISSION_MISSING',
    part: 'USER',
    what: 'its policy does not allow sts:AssumeRole for the role in ROLE_ARN',
    fix: 'allow sts:AssumeRole on that role for the identity that the key belongs to',
  },
  {
    applies: (failed) => isRoleDenied(failed) && failed.message.includes('trust policy'),
    code: 'ECR_ROLE_DENIED',
    part: 'ROLE_ARN',
    what: 'a role whose trust policy does not allow this key',
    fix: (failed) => `check ${trustOf(failed)}`,
  },
  {
    // If AWS names no policy, the role may be missing, or trust another identity or external id.
    applies: isRoleDenied,
    code: 'ECR_ROLE_DENIED',
    part: 'ROLE_ARN',
    what: 'not a role that this key may assume',
    fix: (failed) => {
      const { host, roleArn = '' } = failed;
      const isOther = host.kind === 'private' && !roleArn.includes(`:${host.account}:`);
      const account = `the account in it${isOther ? ", which is not SERVER's" : ''}`;
      const policy = "that the key's policy allows sts:AssumeRole";
      return `check ${account}, its name, ${policy}, ${trustOf(failed)}`;
    },
  },
  {
    applies: ({ name }) => /^(?:AccessDenied|NotAuthorized|UnauthorizedOperation)/.test(name),
    code: 'ECR_PERMISSION_MISSING',
    part: ({ roleArn }) => (roleArn ? 'ROLE_ARN' : 'USER'),
    what: ({ message }) => `its policy does not allow ${findAction(message) ?? 'to get a token'}`,
    fix: ({ message, host, roleArn }) => {
      const owner = roleArn ? 'role' : 'identity that the key belongs to';
      const needed = host.kind === 'public' ? ACTIONS.slice(1) : ACTIONS.slice(0, 1);
      const actions = findAction(message) ?? needed.join(' and ');
      return `allow ${actions} on resource * for the ${owner}`;
    },
  },
  {
    applies: ({ name }) => /^Validation(?:Error|Exception)$/.test(name),
    code: 'ECR_ROLE_INVALID',
    part: 'ROLE_ARN',
    what: 'AWS rejects it, or EXTERNAL_ID, as malformed',
    fix: 'copy both again, from the role and from its trust policy',
  },
  {
    applies: ({ name }) => /^RegionDisabled/.test(name),
    code: 'ECR_ROLE_DENIED',
    part: 'SERVER',
    what: 'names a region in which the account has switched off AWS STS, which roles need',
    fix: "activate STS for the region, in the account settings of IAM in the role's account",
  },
];

const REFUSED: Omit<FailureRule, 'applies'> = {
  code: 'ECR_REFUSED',
  what: ({ name, httpStatus }) => {
    // Shorter than any AWS secret, which a fake server could send back.
    const reasons = [/^[A-Za-z]{1,39}$/.test(name) && name, httpStatus && `HTTP ${httpStatus}`];
    const reason = reasons.filter(Boolean).join(', ');
    return `no token from AWS${reason ? ` (${reason})` : ''}`;
  },
  fix: ({ httpStatus = 0 }) =>
    httpStatus < 500
      ? `check the key and that it may use this registry, ${AGAIN}`
      : `wait until AWS works again, ${AGAIN}`,
};

/**
 * Explains why the exchange of a triple's AWS keys failed. Of the SDK's message it repeats only the
 * name of a known permission, and AWS's name of the error only if it is a plain word that is
 * shorter than any secret.
 */
export function explainError(error: unknown, host: EcrHost, triple: FailedTriple): Problem {
  const { name, message, isOfRole, code, cause, $metadata } = Object(error);
  const read = { name, message, isOfRole, errno: code ?? cause?.code };
  const failed: EcrFailure = { ...triple, ...read, httpStatus: $metadata?.httpStatusCode, host };
  const rule = RULES.find(({ applies }) => applies(failed)) ?? REFUSED;
  const part = typeof rule.part === 'function' ? rule.part(failed) : rule.part;
  const render = (text: Text) => (typeof text === 'function' ? text(failed) : text);
  return {
    code: rule.code,
    subject: part ? variableName(triple.id, part) : triple.id,
    what: render(rule.what),
    fix: render(rule.fix),
  };
}

function isRoleDenied({ name, isOfRole }: EcrFailure): boolean {
  return isOfRole === true && /^AccessDenied/.test(name);
}

function trustOf({ externalId }: EcrFailure): string {
  const id = externalId === undefined ? 'that it asks for no EXTERNAL_ID' : 'EXTERNAL_ID';
  return `that the role's trust policy names the identity of the key, and ${id}`;
}

function findAction(message: string): string | undefined {
  return ACTIONS.find((action) => new RegExp(`(?<![\\w-])${action}(?!\\w)`).test(message));
}
