/** What a check can end with; stable, because scripts read it. */
export type CheckOutcome =
  | 'accepted'
  | 'rejected'
  | 'image-denied'
  | 'image-not-found'
  | 'open'
  | 'not-a-registry'
  | 'unsafe-realm'
  | 'name-unknown'
  | 'tls-failed'
  | 'unreachable'
  | 'timeout'
  | 'proxy-failed'
  | 'rate-limited'
  | 'server-error'
  | 'incomplete'
  | 'exchange-failed';

/** What a registry's answers come to. Nothing in it is text of the registry's own, but `host`. */
export type Verdict = {
  readonly outcome: CheckOutcome;
  /** Whether it is about an image, beyond the login. */
  readonly isOfImage?: boolean;
  /** Of the answer that decided. */
  readonly status?: number;
  /** The registry's own name for the error: one of those in the distribution specification. */
  readonly code?: string;
  /** Our words for what is peculiar, or Node's code of an error. */
  readonly because?: string;
  /** Where a realm leads. */
  readonly host?: string;
  readonly product?: Product;
};

/** Software that tells its name in a challenge, and has peculiarities. */
export type Product = 'artifactory' | 'nexus';

/** Whether a client can pull, as far as was asked. */
export function isFine({ outcome }: { readonly outcome: CheckOutcome }): boolean {
  return outcome === 'accepted' || outcome === 'open';
}

const SENTENCES: Readonly<Record<CheckOutcome, readonly [login: string, image: string]>> = {
  accepted: ['accepts the credential', 'accepts the credential, and it may pull this image'],
  rejected: ['refuses the user name or the password', 'refuses the user name or the password'],
  'image-denied': ['', 'accepts the credential, but does not let it pull this image'],
  'image-not-found': ['', 'has no such image, or hides it from this user'],
  open: ['asks for no password, which proves nothing', 'lets everybody pull this image'],
  'not-a-registry': ['no registry answers there', 'no registry answers there'],
  'unsafe-realm': ['wants the password at an unsafe address; not sent', ''],
  'name-unknown': ['its host name does not exist', ''],
  'tls-failed': ['its certificate is not trusted', ''],
  unreachable: ['there is no way to it', ''],
  timeout: ['it gives no answer in time', ''],
  'proxy-failed': ['the proxy does not let us through', ''],
  'rate-limited': ['it has had too many requests', ''],
  'server-error': ['it is not well', ''],
  incomplete: ['docker has no credential for it here', ''],
  'exchange-failed': ['there is no token to send', ''],
};

/** One sentence, lower case, without a full stop; names no host unless it is allowed. */
export function describe(verdict: Verdict, { canNameHost = true } = {}): string {
  const { outcome, isOfImage, status, code, because, host } = verdict;
  const [login, image] = SENTENCES[outcome];
  const sentence = (isOfImage && image) || login || image;
  const answer = [status, code].filter((one) => one !== undefined).join(' ');
  const details = [answer, because, canNameHost ? host : undefined].filter(Boolean).join(', ');
  return details === '' ? sentence : `${sentence} (${details})`;
}
