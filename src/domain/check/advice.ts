import { IDENTITY_TOKEN_USER } from '../../dockerconfig/auth-entry.ts';
import type { CheckOutcome, CheckResult, Product } from '../../registry-client/result.ts';
import { ECR_TOKEN_USER } from '../ecr/keys.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import type { Provider } from '../registries/provider.ts';
import { variableName } from '../triples/triple.ts';

/** Where a credential came from, as far as what to do about it goes. */
export type Origin =
  | {
      readonly kind: 'triple';
      readonly id: string;
      readonly isExchanged: boolean;
      /** The secret has changed since. */
      readonly isOld?: boolean;
    }
  /** A `docker login`, or an entry that somebody wrote. */
  | { readonly kind: 'login' }
  | { readonly kind: 'variable' | 'helper'; readonly name: string }
  | { readonly kind: 'none' };

/** All that a piece of advice depends on, besides the verdict. */
export type Context = {
  readonly provider: Provider;
  readonly host: string;
  readonly user: string;
  readonly origin: Origin;
  /** A proxy that this Node is too old to use. */
  readonly isProxyIgnored: boolean;
};

type Advice = (context: Context) => string;

/** Self-hosted software is told by its challenge, everybody else by the host. */
type Kind = Provider | Product;

/** What each registry has its own reasons for (clients.md 9.2), after what to renew. */
const REJECTED: Readonly<Record<Kind, Advice>> = {
  'docker-hub': () =>
    'use a personal access token, because with two-factor authentication Docker Hub takes no password, ' +
    'and the user name, not an e-mail address',
  ghcr: ({ origin }) =>
    isGithubToken(origin)
      ? 'stop and start the codespace, which renews GITHUB_TOKEN'
      : 'use a classic token with read:packages that has not expired: ghcr.io takes no other kind',
  quay: () => "use the robot account's whole name, such as team+robot, and its token",
  acr: ({ user, host }) =>
    user === host.split('.')[0]
      ? 'this is the admin user, which is disabled in a new registry: ' +
        'enable it, or better use a token or a service principal with the role AcrPull'
      : 'use a password of the token or a secret of the service principal that has not ended',
  gcr: googleRejected,
  gar: googleRejected,
  ecr: ({ user, origin }) =>
    user === ECR_TOKEN_USER && !isExchanged(origin)
      ? 'a token of ECR lives for 12 hours: use AWS keys, which are exchanged for fresh ones'
      : 'check that the account and the region in the host name are those of the AWS keys',
  'ecr-public': ({ origin }) =>
    isExchanged(origin)
      ? 'check that the keys are allowed ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken'
      : 'a token of ECR lives for 12 hours: use AWS keys, which are exchanged for fresh ones',
  gitlab: () =>
    'use a deploy token or a personal access token with the scope read_registry ' +
    'that has not expired, and the user name that belongs to it',
  artifactory: () => 'use an access or identity token, and the user that it was made for',
  nexus: () =>
    'check that the realm of that user, or for tokens the Docker Bearer Token Realm, is active',
  other: () => 'check that the user name is the one that belongs to it',
};

function googleRejected({ user }: Context): string {
  if (/^_json_key(?:_base64)?$/.test(user))
    return 'the key of the service account was disabled or deleted: make a new one';
  if (user === 'oauth2accesstoken')
    return 'an access token lives for one hour: use the key of a service account';
  return 'use the user _json_key, and as the password the key of a service account';
}

const DENIED: Readonly<Record<Kind, Advice>> = {
  'docker-hub': () => 'let this user read the repository, and the token more than public ones',
  ghcr: ({ origin }) =>
    isGithubToken(origin)
      ? 'grant the package to this repository, under Manage Codespaces access in its settings'
      : 'ghcr.io answers so for a classic token without read:packages, ' +
        'for one that is not authorized for single sign-on, ' +
        'and for a package that is not granted to the user or the repository',
  quay: () => 'give the robot account the permission Read for the repository',
  acr: () => 'name the repository in the scope map of the token, or assign the role AcrPull',
  gcr: googleDenied,
  gar: googleDenied,
  ecr: () =>
    'allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer for the repository, ' +
    'in the policy of the identity and, for another account, in that of the repository',
  'ecr-public': () => 'check the name: everybody may pull from the public registry',
  gitlab: () =>
    'give the deploy token the scope read_registry in the project or group of the image, ' +
    'or make the user a member of it',
  artifactory: () => 'let the user read the repository',
  nexus: () => 'give the user a role with the read privilege for the repository',
  other: () => 'let the user read the repository',
};

function googleDenied(): string {
  return 'give the service account the role Artifact Registry Reader for the repository';
}

const MISSING_IMAGE =
  'check its name and tag; most registries say the same of what a user may not see';

const NETWORK = 'check the network, the firewall and the proxy';

function serverOf(origin: Origin): string | undefined {
  return origin.kind === 'triple' ? variableName(origin.id, 'SERVER') : undefined;
}

const OTHERS: Readonly<Partial<Record<CheckOutcome, Advice>>> = {
  'image-not-found': () => MISSING_IMAGE,
  'not-a-registry': ({ origin }) =>
    `check the host and the port in ${serverOf(origin) ?? 'the name'}`,
  'unsafe-realm': ({ host }) =>
    `ask who runs the registry; where you trust that address, docker login ${host} sends the password there`,
  'name-unknown': ({ origin, isProxyIgnored }) => {
    const what = serverOf(origin) ?? 'the name';
    return isProxyIgnored ? OLD_NODE : `check ${what}, and whether this network knows that host`;
  },
  'tls-failed': () =>
    'name the CA of your network in NODE_EXTRA_CA_CERTS, or let the system trust it; docker needs it too',
  unreachable: ({ isProxyIgnored }) => (isProxyIgnored ? OLD_NODE : NETWORK),
  timeout: ({ isProxyIgnored }) => (isProxyIgnored ? OLD_NODE : NETWORK),
  'proxy-failed': () => 'check HTTPS_PROXY, and name the host in NO_PROXY where it needs none',
  'rate-limited': () => 'wait, then run registry-auth check again',
  'server-error': () => 'wait until the registry is well, then run registry-auth check again',
};

const OLD_NODE =
  'Node uses HTTPS_PROXY from 22.21 and 24.5 on, and this one is older: ' +
  'put a newer one on PATH and rebuild; docker may get through all the same';

/** What to do, in one imperative sentence; nothing where all is well. */
export function advise(verdict: CheckResult, context: Context): string | undefined {
  const { outcome, product, because } = verdict;
  const kind = product ?? context.provider;
  if (outcome === 'rejected' && because?.startsWith('before '))
    return "let this machine's address through: that is a firewall, a proxy or an allow list";
  if (outcome === 'rejected' && isGithubToken(context.origin)) return REJECTED[kind](context);
  if (outcome === 'rejected' && isOld(context.origin))
    return 'run registry-auth apply, which writes what the secret is now';
  if (outcome === 'rejected') return `${renew(context)}; ${REJECTED[kind](context)}`;
  if (outcome === 'image-denied') return DENIED[kind](context);
  return OTHERS[outcome]?.(context);
}

/** What to set again, or where to log in. */
function renew({ origin, host, user }: Context): string {
  switch (origin.kind) {
    case 'triple':
      return `renew ${variableName(origin.id, 'PASSWORD')}`;
    case 'variable':
      return `renew what ${origin.name} holds, or unset it`;
    case 'helper':
      return `log in again, to what ${origin.name} answers from`;
    default:
      return user === IDENTITY_TOKEN_USER
        ? 'log in again as you did before'
        : `run docker login ${host} again, or registry-auth apply --force to use the secret`;
  }
}

function isGithubToken(origin: Origin): boolean {
  return origin.kind === 'triple' && origin.id === GITHUB_TOKEN_ID;
}

function isOld(origin: Origin): boolean {
  return origin.kind === 'triple' && origin.isOld === true;
}

function isExchanged(origin: Origin): boolean {
  return origin.kind === 'triple' && origin.isExchanged;
}
