import type { Value } from '../config/edit.ts';

/** One place that we may fill, the entry or the helper of a key, as the ledger remembers it. */
export type Slot = {
  /** Fingerprints of the contents that are ours, the newest last. */
  readonly ours: readonly string[];
  /** JSON text of what stood there before ours. */
  readonly before?: string;
};

/**
 * How many contents of ours a slot remembers. A rebuild, a backup or docker's unlocked writing
 * brings an older one back, never one that is older than so many rotations.
 */
export const MAX_OURS = 32;

/** What a slot shall hold: a value, nothing, or what stood there before ours. */
export type Target = { readonly json: unknown } | 'absent' | 'before';

/** What stands in a slot, and what the ledger should remember of it once it is replaced. */
export type Standing = {
  readonly text: string | undefined;
  /** Whether it is what the slot shall hold. */
  readonly isWanted: boolean;
  /** Whether it is ours to give back or to take away. */
  readonly isOurs: boolean;
  readonly keepsake?: string | undefined;
};

/** The fingerprints of one section's contents, which are JSON values. */
export type Marks = {
  readonly take: (json: unknown) => string;
  readonly matches: (mark: string, json: unknown) => boolean;
};

/**
 * What to write: undefined leaves the place alone, null empties it; and what to remember, if
 * anything.
 */
export type Settled = {
  readonly edit?: Value | null | undefined;
  readonly slot?: Slot | undefined;
};

/**
 * Brings a slot from what stands there to what it shall hold. To give back touches nothing but
 * ours, and forgets the slot.
 */
export function settle(
  slot: Slot | undefined,
  standing: Standing,
  target: Target,
  marks: Marks,
): Settled {
  if (target === 'before') return giveBack(slot, standing);
  if (target === 'absent') return empty(slot, standing);
  return fill(slot, standing, target.json, marks);
}

function giveBack(slot: Slot | undefined, { isOurs }: Standing): Settled {
  if (!isOurs) return {};
  return { edit: slot?.before === undefined ? null : { raw: slot.before } };
}

function empty(slot: Slot | undefined, { text, keepsake }: Standing): Settled {
  const { ours = [] } = slot ?? {};
  const emptied = keepsake === undefined ? ours : append(ours, EMPTIED);
  return {
    edit: text === undefined ? undefined : null,
    slot: emptied.length > 0 ? slotOf(emptied, keepsake) : undefined,
  };
}

function fill(
  slot: Slot | undefined,
  { isWanted, keepsake }: Standing,
  json: unknown,
  marks: Marks,
): Settled {
  return {
    edit: isWanted ? undefined : { json },
    slot: slotOf(remember(slot?.ours ?? [], json, marks), keepsake),
  };
}

/** The mark of an empty place that is ours: what stood there before waits in the ledger. */
export const EMPTIED = 'emptied';

export function slotOf(ours: readonly string[], before: string | undefined): Slot {
  return before === undefined ? { ours } : { ours, before };
}

/** What an older ledger has of the same content gives way. */
function remember(ours: readonly string[], json: unknown, marks: Marks): readonly string[] {
  const mark = marks.take(json);
  return append(ours, mark, (one) => marks.matches(one, json));
}

function append(
  ours: readonly string[],
  mark: string,
  isSame = (one: string) => one === mark,
): readonly string[] {
  if (ours.at(-1) === mark) return ours;
  return [...ours.filter((one) => !isSame(one)), mark].slice(-MAX_OURS);
}
