import type { Credential } from '../dockerconfig/auth-entry.ts';
import type { Product } from './products.ts';

/** How a check can end, stable for scripts; with texts for a login and for an image. */
export const OUTCOMES = {
  accepted: ['accepts the credential', 'accepts the credential, and it may pull this image'],
  rejected: ['refuses the user name or the password'],
  'image-denied': ['accepts the credential, but does not let it pull this image'],
  'image-not-found': ['has no such image, or hides it from this user'],
  open: ['asks for no password, so the credential was not tested', 'lets anyone pull this image'],
  'not-a-registry': ['no registry answers there'],
  'unsafe-realm': ['asks for the password at an unsafe address; not sent'],
  'name-unknown': ['its host name does not exist'],
  'tls-failed': ['its certificate is not trusted'],
  unreachable: ['it cannot be reached'],
  timeout: ['it did not answer in time'],
  'proxy-failed': ['the proxy refused the connection'],
  'rate-limited': ['it received too many requests'],
  'server-error': ['it has an internal error'],
  incomplete: ['docker has no credential for it here'],
  'exchange-failed': ['there is no token to send'],
} as const;

export type CheckOutcome = keyof typeof OUTCOMES;

/** Whether a registry accepts a credential. Only `host` is the registry's own text. */
export type CheckResult = {
  readonly outcome: CheckOutcome;
  /** Whether it concerns an image, not only the login. */
  readonly isOfImage?: boolean;
  readonly status?: number;
  /** The registry's error code: one of those in the distribution specification. */
  readonly code?: string | undefined;
  /** Our text for an unusual case, or Node's error code. */
  readonly because?: string;
  readonly host?: string | undefined;
  readonly product?: Product | undefined;
};

export function isFine({ outcome }: { readonly outcome: CheckOutcome }): boolean {
  return outcome === 'accepted' || outcome === 'open';
}

/** Judges a status that has one meaning for any request; `otherwise` is for all others. */
export function judgeStatus(status: number, otherwise: CheckOutcome): CheckResult {
  if (status === 429) return { outcome: 'rate-limited', status };
  if (status >= 500) return { outcome: 'server-error', status };
  if (status < 300 || status >= 400) return { outcome: otherwise, status };
  const because = 'it redirects to another address, to which no credential is sent';
  return { outcome: 'not-a-registry', status, because };
}

/** One sentence, lower case, without a full stop; names no host unless that is allowed. */
export function describe(result: CheckResult, { canNameHost = true } = {}): string {
  const { outcome, isOfImage, status, code, because, host } = result;
  const [login, image = login] = OUTCOMES[outcome];
  const sentence = isOfImage ? image : login;
  const response = [status, code].filter((one) => one !== undefined).join(' ');
  const details = [response, because, canNameHost ? host : undefined].filter(Boolean).join(', ');
  return details === '' ? sentence : `${sentence} (${details})`;
}

/** Shorter pieces occur by chance. */
const PIECE_LENGTH = 6;

/** Whether a registry's text contains a piece of the credential: then it is not printed. */
export function isEcho(text: string, { user, secret }: Credential): boolean {
  const lower = text.toLowerCase();
  const encoded = (['hex', 'base64'] as const).flatMap((encoding) =>
    [secret, `${user}:${secret}`].map((one) => Buffer.from(one).toString(encoding)),
  );
  const pieces = [secret, ...encoded].flatMap((form) => piecesOf(form.toLowerCase()));
  return pieces.some((piece) => lower.includes(piece));
}

function piecesOf(text: string): string[] {
  const count = Math.max(1, text.length - PIECE_LENGTH + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + PIECE_LENGTH));
}
