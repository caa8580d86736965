import { editConfig } from '../config/edit.ts';
import type { Notice, Problem } from '../problem.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { emptyRecord, isEmptyLedger, type Ledger, type Row, renderLedger } from './ledger.ts';
import { planSteps } from './plan.ts';
import type { Request } from './request.ts';
import { EMPTIED, type Slot, slotOf } from './slot.ts';
import type { State, Texts } from './state.ts';
import type { Step } from './step.ts';

/** What to write: undefined leaves a file alone, null removes it. */
export type Change = {
  /**
   * The ledger for the moment between two writes, in place before config.json changes, which it
   * always does then: whatever the run is killed at, the next one knows its own entry, old or new,
   * and never takes it for a login.
   */
  readonly before?: string | undefined;
  readonly config?: string | undefined;
  readonly ledger?: string | null | undefined;
};

export type Plan = {
  readonly change: Change;
  readonly steps: readonly Step[];
  /** The ledger as it will be. */
  readonly ledger: Ledger;
  /** Of the state that this was planned for. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Decides what becomes of both files. Where either may not be written, nothing does. */
export function planChange(state: State, request: Request): Plan {
  const { texts, config, ledger, problems, notices } = state;
  const told = { problems, notices };
  if (problems.length > 0) return { change: {}, steps: [], ledger, ...told };
  const marks = fingerprintsOf(ledger.secret, request.newKey);
  const { steps, logins } = planSteps({ config, ledger, request, marks });
  const secret = marks.key();
  const isPostCreated = ledger.isPostCreated ?? request.isPostCreated;
  const common = {
    ...(isPostCreated ? { isPostCreated } : {}),
    ...(secret === undefined ? {} : { secret }),
    envFiles: envFilesOf(ledger, request),
  };
  const next: Ledger = { ...common, rows: rowsOf(steps, ({ row }) => row), logins };
  const edits = steps.flatMap((step) => step.edits);
  const text = edits.length > 0 ? editConfig(config, edits) : undefined;
  const between = text === undefined ? undefined : ledgerBetween(ledger, next, steps);
  return { change: changeOf(texts, text, { between, next }), steps, ledger: next, ...told };
}

/** The ledger while a change is on its way. */
function ledgerBetween(old: Ledger, next: Ledger, steps: readonly Step[]): Ledger {
  // Where nothing of anybody's is replaced, what will be is all that there is to know.
  if (isEmptyLedger(old) && !steps.some(({ isContested }) => isContested)) return next;
  const rows = rowsOf(steps, (step) => rowBetween(step, old.rows[step.key]));
  return { ...next, rows, logins: { ...next.logins, ...old.logins } };
}

function envFilesOf({ envFiles: before }: Ledger, { envFiles }: Request): string[] {
  const { used, keepsOthers, unfit } = envFiles;
  const all = new Set([...(keepsOthers ? before : []), ...used]);
  return [...all].filter((path) => !unfit.includes(path));
}

function rowsOf(steps: readonly Step[], choose: (step: Step) => Row | undefined) {
  const rows = emptyRecord<Row>();
  for (const step of steps) {
    const row = choose(step);
    if (row) rows[step.key] = row;
  }
  return rows;
}

/**
 * A row while its change is on the way: it knows what was ours and what stood before, besides what
 * will; and where somebody's statement comes or goes, it does not claim yet that the triple has had
 * its say.
 */
function rowBetween({ row, isContested }: Step, old: Row | undefined): Row | undefined {
  const known = row ?? old;
  if (!known) return undefined;
  return {
    ...known,
    triple: isContested ? undefined : known.triple,
    entry: slotBetween(old?.entry, row?.entry),
    helper: slotBetween(old?.helper, row?.helper),
  };
}

function slotBetween(old: Slot | undefined, next: Slot | undefined): Slot | undefined {
  if (!old || !next) return old ?? next;
  const before = next.before ?? old.before;
  const ours = [...new Set([...old.ours, ...next.ours])];
  // A place that is still empty is ours only where that is its newest mark.
  const isEmptied = [old, next].some((slot) => slot.ours.at(-1) === EMPTIED);
  const inOrder = isEmptied ? [...ours.filter((mark) => mark !== EMPTIED), EMPTIED] : ours;
  return slotOf(inOrder, before);
}

function changeOf(
  texts: Texts,
  config: string | undefined,
  { between, next }: { readonly between: Ledger | undefined; readonly next: Ledger },
): Change {
  const render = (ledger: Ledger) => (isEmptyLedger(ledger) ? null : renderLedger(ledger));
  const final = render(next);
  const interim = between === next ? final : between && render(between);
  const before = interim !== null && interim !== texts.ledger ? interim : undefined;
  const isFinal = final === (before ?? texts.ledger ?? null);
  return { config, before, ledger: isFinal ? undefined : final };
}
