import type { Notice, Problem } from '../domain/problem.ts';
import type { Outcome } from '../domain/reconcile.ts';
import type { Summary, SummaryRegistry } from '../domain/summary.ts';

/** What goes to each stream. */
export type Report = { readonly stdout: string; readonly stderr: string };

/** Colours a piece of text, or not; from the entry, which knows the stream. */
export type Paint = (format: 'red' | 'yellow' | 'green' | 'dim' | 'bold', text: string) => string;

/** `subject: what [CODE]` and `fix: …`; the one form of every message. */
export function renderProblem(
  { subject, what, fix, code }: Problem | Notice,
  paint: Paint,
  mark: 'red' | 'yellow',
): string {
  const first = `${paint(mark, subject)}: ${what} ${paint('dim', `[${code}]`)}`;
  return fix === undefined ? `${first}\n` : `${first}\n  fix: ${fix}\n`;
}

/** For a hook's log, where every secret's value, SERVER and USER too, is masked: IDs and providers only. */
export function renderHook({ registries, problems, notices }: Summary, paint: Paint): Report {
  const prefix = 'registry-auth: ';
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ]
    .map((text) => prefix + text)
    .join('');
  const wanted = registries.filter(({ source }) => source !== undefined);
  const ready = wanted.filter((registry) => registry.ready);
  const others = registries.filter(({ source }) => source === undefined);
  const [left, gone] = partition(others, ({ keys }) =>
    keys.some(({ outcome }) => outcome === 'unchanged'),
  );
  const isQuiet = wanted.length + problems.length + notices.length === 0;
  const lines = [
    isQuiet
      ? `no registry secrets found; ${others.length > 0 ? 'nothing new to write' : 'nothing to do'}`
      : '',
    ready.length > 0
      ? `${count(ready.length, 'registry', 'registries')} ready: ${names(ready)}`
      : '',
    left.length > 0 ? `left as before, although no secret is here: ${names(left)}` : '',
    gone.length > 0 ? `removed, because the secrets are gone: ${names(gone)}` : '',
  ].filter((line) => line !== '');
  return { stdout: lines.map((line) => `${prefix}${line}\n`).join(''), stderr };
}

function partition<T>(list: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((one) => !test(one))];
}

function names(registries: readonly SummaryRegistry[]): string {
  return registries.map(({ id, provider }) => `${id} (${provider})`).join(', ');
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

const OUTCOMES: Record<Outcome, readonly [string, string]> = {
  written: ['written', 'would be written'],
  unchanged: ['unchanged', 'unchanged'],
  kept: ["kept: somebody's own login", "kept: somebody's own login"],
  removed: ['removed', 'would be removed'],
  restored: ['what was there before is back', 'what was there before would be back'],
};

/** For a person at a terminal. */
export function renderSummary(summary: Summary, paint: Paint): Report {
  const { registries, problems, notices, config, dryRun, changed } = summary;
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  if (registries.length === 0) {
    return {
      stdout: problems.length > 0 ? '' : 'no registry secrets found; nothing to do\n',
      stderr,
    };
  }
  const width = Math.max(...registries.map(({ id }) => id.length));
  const rows = registries.flatMap(({ id, provider, keys }) =>
    keys.map(({ key, outcome }, index) => {
      const label = (index === 0 ? id : '').padEnd(width);
      return `  ${label}  ${(index === 0 ? provider : '').padEnd(10)}  ${key}  ${paint('dim', OUTCOMES[outcome][dryRun ? 1 : 0])}\n`;
    }),
  );
  const verdict = changed
    ? dryRun
      ? 'would be changed (dry run, nothing written)'
      : 'changed'
    : 'nothing to change';
  return { stdout: `${paint('bold', config)}: ${verdict}\n${rows.join('')}`, stderr };
}
