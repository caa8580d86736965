import { findProvider } from '../providers/find.ts';
import type { Next, NextKey } from '../reconcile/next.ts';
import { HELPER, isAsItWas, isForeign, isOurs } from '../reconcile/ownership.ts';
import type { Change } from '../reconcile/plan.ts';
import { findHostKeys, splitName } from '../registries/keys.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What a change did to each key of one login. */
export type LoginOutcome = Pick<Next, 'managed' | 'lacksHelper'> & {
  readonly name: string;
  /** The triple's ID, or the record's first. */
  readonly id: string;
  readonly provider: string;
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  /** Whether a foreign login is kept although the triple is new. */
  readonly isNews: boolean;
};

export function findOutcome({ login, next }: Change): LoginOutcome {
  const { name, desired, managed: before } = login;
  const { decision, keys, managed, lacksHelper } = next;
  // What was foreign before and stays is kept, too.
  const isLeft = decision === 'leave' && desired !== undefined && isForeign(login);
  const isKept = decision === 'keep' || isLeft;
  const isGone = before !== undefined && managed === undefined;
  const ours = keys.filter(isConcerned);
  // Otherwise the keys that docker looks up.
  const isCanonical = ({ key }: NextKey) => findHostKeys(name).includes(key.key);
  const shown = ours.length > 0 ? ours : keys.filter(isCanonical);
  return {
    name,
    managed,
    lacksHelper,
    id: desired?.ids[0] ?? before?.ids[0] ?? '',
    provider: (desired?.registry.provider ?? findProvider(splitName(name).host)).name,
    keys: shown.map((one) => ({
      key: one.key.key,
      outcome: isKept ? 'kept' : findKeyOutcome(one, isGone),
    })),
    isNews: isKept && !isAsItWas(login),
  };
}

/** Whether a key is ours, before or after the change. */
function isConcerned(one: NextKey): boolean {
  const { key } = one;
  return key.use === 'entry' || isOurs(key) || key.helper === HELPER || isChanged(one);
}

function isChanged({ key, after }: NextKey): boolean {
  return key.entry !== after.entry || key.helper !== after.helper;
}

function findKeyOutcome(one: NextKey, isGone: boolean): Outcome {
  const { key, after } = one;
  if (!isGone) return isChanged(one) ? 'written' : 'unchanged';
  if (!isChanged(one)) return key.owner === 'foreign' ? 'kept' : 'removed';
  const isBack = (what: 'entry' | 'helper') => after[what] && after[what] !== key[what];
  return isBack('entry') || isBack('helper') ? 'restored' : 'removed';
}
