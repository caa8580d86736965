import type { Identity } from './ecr-stand-in-signature.ts';
import type { Role } from './ecr-stand-in-state.ts';
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

/** A role in the account of TEAM, which the guest may assume. */
export const ROLE = {
  arn: `arn:aws:iam::${TEAM.account}:role/pull/team-images`,
  account: TEAM.account,
  trusts: [GUEST.account],
  externalId: 'canary-external-id/of:the=role',
} satisfies Role;

/** What must never be in a file, an argument or a line of output. */
export const AWS_KEYS = {
  'access key id of the team': TEAM.accessKeyId,
  'secret of the team': TEAM.secretAccessKey,
  'access key id of the guest': GUEST.accessKeyId,
  'secret of the guest': GUEST.secretAccessKey,
  'session token of the guest': GUEST.sessionToken,
  'external id of the role': ROLE.externalId,
} as const;

/** The variables of the triple that holds an identity's keys, and the role that they assume. */
export function tripleOf(
  id: string,
  server: string,
  identity: Identity,
  role?: Pick<Role, 'arn' | 'externalId'>,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = identity;
  const { arn, externalId } = role ?? {};
  return {
    ...triple(id, server, accessKeyId, secretAccessKey, sessionToken),
    ...(arn && { [`${id}_CONTAINER_REGISTRY_ROLE_ARN`]: arn }),
    ...(externalId && { [`${id}_CONTAINER_REGISTRY_EXTERNAL_ID`]: externalId }),
  };
}
