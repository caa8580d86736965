import type { CheckOutcome, Verdict } from './outcome.ts';

/** A request, as data. Only what is asked for by `isRead` is read of the answer's body. */
export type Ask = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly authorization?: string;
  readonly accept?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly isRead?: boolean;
};

/** What matters of an answer. */
export type Answer = {
  readonly status: number;
  /** All of WWW-Authenticate. */
  readonly challenge: string;
  readonly contentType: string;
  readonly body: string;
};

/** Why there is none. */
export type Failure = { readonly failure: CheckOutcome; readonly detail: string };

export type Reply = Answer | Failure;

/** Asks, one after another, until it is clear how the registry takes a credential. */
export type Conversation<T = Verdict> = Generator<Ask, T, Reply>;

/** What an answer says whatever was asked for. */
export function judgeTrouble(status: number): Verdict | undefined {
  if (status === 429) return { outcome: 'rate-limited', status };
  if (status >= 500) return { outcome: 'server-error', status };
  const isRedirect = status >= 300 && status < 400;
  const because = 'it leads on to another address, where no credential is sent';
  return isRedirect ? { outcome: 'not-a-registry', status, because } : undefined;
}

export function failed({ failure: outcome, detail }: Failure, place?: string): Verdict {
  return { outcome, because: [detail, place].filter(Boolean).join(' ') };
}
