import { parseJson, toTime } from '../../json.ts';
import type { Problem } from '../../problem.ts';
import { type Part, type Triple, variableName } from '../../secrets/triple.ts';
import type { Judged } from '../provider.ts';
import { type EcrHost, findPartition, parseEcrHost } from './host.ts';
import { mendPaste } from './paste.ts';

/** The user name of ECR's tokens: a triple with this USER already holds a token. */
export const ECR_TOKEN_USER = 'AWS';

export const USE_ECR =
  "use ACCOUNT.dkr.ecr.REGION.amazonaws.com with the account's 12 digits, or public.ecr.aws";

/** The partition, the account, and a name of at most 64 characters after any path. */
const ROLE_ARN = /^arn:(aws[a-z-]*):iam::\d{12}:role\/(?:[!-~]*\/)?[\w+=,.@-]{1,64}$/;

/** What AWS accepts as an external id. */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,}$/;

/** AWS keys for any other registry are refused, because they would be sent there. */
export function judgeKeys(triple: Triple, host: string): Judged {
  const ecr = parseEcrHost(host);
  if (ecr) return judgeAtEcr(triple, ecr);
  if (!isAccessKeyId(triple.user) && !isAccessKeyId(triple.password))
    return judgeRole(triple, undefined);
  const subject = variableName(triple.id, 'SERVER');
  const what = 'is not an Amazon ECR registry, although these are AWS keys; not written';
  return { problem: { code: 'SERVER_INVALID', subject, what, fix: USE_ECR } };
}

/** Corrects the pasted values first; their notice is shown instead of the role's. */
function judgeAtEcr(given: Triple, ecr: EcrHost): Judged {
  const { triple, notice } = mendPaste(given);
  const swapped = findKeyProblem(triple);
  if (swapped) return { triple, problem: swapped };
  const problem = findUserProblem(triple);
  if (problem) return { problem };
  const judged = judgeRole(triple, ecr);
  return notice && 'triple' in judged ? { ...judged, notice } : judged;
}

/**
 * Drops a role that cannot be assumed, with a notice. A role that is invalid or in another
 * partition is a problem. No value is repeated: an external id may be a secret.
 */
export function judgeRole(triple: Triple, ecr: EcrHost | undefined): Judged {
  if (triple.roleArn === undefined && triple.externalId === undefined) return { triple };
  const { roleArn, externalId, ...withoutRole } = triple;
  const unused = (why: string, fix: string): Judged => {
    const subject = variableName(triple.id, roleArn === undefined ? 'EXTERNAL_ID' : 'ROLE_ARN');
    const notice = { code: 'ECR_ROLE_UNUSED', subject, what: `is not used${why}`, fix } as const;
    return { triple: withoutRole, notice };
  };
  if (!ecr) return unused(', because SERVER is not an Amazon ECR registry', 'remove it');
  if (triple.user === ECR_TOKEN_USER) {
    const fix = 'set USER and PASSWORD to AWS keys that may assume the role, or remove it';
    return unused(', because USER is AWS, and PASSWORD a token already', fix);
  }
  if (roleArn === undefined) return unused(' without ROLE_ARN', 'set ROLE_ARN too, or remove it');
  const problem = findRoleProblem(triple, findPartition(ecr));
  return problem ? { problem } : { triple };
}

function findRoleProblem(triple: Triple, wanted: string): Problem | undefined {
  const { id, roleArn = '', externalId } = triple;
  const invalid = (part: Part, what: string, fix: string): Problem => {
    return { code: 'ECR_ROLE_INVALID', subject: variableName(id, part), what, fix };
  };
  const use = `use arn:${wanted}:iam::ACCOUNT:role/NAME, with the account's 12 digits`;
  const partition = ROLE_ARN.exec(roleArn)?.[1];
  if (partition === undefined) return invalid('ROLE_ARN', 'is not the ARN of a role', use);
  if (partition !== wanted) {
    const what = `is a role in the partition ${partition}, and SERVER's is ${wanted}`;
    return invalid('ROLE_ARN', what, use);
  }
  if (externalId === undefined || EXTERNAL_ID.test(externalId)) return undefined;
  const fix = "use the value of sts:ExternalId in the role's trust policy";
  return invalid('EXTERNAL_ID', 'is not a valid external id', fix);
}

export function isUsualAtEcr(triple: Triple): boolean {
  const { user, password, command, sessionToken = '' } = triple;
  if (command !== undefined) return user === ECR_TOKEN_USER;
  if (user === ECR_TOKEN_USER) return /^eyJ[\w+/=-]+$/.test(password);
  return /^A[KS]IA[A-Z0-9]{16}$/.test(user) && !/[^\w+/=]/.test(password + sessionToken);
}

const USE_KEYS =
  'set USER to the access key ID, which begins with AKIA or ASIA, and PASSWORD to its secret access key';

/** A problem if USER is neither an access key ID nor AWS with a token. */
function findUserProblem({ id, user, password, command }: Triple): Problem | undefined {
  const problem = (what: string, fix = USE_KEYS): Problem => {
    return { code: 'ECR_USER_INVALID', subject: variableName(id, 'USER'), what, fix };
  };
  if (command !== undefined && user !== ECR_TOKEN_USER) {
    const fix = 'set USER to AWS, and PASSWORD_COMMAND to aws ecr get-login-password';
    return problem('is not AWS, which goes with the token that a command makes', fix);
  }
  if (user === ECR_TOKEN_USER) {
    const isKey = /^[A-Za-z0-9/+]{40}$/.test(password.trim()) || isAccessKeyId(password);
    const what = 'is AWS, which goes with a token, and PASSWORD holds a part of an AWS key';
    return isKey ? problem(what) : undefined;
  }
  if (/^[A-Z0-9]{16,128}$/.test(user)) return undefined;
  const isArn = /^arn:/.test(user);
  const name = isArn ? 'the ARN' : user.includes('@') ? 'an e-mail address' : 'a name';
  return problem(`is ${name}, not an access key ID`);
}

/** The key id of an IAM user (AKIA) or a session (ASIA), in any case and with copied quotes. */
export function isAccessKeyId(text: string): boolean {
  return text.length >= 20 && /^(?:AKIA|ASIA)[A-Z0-9]{16}$/i.test(text.replace(/\W/g, ''));
}

/** Swapped USER and PASSWORD, found before any request. */
export function findKeyProblem(
  keys: Pick<Triple, 'id' | 'user' | 'password'>,
): Problem | undefined {
  const { id, user, password } = keys;
  if (!isAccessKeyId(password.trim()) || isAccessKeyId(user.trim())) return undefined;
  if (/^aws$/i.test(user)) return undefined;
  return {
    code: 'ECR_KEYS_SWAPPED',
    subject: variableName(id, 'USER'),
    what: 'holds the secret access key, and PASSWORD the access key id',
    fix: 'swap the two values',
    id,
  };
}

/** When an ECR token expires, in milliseconds since the epoch; undefined for any other text. */
export function findTokenExpiry(password: string): number | undefined {
  const { expiration } = Object(parseJson(Buffer.from(password, 'base64').toString('utf8')));
  return toTime(Number(expiration) * 1000);
}
