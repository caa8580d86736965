import { fetchEcrToken } from './ecr/token.ts';
import type { ExchangeAccess, ExchangeResult } from './kept.ts';
import type { Named } from './registry.ts';

/** A bundle of its own: most triples hold what their registry takes. Never throws. */
export function fetchMade(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  return fetchEcrToken(one, access);
}
