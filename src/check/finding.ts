import type { State } from '../dockerconfig/state.ts';
import type { Problem } from '../problem.ts';
import { isGiven } from '../providers/find.ts';
import { loginName } from '../registries/keys.ts';
import type { CheckOutcome } from '../registry-client/result.ts';
import type { CheckTarget } from './targets.ts';

/** One result of a check, as shown. No field holds a credential or a registry's own text. */
export type Finding = {
  readonly id?: string | undefined;
  readonly provider?: string;
  readonly host?: string;
  readonly key?: string;
  readonly image?: string | undefined;
  readonly outcome: CheckOutcome;
  /** Where the credential is from; absent if there is none. */
  readonly source?: string | undefined;
  readonly what: string;
  /** The same without a host, for a hook's log. */
  readonly hostless: string;
  readonly fix?: string | undefined;
  readonly milliseconds: number;
};

export function findIncomplete(problems: readonly Problem[], isInCodespace: boolean): Finding[] {
  const incomplete = problems.filter(({ code }) => code === 'TRIPLE_INCOMPLETE');
  return incomplete.map(({ id = '', subject, what, fix }) => ({
    id,
    outcome: 'incomplete',
    what: `${subject}: ${what}`,
    hostless: `${subject}: ${what}`,
    fix: isInCodespace ? `${fix}; ${WHERE_MISSING}` : fix,
    milliseconds: 0,
  }));
}

/** Easily forgotten steps for Codespaces secrets (docs/clients.md, Codespaces). */
const WHERE_MISSING =
  'check the Codespaces secrets of the repository, of your account and of the organization; ' +
  'the last two must be granted to this repository; then ' +
  'stop and start the codespace';

/** Why docker has nothing to send although it should: the most likely reason. */
export function whyNothing({ key, desired }: CheckTarget, { state }: { readonly state: State }) {
  const name = loginName(key);
  const stored = state.logins.get(name);
  const fix = 'run registry-auth apply';
  if (stored && stored.user === undefined)
    return { what: 'logged out by hand', fix: `${fix} --force, or log in again` };
  if (desired) return { what: 'not written yet', fix };
  const { ids: [id] = [], isFallback } = state.config.records.logins.get(name) ?? {};
  if (id === undefined)
    return { what: 'it has no triple', fix: 'set its three secrets, or run docker login' };
  if (isFallback && isGiven(id))
    return {
      what: `${id} is not set in this shell`,
      fix: `run this in a codespace, where ${id} is set`,
    };
  return {
    what: `the secret of ${id} is not set in this shell`,
    fix: `run this where ${id} is set; in a codespace grant it to this repository, then stop and start the codespace`,
  };
}
