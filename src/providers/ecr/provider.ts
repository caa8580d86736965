import type { Problem } from '../../domain/problem.ts';
import { type Triple, variableName } from '../../domain/triples/triple.ts';
import { forCheck, type Judged, type Provider } from '../provider.ts';
import { parseEcrHost } from './host.ts';
import { ECR_TOKEN_USER, findTokenExpiry, isAccessKeyId } from './keys.ts';
import { judgeRole } from './role.ts';

/** What the private registries and the public one have in common. */
const COMMON = {
  // A token is for the whole account.
  hasNamespaces: false,
  exchangedUser: ECR_TOKEN_USER,
  findExpiry: ({ user, secret }) => (user === ECR_TOKEN_USER ? findTokenExpiry(secret) : undefined),
  // A token that was made of the same keys.
  writtenByCodespaces: ({ user }, triple) =>
    user === ECR_TOKEN_USER && triple.user !== ECR_TOKEN_USER ? 'expiring' : undefined,
} as const satisfies Partial<Provider>;

/** Amazon's registries. */
export const ecr: readonly Provider[] = [
  {
    ...COMMON,
    name: 'ecr',
    matches: (host) => parseEcrHost(host)?.kind === 'private',
    // For both.
    judge,
    advice: forCheck({
      rejected: ({ user, isExchanged }) =>
        user === ECR_TOKEN_USER && !isExchanged
          ? 'a token of ECR lives for 12 hours: use AWS keys, which are exchanged for fresh ones'
          : 'check that the account and the region in the host name are those of the AWS keys',
      denied:
        'allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer for the repository, ' +
        'in the policy of the identity and, for another account, in that of the repository',
    }),
  },
  {
    ...COMMON,
    name: 'ecr-public',
    matches: (host) => parseEcrHost(host)?.kind === 'public',
    advice: forCheck({
      rejected: ({ isExchanged }) =>
        isExchanged
          ? 'check that the keys are allowed ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken'
          : 'a token of ECR lives for 12 hours: use AWS keys, which are exchanged for fresh ones',
      denied: 'check the name: everybody may pull from the public registry',
    }),
  },
];

function judge(triple: Triple, host: string): Judged {
  const ecrHost = parseEcrHost(host);
  const isAmazon = isAccessKeyId(triple.user) || isAccessKeyId(triple.password);
  if (!ecrHost && isAmazon) return { problem: keysGoElsewhere(triple) };
  return judgeRole(triple, ecrHost);
}

/** AWS keys are no other registry's password: to write them would send them there. */
function keysGoElsewhere({ id }: Triple): Problem {
  const subject = variableName(id, 'SERVER');
  const what = 'is no registry of Amazon ECR, although these are AWS keys; not written';
  const names = "ACCOUNT.dkr.ecr.REGION.amazonaws.com with the account's 12 digits";
  return { code: 'SERVER_INVALID', subject, what, fix: `use ${names}, or public.ecr.aws` };
}
