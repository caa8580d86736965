import type { Problem } from '../../domain/problem.ts';
import { type Triple, variableName } from '../../domain/triples/triple.ts';

/** The user name that ECR's own tokens have: a triple with it holds a token already. */
export const ECR_TOKEN_USER = 'AWS';

/**
 * An IAM user's key id (AKIA) or one of a session (ASIA), by its form, whatever its case and
 * whatever a copy has put around it.
 */
export function isAccessKeyId(text: string): boolean {
  return text.length >= 20 && /^(?:AKIA|ASIA)[A-Z0-9]{16}$/i.test(text.replace(/\W/g, ''));
}

/** Keys that can't work, before anyone is asked: the two parts swapped. */
export function findKeyProblem({
  id,
  user,
  password,
}: Pick<Triple, 'id' | 'user' | 'password'>): Problem | undefined {
  if (!isAccessKeyId(password.trim()) || isAccessKeyId(user.trim())) return undefined;
  return {
    code: 'ECR_KEYS_SWAPPED',
    subject: variableName(id, 'USER'),
    what: 'holds the secret access key, and PASSWORD the access key id',
    fix: 'swap the two values',
  };
}

/** When a token of ECR expires, in milliseconds since the epoch; undefined for everything else. */
export function findTokenExpiry(password: string): number | undefined {
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
