import { forCheck, type Provider } from '../provider.ts';
import { parseEcrHost } from './host.ts';
import { ECR_TOKEN_USER, findTokenExpiry, judgeKeys } from './keys.ts';

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
    judge: judgeKeys,
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
