import type { Finding } from '../domain/check/finding.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { type CheckOutcome, isFine } from '../registry-client/result.ts';
import { renderDocument } from './json.ts';
import { type Paint, plain, type Report, renderProblem } from './text.ts';

type Colour = Parameters<Paint>[0];

/** Not red: nothing is known of the credential yet. */
const YELLOW: ReadonlySet<CheckOutcome> = new Set([
  'timeout',
  'rate-limited',
  'server-error',
  'unreachable',
  'name-unknown',
  'proxy-failed',
]);

const OUTCOME_WIDTH = 'exchange-failed'.length;

type TableRow = Pick<Finding, 'id' | 'host' | 'image'>;

/** Makes lines of a table whose widths are known before what stands in it. */
export function tableOf(all: readonly TableRow[], paint: Paint): (finding: Finding) => string {
  const idWidth = Math.max(2, ...all.map(({ id = '' }) => id.length));
  const nameWidth = Math.max(4, ...all.map((one) => nameOf(one).length));
  return (finding) => {
    const { id = '-', outcome, source, what, fix } = finding;
    const names = plain(`${id.padEnd(idWidth)}  ${nameOf(finding).padEnd(nameWidth)}`);
    const word = paint(colourOf(outcome), outcome.padEnd(OUTCOME_WIDTH));
    const from = source === undefined ? '' : `; from ${source}`;
    const line = `  ${names}  ${word}  ${plain(what + from)}\n`;
    return fix === undefined ? line : `${line}    fix: ${plain(fix)}\n`;
  };
}

function nameOf({ image, host = '-' }: TableRow): string {
  return image ?? host;
}

function colourOf(outcome: CheckOutcome): Colour {
  if (isFine({ outcome })) return 'green';
  return YELLOW.has(outcome) ? 'yellow' : 'red';
}

/** What stands beside the table: problems and notices. */
export function renderCheckProblems(
  {
    problems,
    notices,
  }: { readonly problems: readonly Problem[]; readonly notices: readonly Notice[] },
  paint: Paint,
): string {
  return [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
}

/** The document of `check --json`. */
export function renderCheckJson(
  findings: readonly Finding[],
  problems: readonly Problem[],
  notices: readonly Notice[],
): string {
  const results = findings.map(
    ({ id, provider, host, key, image, outcome, source, what, fix, milliseconds }) => ({
      id: id ?? null,
      provider: provider ?? null,
      host: host ?? null,
      key: key ?? null,
      ...(image === undefined ? {} : { image }),
      outcome,
      source: source ?? null,
      what,
      fix: fix ?? null,
      milliseconds: Math.round(milliseconds),
    }),
  );
  return renderDocument({ results, problems, notices });
}

/** For a hook's log: IDs and providers only, as in all of it. */
export function renderCheckInHook(findings: readonly Finding[], paint: Paint): Report {
  const prefix = 'registry-auth: ';
  const nameIn = ({ id = '-', provider }: Finding) => (provider ? `${id} (${provider})` : id);
  const [fine, others] = [findings.filter(isFine), findings.filter((one) => !isFine(one))];
  // One that asks for no password has accepted none.
  const told = (['accepted', 'open'] as const).map((wanted) => {
    const names = fine
      .filter(({ outcome }) => outcome === wanted)
      .map(nameIn)
      .join(', ');
    return names === '' ? '' : `${prefix}checked, and ${wanted}: ${plain(names)}\n`;
  });
  const lines = others.map((finding) => {
    const { hostless, outcome } = finding;
    const subject = paint('red', plain(nameIn(finding)));
    return `${prefix}${subject}: ${plain(hostless)} ${paint('dim', `[${outcome}]`)}\n`;
  });
  return {
    stdout: told.join(''),
    stderr: lines.join(''),
  };
}
