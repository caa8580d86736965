import { forCheck, type Provider, type Site } from '../provider.ts';
import { parseEcrHost } from './host.ts';
import { ECR_TOKEN_USER, findTokenExpiry, isUsualAtEcr, judgeKeys, USE_ECR } from './keys.ts';

const COMMON = {
  // One token covers the whole account.
  hasNamespaces: false,
  exchangedUser: ECR_TOKEN_USER,
  isUsual: isUsualAtEcr,
  findExpiry: ({ user, secret }) => (user === ECR_TOKEN_USER ? findTokenExpiry(secret) : undefined),
  // A token that Codespaces made from the same keys.
  writtenByCodespaces: ({ user }, triple) =>
    user === ECR_TOKEN_USER && triple.user !== ECR_TOKEN_USER ? 'expiring' : undefined,
} as const satisfies Partial<Provider>;

const SITES: readonly Site[] = [
  {
    host: /^gallery\.ecr\.aws$/,
    server: (path) => ['public.ecr.aws', ...path].join('/'),
    is: "the gallery of Amazon's public registry",
  },
  {
    host: /^(?!\d{12}\.)\d+\.dkr[.-]ecr(?:-fips)?\./,
    what: 'has an account that is not 12 digits long',
    fix: USE_ECR,
  },
  {
    host: /^(?:[a-z0-9-]+\.)*(?:(?:console|signin)\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)|aws\.amazon\.com|awsapps\.com)$/,
    what: "is AWS's website",
    fix: USE_ECR,
  },
  {
    host: /^(?:\d+\.)?(?:api\.)?(?:dkr[.-])?(?:(?:ecr|ecr-public|public-ecr)\.)?(?:[a-z]{2,}(?:-[a-z]+)+-\d\.)?(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|ecr\.aws)$/,
    what: 'is an AWS host that lacks a part: the account, dkr.ecr or the region',
    fix: USE_ECR,
  },
];

export const ecr: readonly Provider[] = [
  {
    ...COMMON,
    name: 'ecr',
    matches: (host) => parseEcrHost(host)?.kind === 'private',
    // For both providers.
    judge: globalThis.WITHOUT_PASTED ? undefined : judgeKeys,
    sites: globalThis.WITHOUT_PASTED ? undefined : SITES,
    advice: forCheck({
      rejected: ({ user, isExchanged }) =>
        user === ECR_TOKEN_USER && !isExchanged
          ? 'an ECR token lasts 12 hours: use AWS keys, which are exchanged for fresh tokens'
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
          : 'an ECR token lasts 12 hours: use AWS keys, which are exchanged for fresh tokens',
      denied: 'check the name: anyone can pull from the public registry',
    }),
  },
];
