import { IDENTITY_TOKEN_USER } from '../../dockerconfig/auth-entry.ts';
import { isGiven } from '../../providers/find.ts';
import { PRODUCTS } from '../../providers/products.ts';
import type { Advice, Provider } from '../../providers/provider.ts';
import type { CheckOutcome, CheckResult } from '../../registry-client/result.ts';
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
export type Refusal = {
  readonly provider: Provider;
  readonly host: string;
  readonly user: string;
  readonly origin: Origin;
  /** A proxy that this Node is too old to use. */
  readonly isProxyIgnored: boolean;
};

const MISSING_IMAGE =
  'check its name and tag; most registries say the same of what a user may not see';

const NETWORK = 'check the network, the firewall and the proxy';

function serverOf(origin: Origin): string | undefined {
  return origin.kind === 'triple' ? variableName(origin.id, 'SERVER') : undefined;
}

/** What has nothing to do with who runs the registry. */
const OTHERS: Readonly<Partial<Record<CheckOutcome, (context: Refusal) => string>>> = {
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
export function advise(verdict: CheckResult, context: Refusal): string | undefined {
  const { outcome, because } = verdict;
  if (outcome === 'image-denied') return adviseFrom('denied', verdict, context);
  if (outcome !== 'rejected') return OTHERS[outcome]?.(context);
  if (because?.startsWith('before '))
    return "let this machine's address through: that is a firewall, a proxy or an allow list";
  const advice = adviseFrom('rejected', verdict, context);
  // Nobody set it, so nobody can renew it.
  if (isGivenOrigin(context.origin)) return advice;
  if (isOld(context.origin)) return 'run registry-auth apply, which writes what the secret is now';
  return `${renew(context)}; ${advice}`;
}

/** The provider's own advice, or that of the software which it runs. */
function adviseFrom(
  kind: keyof Advice,
  { product }: CheckResult,
  { provider, host, user, origin }: Refusal,
): string | undefined {
  const words = (product ? PRODUCTS[product] : provider).advice?.[kind];
  if (typeof words !== 'function') return words;
  const isExchanged = origin.kind === 'triple' && origin.isExchanged;
  return words({ host, user, isExchanged, isGiven: isGivenOrigin(origin) });
}

/** What to set again, or where to log in. */
function renew({ origin, host, user }: Refusal): string {
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

function isGivenOrigin(origin: Origin): boolean {
  return origin.kind === 'triple' && isGiven(origin.id);
}

function isOld(origin: Origin): boolean {
  return origin.kind === 'triple' && origin.isOld === true;
}
