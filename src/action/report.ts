import type { Finding } from '../check/finding.ts';
import type { Messages, Notice, Problem } from '../problem.ts';
import { isFine } from '../registry-client/result.ts';
import { KEY_STATES } from '../report/ready.ts';
import type { SummaryRegistry } from '../report/registries.ts';
import { renderAnnotation } from './protocol.ts';

/** The document of `apply --json` or `check --json`, as far as a job's report needs it. */
export type JobResult = Messages & {
  readonly registries?: readonly SummaryRegistry[];
  readonly results?: readonly Finding[];
};

/** Adds what only the check found: both commands read the same triples. */
export function addCheck(applied: JobResult, check: JobResult): JobResult {
  const isNew = (known: readonly Notice[]) => (one: Notice) =>
    !known.some(({ code, subject }) => code === one.code && subject === one.subject);
  return {
    ...applied,
    problems: [...applied.problems, ...check.problems.filter(isNew(applied.problems))],
    notices: [...applied.notices, ...check.notices.filter(isNew(applied.notices))],
    // An incomplete triple has a problem already.
    results: check.results?.filter(({ outcome }) => outcome !== 'incomplete') ?? [],
  };
}

export function isWell({ problems, results = [] }: JobResult): boolean {
  return problems.length === 0 && results.every(isFine);
}

const NOTHING = 'no registry secrets found; nothing to do';

/** For the log: what is ready, then an annotation for all that is not. */
export function renderLog(result: JobResult, isStrict: boolean): string {
  const { problems, notices, results = [] } = result;
  const rows = rowsOf(result);
  const level = isStrict ? 'error' : 'warning';
  const lines = rows.map(({ name, state }) => `registry-auth: ${name}: ${state}\n`);
  const nothing = rows.length + problems.length === 0 ? [`registry-auth: ${NOTHING}\n`] : [];
  const annotate = (as: typeof level | 'notice') => (one: Problem | Notice) =>
    renderAnnotation(as, `registry-auth ${one.code}`, sentence(one));
  const refused = results.filter((one) => !isFine(one));
  return [
    ...nothing,
    ...lines,
    ...problems.map(annotate(level)),
    ...notices.map(annotate('notice')),
    ...refused.map(({ id, outcome, what, fix }) =>
      renderAnnotation(level, `registry-auth ${outcome}`, `${id ?? '-'}: ${withFix(what, fix)}`),
    ),
  ].join('');
}

export function renderJobSummary(result: JobResult): string {
  const { problems, notices } = result;
  const rows = rowsOf(result).map(
    ({ name, state }) => `| ${toEntities(name)} | ${toEntities(state)} |\n`,
  );
  const table = rows.length > 0 ? ['| registry | state |\n|---|---|\n', ...rows, '\n'] : [];
  const messages = [...problems, ...notices].map(
    (one) => `- ${toEntities(sentence(one))} [${one.code}]\n`,
  );
  const nothing = rows.length + messages.length === 0 ? [`${NOTHING}\n`] : [];
  return ['### registry-auth\n\n', ...nothing, ...table, ...messages].join('');
}

/** One row for each ID that has a secret, with the check's result. */
function rowsOf({ registries = [], results = [] }: JobResult) {
  // Leave out logins of another run, for which this job has no secret.
  const ours = registries.filter(({ source }) => typeof source === 'string');
  return ours.map((registry) => {
    const asked = results.filter(({ id }) => id === registry.id).map(({ outcome }) => outcome);
    const states = [stateOf(registry), ...new Set(asked)];
    return { name: `${registry.id} (${registry.provider})`, state: states.join(', ') };
  });
}

function stateOf({ ready, state, keys }: SummaryRegistry): string {
  if (ready) return 'ready';
  if (state) return KEY_STATES[state];
  const isKept = keys.some(({ outcome }) => outcome === 'kept');
  return isKept ? 'not used: an existing login is kept' : 'not ready';
}

function sentence({ subject, what, fix, commands = [] }: Problem | Notice): string {
  return [`${subject}: ${withFix(what, fix)}`, ...commands].join('\n');
}

function withFix(what: string, fix: string | null | undefined): string {
  return fix ? `${what}; fix: ${fix}` : what;
}

/** Escapes what Markdown or HTML would interpret. */
function toEntities(text: string): string {
  const isOwn = /[\\`*_{}[\]<>|&#~]/g;
  return text.replace(/\s+/g, ' ').replace(isOwn, (one) => `&#${one.charCodeAt(0)};`);
}
