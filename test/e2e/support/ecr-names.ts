import { GUEST, TEAM, tripleOf } from '../../support/ecr-stand-in-identities.ts';
import type { Identity } from '../../support/ecr-stand-in-signature.ts';

const REPOSITORY = 'team/app:1';

/**
 * The registries under AWS's names: two accounts, the other two forms of the first one's host, and
 * ECR Public.
 */
export const ECR = {
  app: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  other: '210987654321.dkr.ecr.eu-west-1.amazonaws.com',
  fips: '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
  dualStack: '123456789012.dkr-ecr.us-east-1.on.aws',
  public: 'public.ecr.aws',
} as const;

export type EcrName = keyof typeof ECR;

/** Where AWS's API answers for each of them, and for the older SDK in Debian's helper. */
export const ECR_API = [
  'api.ecr.us-east-1.amazonaws.com',
  'api.ecr.eu-west-1.amazonaws.com',
  'api.ecr-fips.us-east-1.amazonaws.com',
  'ecr-fips.us-east-1.amazonaws.com',
  'ecr.us-east-1.api.aws',
  'api.ecr-public.us-east-1.amazonaws.com',
] as const;

const OWNERS: Record<EcrName, Identity> = {
  app: TEAM,
  other: GUEST,
  fips: TEAM,
  dualStack: TEAM,
  public: TEAM,
};

/** The image that each of the registries has. */
export function imageAt(name: EcrName): string {
  return `${ECR[name]}/${REPOSITORY}`;
}

/** The variables of a registry's triple; the ID is the name in capitals. */
export function ecrTriple(name: EcrName): Record<string, string> {
  return tripleOf(name.toUpperCase(), ECR[name], OWNERS[name]);
}
