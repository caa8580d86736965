import type { Messages } from '../problem.ts';
import { KEY_STATES } from './ready.ts';
import { isKept, type Outcome, type Summary, type SummaryRegistry } from './registries.ts';
import {
  type Paint,
  plain,
  type Report,
  renderMessages,
  renderTable,
  renderTime,
  reportOf,
} from './text.ts';

const PREFIX = 'registry-auth: ';
const ASK = 'run registry-auth check in a terminal to ask the registries what is wrong';
const LOOK = 'run registry-auth status in a terminal to see what is wrong and how to fix it';
/** Problems that only AWS can report. */
const ASKED = /^ECR_(?!KEYS_SWAPPED|TOKEN_EXPIRED|ROLE_INVALID|ROLE_UNUSED)/;

/**
 * For a hook's log, which masks every secret's value, also SERVER and USER: only IDs and providers.
 * `checked` is a check's report; `news` has what no earlier hook of this start showed.
 */
export function renderHook(
  summary: Summary,
  paint: Paint,
  checked: Report | undefined,
  news: Messages,
): Report {
  const { problems, notices, registries } = summary;
  const isWell = problems.length === 0 && !checked?.stderr;
  const lines = hookLines(summary, problems.length + notices.length > 0);
  const isAsked = checked?.stderr || problems.some(({ code }) => ASKED.test(code));
  const count = problems.length - news.problems.length;
  const again = `${count} ${count === 1 ? 'problem was' : 'problems were'} shown by an earlier hook\n`;
  const more = isWell ? '' : `${PREFIX}${isAsked ? ASK : LOOK}\n`;
  return {
    stdout: lines.map((line) => `${PREFIX}${line}\n`).join('') + (checked?.stdout ?? ''),
    stderr: [
      renderMessages(news, paint, PREFIX),
      count > 0 ? PREFIX + again : '',
      checked?.stderr ?? '',
      more,
    ].join(''),
    status: problems.length > 0 ? 1 : 0,
    // A log names no host, because SERVER is a secret there.
    document: () =>
      toDocument({ ...summary, registries: registries.map((one) => ({ ...one, keys: [] })) }),
  };
}

function hookLines({ registries, mode }: Summary, hasMessages: boolean): string[] {
  const wanted = registries.filter(({ source }) => source !== undefined);
  const others = registries.filter(({ source }) => source === undefined);
  const ready = wanted.filter((registry) => registry.ready);
  const count = `${ready.length} ${ready.length === 1 ? 'registry' : 'registries'}`;
  const how = mode === 'helper' ? ' through our credential helper, with no secret written' : '';
  const lines: string[] = [];
  const add = (words: string, these: readonly SummaryRegistry[]) => {
    const names = these.map(({ id, provider }) => `${id} (${provider})`);
    if (names.length > 0) lines.push(`${words}: ${plain(names.join(', '))}`);
  };
  if (wanted.length === 0 && !hasMessages)
    lines.push(`no registry secrets found${registries.length > 0 ? '' : '; nothing to do'}`);
  add(`${count} ready${how}`, ready);
  add('left to your own login', wanted.filter(isKept));
  const gone = (wanted: Outcome) => others.filter(({ keys }) => keys[0]?.outcome === wanted);
  for (const [outcome, words] of GONE) add(words, gone(outcome));
  const left = gone('unchanged').map(({ id }) => id);
  if (left.length > 0) lines.push(`to remove it: registry-auth logout ${plain(left.join(' '))}`);
  return lines;
}

/** The outcome for an entry whose secret is not here. */
const GONE: readonly (readonly [Outcome, string])[] = [
  ['unchanged', 'left as before, although its secret is not set here'],
  ['removed', 'removed, because the secrets are gone'],
  ['restored', 'back to the login before ours, because the secrets are gone'],
  ['kept', 'left to your own login, because the secrets are gone'],
];

/** The texts for a real run and for a dry run. */
const OUTCOMES: Record<Outcome, readonly [string, string]> = {
  written: ['written', 'would be written'],
  unchanged: ['unchanged', 'unchanged'],
  kept: ['kept: your own login', 'kept: your own login'],
  removed: ['removed', 'would be removed'],
  restored: ['the login before ours is back', 'the login before ours would be back'],
};

/** For a terminal; `nothing` is the line if there was nothing to do. */
export function renderSummary(summary: Summary, paint: Paint, nothing: string): Report {
  return reportOf(renderRows(summary, paint, nothing), summary, paint, () => toDocument(summary));
}

function renderRows(summary: Summary, paint: Paint, nothing: string): string {
  const { registries, problems, config, dryRun, changed } = summary;
  if (registries.length === 0) return problems.length > 0 || changed ? '' : `${nothing}\n`;
  const rows = registries.flatMap(({ id, provider, keys, state }) =>
    keys.map(({ key, outcome }, index) => {
      const words = state ? KEY_STATES[state] : OUTCOMES[outcome][dryRun ? 1 : 0];
      const cells = index === 0 ? [id, provider, key] : ['', '', key];
      return { cells, words: paint('dim', words) };
    }),
  );
  const done = dryRun ? 'would be changed (dry run, nothing written)' : 'changed';
  const title = `${paint('bold', plain(config))}: ${changed ? done : 'nothing to change'}\n`;
  return title + renderTable(rows, [0, 10, 0], paint);
}

function toDocument({ registries, ...summary }: Summary): object {
  const shown = registries.map(({ expiresAt, source, ...registry }) => ({
    ...registry,
    source: source ?? null,
    expiresAt: renderTime(expiresAt),
  }));
  return { ...summary, registries: shown };
}
