/**
 * What is wanted at a key: a triple for this host or namespace; something that gives way to
 * anybody; nothing any more (`gone`); nothing as far as this shell knows, which may lack secrets
 * (`unknown`).
 */
export type Wanted = 'explicit' | 'yielding' | 'gone' | 'unknown';

/**
 * Whose statement stands there now. Theirs is `outdated` where the triple is new or has changed
 * since, and where the user says so (`--force`).
 */
export type Owner = 'nobody' | 'ours' | 'theirs' | 'outdated';

/** `drop` forgets the key; `give back` also removes what is ours, or restores what stood before. */
export type Decision = 'write' | 'keep' | 'give back' | 'drop' | 'leave';

const TABLE: Readonly<Record<Wanted, Readonly<Record<Owner, Decision>>>> = {
  explicit: { nobody: 'write', ours: 'write', theirs: 'keep', outdated: 'write' },
  yielding: { nobody: 'write', ours: 'write', theirs: 'keep', outdated: 'keep' },
  gone: { nobody: 'drop', ours: 'give back', theirs: 'drop', outdated: 'drop' },
  unknown: { nobody: 'leave', ours: 'leave', theirs: 'leave', outdated: 'leave' },
};

/** The most recent explicit statement wins (design.md section 7). */
export function decide(wanted: Wanted, owner: Owner): Decision {
  return TABLE[wanted][owner];
}
