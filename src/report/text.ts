import type { Notice, Problem } from '../domain/problem.ts';
import type { Summary, SummaryRegistry } from '../domain/tell/summary.ts';
import type { Outcome } from '../reconcile/plan.ts';

/** What goes to each stream. */
export type Report = { readonly stdout: string; readonly stderr: string };

/** A report, and the exit status that goes with it. */
export type Ending = { readonly report: Report; readonly status: 0 | 1 | 2 };

/** Colours a piece of text, or not; from the entry, which knows the stream. */
export type Paint = (format: 'red' | 'yellow' | 'green' | 'dim' | 'bold', text: string) => string;

/** `subject: what [CODE]`, `fix: …` and what to type; the one form of every message. */
export function renderProblem(
  { subject, what, fix, code, commands = [] }: Problem | Notice,
  paint: Paint,
  mark: 'red' | 'yellow',
): string {
  const first = `${paint(mark, plain(subject))}: ${plain(what)} ${paint('dim', `[${code}]`)}`;
  const help = fix === undefined ? [] : [`  fix: ${plain(fix)}`];
  return [first, ...help, ...commands.map((line) => `    ${plain(line)}`), ''].join('\n');
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text of others as a terminal may get it: with no character that would control it. */
export function plain(text: string): string {
  return text.replace(/[^ -~\u00a0-\uffff]/g, toEscape);
}

/**
 * For a hook's log, where every secret's value, SERVER and USER too, is masked: IDs and providers
 * only.
 */
export function renderHook(
  { registries, problems, notices, mode }: Summary,
  paint: Paint,
  checked: Report = { stdout: '', stderr: '' },
): Report {
  const prefix = 'registry-auth: ';
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ]
    .map((text) => prefix + text)
    .join('');
  const lines = [...hookLines(registries, mode, problems.length + notices.length > 0)];
  const isWell = problems.length === 0 && checked.stderr === '';
  const more = isWell ? '' : `${prefix}${MORE}\n`;
  return {
    stdout: lines.map((line) => `${prefix}${line}\n`).join('') + checked.stdout,
    stderr: stderr + checked.stderr + more,
  };
}

const MORE = 'registry-auth check, in a terminal, asks the registries and says what to do';

function* hookLines(
  registries: readonly SummaryRegistry[],
  mode: Summary['mode'],
  isSaid: boolean,
) {
  const wanted = registries.filter(({ source }) => source !== undefined);
  const ready = wanted.filter((registry) => registry.ready);
  const how = mode === 'helper' ? ' through our credential helper, with no secret written' : '';
  if (wanted.length === 0 && !isSaid)
    yield `no registry secrets found${registries.length > 0 ? '' : '; nothing to do'}`;
  if (ready.length > 0)
    yield `${count(ready.length, 'registry', 'registries')} ready${how}: ${names(ready)}`;
  const kept = wanted.filter(isKept);
  if (kept.length > 0) yield `left to somebody's own login: ${names(kept)}`;
  const others = registries.filter(({ source }) => source === undefined);
  for (const [outcome, words] of GONE) {
    const these = others.filter(({ keys }) => keys[0]?.outcome === outcome);
    if (these.length > 0) yield `${words}: ${names(these)}`;
  }
}

function isKept({ keys }: SummaryRegistry): boolean {
  return keys.some(({ outcome }) => outcome === 'kept');
}

/** What is said of an entry whose secret is not here, by what became of it. */
const GONE: readonly (readonly [Outcome, string])[] = [
  ['unchanged', 'left as before, although no secret is here'],
  ['removed', 'removed, because the secrets are gone'],
  ['restored', 'given back to what was there before, because the secrets are gone'],
  ['kept', "left to somebody's own login, because the secrets are gone"],
];

function names(registries: readonly SummaryRegistry[]): string {
  return plain(registries.map(({ id, provider }) => `${id} (${provider})`).join(', '));
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

const NO_TOKEN = 'no token; our helper tries again at each pull';

const OUTCOMES: Record<Outcome, readonly [string, string]> = {
  written: ['written', 'would be written'],
  unchanged: ['unchanged', 'unchanged'],
  kept: ["kept: somebody's own login", "kept: somebody's own login"],
  removed: ['removed', 'would be removed'],
  restored: ['what was there before is back', 'what was there before would be back'],
};

/** For a person at a terminal; `nothing` is what to say when there is nothing to tell. */
export function renderSummary(summary: Summary, paint: Paint, nothing: string): Report {
  const { registries, problems, notices, config, dryRun, changed } = summary;
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  if (registries.length === 0) {
    return { stdout: problems.length > 0 || changed ? '' : `${nothing}\n`, stderr };
  }
  const width = Math.max(...registries.map(({ id }) => id.length));
  const rows = registries.flatMap((registry) => {
    const { id, provider, keys, ready, source } = registry;
    return keys.map(({ key, outcome }, index) => {
      const label = (index === 0 ? id : '').padEnd(width);
      const what = `  ${label}  ${(index === 0 ? provider : '').padEnd(10)}  ${key}  `;
      const isTold = ready || source === undefined || isKept(registry);
      const state = isTold ? OUTCOMES[outcome][dryRun ? 1 : 0] : NO_TOKEN;
      return `${plain(what)}${paint('dim', state)}\n`;
    });
  });
  const verdict = changed
    ? dryRun
      ? 'would be changed (dry run, nothing written)'
      : 'changed'
    : 'nothing to change';
  return { stdout: `${paint('bold', plain(config))}: ${verdict}\n${rows.join('')}`, stderr };
}
