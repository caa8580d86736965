import { type Blanks, editConfig } from './config-edit.ts';
import { type ConfigFault, type DockerConfig, parseDockerConfig } from './docker-config.ts';
import {
  isEmptyLedger,
  type Ledger,
  newerLedger,
  parseLedger,
  type Row,
  renderLedger,
} from './ledger.ts';
import type { Notice, Problem } from './problem.ts';
import { type KeyPlan, type Rules, reconcile } from './reconcile.ts';
import type { Wanted } from './wanted.ts';

/** The texts of config.json and ledger; undefined where there is no file. */
export type Texts = { readonly config: string | undefined; readonly ledger: string | undefined };

/** What to write: undefined leaves a file alone, null removes it. */
export type Change = {
  /** The ledger that must be on disk before config.json changes, so that what is replaced is never lost. */
  readonly before?: string | undefined;
  readonly config?: string | null | undefined;
  readonly ledger?: string | null | undefined;
  /** Puts a ledger that cannot be read aside first, under this name. */
  readonly setAside?: string | undefined;
};

export type PlannedChange = {
  readonly change: Change;
  readonly keys: readonly KeyPlan[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** The keys for which clients ask our helper. */
  readonly helped: ReadonlySet<string>;
};

export type PlanInput = {
  readonly rules: Rules;
  /** What is wanted, told once the file and the ledger are known. */
  readonly want: (config: DockerConfig, ledger: Ledger) => readonly Wanted[];
  /** The env files that the ledger should name, given those it names. */
  readonly envFiles: (before: readonly string[]) => readonly string[];
  /** How messages name config.json. */
  readonly shown: string;
  /** Used where there is none yet; the same one each time a plan is made again. */
  readonly newLedger: Ledger;
};

const UNCHANGED: Change = {};

/** Decides what becomes of both files. A file that cannot be preserved in full is left alone, as a problem. */
export function planChange(texts: Texts, input: PlanInput): PlannedChange {
  const config = parseDockerConfig(texts.config ?? '');
  if ('code' in config) {
    return {
      change: UNCHANGED,
      keys: [],
      helped: new Set(),
      problems: [describeFault(config, texts.config ?? '', input.shown)],
      notices: [],
    };
  }
  const parsed =
    texts.ledger === undefined ? { ledger: input.newLedger } : parseLedger(texts.ledger);
  if ('fault' in parsed && parsed.fault === 'newer') {
    return {
      change: UNCHANGED,
      keys: [],
      helped: new Set(),
      problems: [newerLedger(ledgerOf(input.shown))],
      notices: [],
    };
  }
  const ledger = 'ledger' in parsed ? parsed.ledger : input.newLedger;
  const plan = reconcile(input.want(config, ledger), config, ledger, input.rules);
  const edited = editConfig(config, plan.edits, ledger.blanks, texts.config !== undefined);
  const next: Ledger = {
    secret: ledger.secret,
    rows: plan.rows,
    logins: plan.logins,
    blanks: edited.blanks,
    envFiles: input.envFiles(ledger.envFiles),
  };
  const isDamaged = 'fault' in parsed;
  const setAside = isDamaged ? `registry-auth.json.damaged-${input.rules.now}` : undefined;
  return {
    change: {
      ...planTexts({ ...texts, ledger: isDamaged ? undefined : texts.ledger }, edited.text, {
        before: ledger,
        next,
      }),
      setAside,
    },
    keys: plan.keys,
    helped: new Set(Object.keys(plan.rows).filter((key) => plan.rows[key]?.helper)),
    problems: lacksHelper(plan.lacksHelper),
    notices: setAside ? [damagedLedger(input.shown, setAside)] : [],
  };
}

function planTexts(
  texts: Texts,
  config: string | null,
  { before, next }: { before: Ledger; next: Ledger },
): Change {
  const isGone = config === null && texts.config === undefined;
  const isChanged = config !== (texts.config ?? '') && !isGone;
  const final = isEmptyLedger(next) ? null : renderLedger(next);
  const isOneStep = isEmptyLedger(before) && !Object.values(next.rows).some(replacesEntry);
  const interim = isOneStep ? final : renderLedger(mergeLedgers(before, next));
  const first = isChanged && interim !== null && interim !== texts.ledger ? interim : undefined;
  const isFinal = final === (first ?? texts.ledger ?? null);
  return {
    config: isChanged ? config : undefined,
    before: first,
    ledger: isFinal ? undefined : final,
  };
}

function replacesEntry({ replacedEntry }: Row): boolean {
  return replacedEntry !== undefined;
}

/**
 * The ledger for the moment between two writes: old rows as they are, because the file still holds what they say, with new rows and with everything
 * that is about to be replaced.
 */
function mergeLedgers(before: Ledger, next: Ledger): Ledger {
  const rows: Record<string, Row> = { ...before.rows };
  for (const [key, row] of Object.entries(next.rows)) {
    const old = before.rows[key];
    const { replacedEntry, replacedHelper } = row;
    const pending = replacedEntry === undefined ? {} : { pending: true };
    rows[key] = old
      ? {
          ...old,
          ...(replacedEntry ? { replacedEntry } : {}),
          ...(replacedHelper ? { replacedHelper } : {}),
          ...pending,
        }
      : { ...row, ...pending };
  }
  return {
    ...next,
    rows,
    logins: { ...next.logins, ...before.logins },
    blanks: mergeBlanks(before.blanks, next.blanks),
  };
}

function mergeBlanks(before: Blanks, next: Blanks): Blanks {
  return { ...before, ...next };
}

function lacksHelper(ids: readonly string[]): Problem[] {
  if (ids.length === 0) return [];
  const what = `is not on PATH, but docker needs it for ${ids.join(', ')}`;
  const fix = 'add /usr/local/bin to PATH, or rebuild the container';
  return [{ code: 'HELPER_NOT_FOUND', subject: 'docker-credential-registry-auth', what, fix }];
}

function describeFault(
  { code, what, offset }: ConfigFault,
  text: string,
  subject: string,
): Problem {
  const before = text.slice(0, offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  return {
    code,
    subject,
    what: `${what} (${place}); left unchanged`,
    fix: 'repair or move the file, then run registry-auth apply',
  };
}

function damagedLedger(shown: string, setAside: string): Notice {
  return {
    code: 'LEDGER_DAMAGED',
    subject: ledgerOf(shown),
    what: `cannot be read; set aside as ${setAside}, and started anew`,
  };
}

function ledgerOf(shown: string): string {
  return shown.replace(/config\.json$/, 'registry-auth.json');
}
