import type { Token } from '../io/token-cache.ts';
import type { Problem } from '../problem.ts';
import { findJwtEnd, parsePrinted } from '../secrets/printed.ts';
import { variableName } from '../secrets/triple.ts';
import { fetchEcrToken } from './ecr/token.ts';
import {
  credentialOf,
  type ExchangeAccess,
  type ExchangeResult,
  findTokenFile,
  isFresh,
} from './kept.ts';
import type { Named } from './registry.ts';
import { fetchInTurn, type MadeToken } from './turn.ts';

/** A bundle of its own: most triples hold the secret itself. */

/** The secret that a triple's command or keys make. Never throws. */
export function fetchMade(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  return one.triple.command === undefined ? fetchEcrToken(one, access) : fetchPrinted(one, access);
}

/** How long a command may run, and how long we use output that has no expiry. */
const LIMIT_MS = 10_000;
const KEPT_MS = 300_000;
/** How long before its expiry we stop using a token. */
const MARGIN_MS = 60_000;

async function fetchPrinted(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  const { cache, now, budgetMs } = access;
  const file = cache && findTokenFile(cache, one);
  const endsAt = now() + budgetMs;
  const turn = { isFresh: (token: Token) => isFresh(one, token, now()), now, waitMs: budgetMs / 2 };
  const make = () => printOnce(one, access, Math.min(LIMIT_MS, endsAt - now()));
  const { token, problem } = await fetchInTurn(file, turn, make);
  return token ? { credential: credentialOf(one, token) } : { problem };
}

async function printOnce(
  { triple: { id, user, command = '' } }: Named,
  { now, run }: ExchangeAccess,
  limitMs: number,
): Promise<MadeToken> {
  const end = (await run?.(command, limitMs)) ?? { what: 'is not run here' };
  const printed = 'output' in end ? parsePrinted(end.output) : end;
  if ('what' in printed) return { problem: failed(id, printed.what) };
  const { secret } = printed;
  const issuedAt = now();
  const jwtEnd = findJwtEnd(secret);
  const expiresAt = jwtEnd === undefined ? issuedAt + KEPT_MS : jwtEnd - MARGIN_MS;
  return { token: { user, secret, issuedAt, expiresAt } };
}

/** Repeats neither the command nor its output. */
function failed(id: string, what: string): Problem {
  const subject = variableName(id, 'PASSWORD_COMMAND');
  const fix = 'run it with sh -c in a terminal, from the folder /, until it prints only the secret';
  return { code: 'PASSWORD_COMMAND_FAILED', subject, what, fix, id };
}
