import type { Identity } from './ecr-stand-in-signature.ts';
import { triple } from './triples.ts';

/** One account with a key that lasts, one with a session's keys. Nobody's, and unmistakable. */
export const TEAM = {
  accessKeyId: 'AKIACANARYKEYTEAMONE',
  secretAccessKey: 'canary/Secret+Of/TeamOne+0123456789abcde',
  account: '123456789012',
} satisfies Identity;

export const GUEST = {
  accessKeyId: 'ASIACANARYKEYGUESTXX',
  secretAccessKey: 'canary/Secret+Of/GuestXX+0123456789abcde',
  sessionToken: 'canary//Session+Token//Of+Guest//0123456789==',
  account: '210987654321',
} satisfies Identity;

/** What must never be in a file, an argument or a line of output. */
export const AWS_KEYS = {
  'access key id of the team': TEAM.accessKeyId,
  'secret of the team': TEAM.secretAccessKey,
  'access key id of the guest': GUEST.accessKeyId,
  'secret of the guest': GUEST.secretAccessKey,
  'session token of the guest': GUEST.sessionToken,
} as const;

/** The variables of the triple that holds an identity's keys. */
export function tripleOf(id: string, server: string, identity: Identity): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = identity;
  return triple(id, server, accessKeyId, secretAccessKey, sessionToken);
}
