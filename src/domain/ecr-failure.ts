import type { EcrHost } from './ecr-host.ts';
import {
  answerInvalid,
  type Context,
  clockSkewed,
  type EcrFailure,
  keysSwapped,
  keyUnknown,
  permissionMissing,
  refused,
  registryWrong,
  secretWrong,
  sessionExpired,
  throttled,
  timedOut,
  unreachable,
  untrusted,
} from './ecr-problems.ts';
import type { Problem } from './problem.ts';
import type { Triple } from './triple.ts';

type Rule = readonly [
  applies: (failure: EcrFailure) => boolean,
  explain: (context: Context) => Problem,
];

/** Which codes of Node mean that the way to AWS is closed; what AWS itself says has no such code. */
const NO_ROUTE = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPIPE',
  'EPROTO',
  'ERR_INVALID_URL',
  'ERR_PROXY_TUNNEL',
];

const UNTRUSTED =
  /^(?:CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_\w+|UNABLE_TO_\w+|ERR_TLS_CERT_\w+)$/;

/** The first rule that applies wins; the order matters where AWS gives two causes one name. */
const RULES: readonly Rule[] = [
  [({ errno = '' }) => NO_ROUTE.includes(errno), unreachable],
  [({ errno = '' }) => UNTRUSTED.test(errno), untrusted],
  [
    ({ aborted, name, errno }) =>
      aborted || /^(?:Abort|Timeout)Error$/.test(name) || errno === 'ETIMEDOUT',
    timedOut,
  ],
  [({ name }) => name === 'EcrAnswerInvalid', answerInvalid],
  // Node refuses to send a header with a line break, and the key id stands in one.
  [({ errno }) => errno === 'ERR_INVALID_CHAR', keyUnknown],
  [
    ({ name, httpStatus }) =>
      /Throttl|^TooManyRequests|^RequestLimitExceeded$|^SlowDown$/.test(name) || httpStatus === 429,
    throttled,
  ],
  [isSkewed, clockSkewed],
  [
    ({ name, message }) => /^InvalidSignature/.test(name) && message.includes('scoped to'),
    registryWrong,
  ],
  [
    ({ name }) => /^(?:InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)/.test(name),
    secretWrong,
  ],
  [({ name }) => /^ExpiredToken/.test(name), sessionExpired],
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
 * Why the exchange of a triple's AWS keys failed, in the user's words. Nothing of the SDK's message is repeated but the name of
 * a known permission, and AWS's name of the error only when it is a plain word.
 */
export function explainEcrFailure(failure: EcrFailure, host: EcrHost, id: string): Problem {
  const explain = RULES.find(([applies]) => applies(failure))?.[1] ?? refused;
  return explain({ failure, host, id });
}

/** Keys that can't work, before anyone is asked: the two parts swapped. */
export function findEcrKeyProblem({
  id,
  user,
  password,
}: Pick<Triple, 'id' | 'user' | 'password'>): Problem | undefined {
  return looksLikeSwappedKeys(user, password) ? keysSwapped(id) : undefined;
}

/** Whether the access key id was put where the secret belongs. */
export function looksLikeSwappedKeys(user: string, password: string): boolean {
  return isAccessKeyId(password.trim()) && !isAccessKeyId(user.trim());
}

/** An IAM user's key id (AKIA) or one of a session (ASIA), by its form. */
export function isAccessKeyId(text: string): boolean {
  return /^(?:AKIA|ASIA)[A-Z0-9]{16}$/.test(text);
}

/** When a token of ECR expires, in milliseconds since the epoch; undefined for everything else. */
export function ecrTokenExpiry(password: string): number | undefined {
  try {
    const content = JSON.parse(Buffer.from(password, 'base64').toString('utf8')) as {
      expiration?: unknown;
    } | null;
    const seconds = Number(content?.expiration ?? Number.NaN);
    return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function isSkewed({ name, message }: EcrFailure): boolean {
  const isLate = /Signature (?:expired|not yet current)/.test(message);
  return isLate || /^Request(?:Expired|TimeTooSkewed|InTheFuture)/.test(name);
}
