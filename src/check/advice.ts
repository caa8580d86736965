import { IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import type { Advice, Provider } from '../providers/provider.ts';
import { pasted } from '../providers/registry.ts';
import type { IgnoredProxy } from '../registry-client/network.ts';
import { PRODUCTS } from '../registry-client/products.ts';
import type { CheckOutcome, CheckResult } from '../registry-client/result.ts';
import { variableName } from '../secrets/triple.ts';

/** Where a credential came from, as far as advice depends on it. */
export type Origin =
  | {
      readonly kind: 'triple';
      readonly id: string;
      readonly isExchanged: boolean;
      readonly isGiven?: boolean | undefined;
      /** The secret has changed since. */
      readonly isOld?: boolean;
    }
  /** A `docker login`, or an entry that is not ours. */
  | { readonly kind: 'login' }
  | { readonly kind: 'variable' | 'helper'; readonly name: string };

export type Refusal = {
  readonly provider: Provider;
  readonly host: string;
  readonly user: string;
  /** Only its first letters matter. */
  readonly secret?: string | undefined;
  readonly origin: Origin;
  readonly ignoredProxy?: IgnoredProxy | undefined;
};

const NETWORK = 'check the network, the firewall and the proxy';

/** Advice that does not depend on who runs the registry. */
const OTHERS: Readonly<Partial<Record<CheckOutcome, string | ((refusal: Refusal) => string)>>> = {
  'image-not-found':
    'check its name and tag; most registries give the same answer if this user may not see the image',
  'not-a-registry': ({ origin }) => `check the host and the port in ${nameOf(origin)}`,
  'unsafe-realm': ({ host }) =>
    `ask whoever runs the registry; if you trust that address, docker login ${host} sends the password there`,
  'name-unknown': ({ origin }) =>
    `check ${nameOf(origin)}, and whether this network resolves that host`,
  'tls-failed': ({ host }) =>
    `put its CA into /etc/docker/certs.d/${host}/ca.crt, where docker looks, or install it as a CA of the system`,
  unreachable: NETWORK,
  timeout: NETWORK,
  'proxy-failed': 'check HTTPS_PROXY, or add the host to NO_PROXY if it needs no proxy',
  'rate-limited': 'wait, then run registry-auth check again',
  'server-error': 'wait until the registry works again, then run registry-auth check again',
};

const WITHOUT_PROXY: readonly CheckOutcome[] = ['name-unknown', 'unreachable', 'timeout'];

const OLD_NODE =
  'Node uses HTTPS_PROXY only from 22.21 and 24.5 on, and this one is older: ' +
  'put a newer one on PATH and rebuild; docker may still get through';

/** If a proxy is set that we do not use. */
function adviseProxy({ ignoredProxy: ignored }: Refusal): string | undefined {
  if (!ignored || ignored === 'old-node') return ignored && OLD_NODE;
  const address = 'http://HOST:PORT, with special characters in the password as %XX';
  return `set ${ignored} to ${address}; its current value is not the address of an HTTP proxy`;
}

/** What to do, in one imperative sentence; undefined if all is well. */
export function advise(result: CheckResult, refusal: Refusal): string | undefined {
  const { outcome, because } = result;
  const { provider, host, user, secret, origin } = refusal;
  if (outcome === 'image-denied') return adviseFrom('denied', result, refusal);
  const other = (WITHOUT_PROXY.includes(outcome) && adviseProxy(refusal)) || OTHERS[outcome];
  if (outcome !== 'rejected') return typeof other === 'function' ? other(refusal) : other;
  if (because?.startsWith('before '))
    return "allow this machine's address: a firewall, a proxy or an allow list blocks it";
  const named = provider.name === 'other' ? pasted().findUserAdvice(host, user) : undefined;
  const advice = named ?? adviseFrom('rejected', result, refusal);
  // You did not set it, so you cannot renew it.
  if (isGivenOrigin(origin)) return advice;
  if (origin.kind === 'triple' && origin.isOld)
    return 'run registry-auth apply, which writes the current secret';
  const unfit = secret && pasted().findUnfit(secret, host);
  if (unfit) return `${unfit.fix}: the secret ${unfit.what}`;
  return `${renew(refusal)}; ${advice}`;
}

/** Advice of the provider, or of the software that it runs. */
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

function renew({ origin, host, user }: Refusal): string {
  switch (origin.kind) {
    case 'triple':
      return `renew ${variableName(origin.id, 'PASSWORD')}`;
    case 'variable':
      return `renew what ${origin.name} holds, or unset it`;
    case 'helper':
      return `log in again in the store that ${origin.name} reads`;
    default:
      return user === IDENTITY_TOKEN_USER
        ? 'log in again as you did before'
        : `run docker login ${host} again, or registry-auth apply --force to use the secret`;
  }
}

function isGivenOrigin(origin: Origin): boolean {
  return origin.kind === 'triple' && origin.isGiven === true;
}

/** A credential without a triple has no such variables. */
function nameOf(origin: Origin): string {
  return origin.kind === 'triple' && !origin.isGiven
    ? variableName(origin.id, 'SERVER')
    : 'the name';
}
