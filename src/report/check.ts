import type { Finding } from '../check/finding.ts';
import type { Messages } from '../problem.ts';
import { type CheckOutcome, isFine } from '../registry-client/result.ts';
import { type Paint, plain, type Report } from './text.ts';

/** Not red: whether the credential is good is still open. */
const YELLOW: ReadonlySet<CheckOutcome> = new Set([
  'timeout',
  'rate-limited',
  'server-error',
  'unreachable',
  'name-unknown',
  'proxy-failed',
]);

const OUTCOME_WIDTH = 'exchange-failed'.length;

export type Label = Pick<Finding, 'id' | 'host' | 'image'>;

/** Renders table rows; the labels fix the widths before any row exists. */
export function tableOf(labels: readonly Label[], paint: Paint): (finding: Finding) => string {
  const idWidth = Math.max(2, ...labels.map(({ id = '' }) => id.length));
  const nameWidth = Math.max(4, ...labels.map((one) => nameOf(one).length));
  return (finding) => {
    const { id = '-', outcome, source, what, fix } = finding;
    const names = plain(`${id.padEnd(idWidth)}  ${nameOf(finding).padEnd(nameWidth)}`);
    const colour = YELLOW.has(outcome) ? 'yellow' : 'red';
    const word = paint(isFine({ outcome }) ? 'green' : colour, outcome.padEnd(OUTCOME_WIDTH));
    const from = source === undefined ? '' : `; from ${source}`;
    const indent = names.length + OUTCOME_WIDTH + 6;
    const line = paint.wrap(1, `  ${names}  ${word}  ${plain(what + from)}`, indent);
    const help = fix === undefined ? '' : `${paint.wrap(1, `    fix: ${plain(fix)}`, 9)}\n`;
    return `${line}\n${help}`;
  };
}

function nameOf({ image, host = '-' }: Label): string {
  return image ?? host;
}

export function toCheckDocument(
  findings: readonly Finding[],
  { problems, notices }: Messages,
): object {
  const results = findings.map((finding) => {
    const { id = null, provider = null, host = null, key = null, image, outcome } = finding;
    const { source = null, what, fix = null } = finding;
    const milliseconds = Math.round(finding.milliseconds);
    return { id, provider, host, key, image, outcome, source, what, fix, milliseconds };
  });
  return { results, problems, notices };
}

/** For a hook's log: shows only IDs and providers, like every line there. */
export function renderCheckInHook(findings: readonly Finding[], paint: Paint): Report {
  const prefix = 'registry-auth: ';
  const nameIn = ({ id = '-', provider }: Finding) => (provider ? `${id} (${provider})` : id);
  // A registry that requires no password has accepted none.
  const fine = (['accepted', 'open'] as const).map((wanted) => {
    const names = findings.filter(({ outcome }) => outcome === wanted).map(nameIn);
    return names.length > 0 ? `${prefix}checked, and ${wanted}: ${plain(names.join(', '))}\n` : '';
  });
  const others = findings.filter((finding) => !isFine(finding));
  const lines = others.map((finding) => {
    const subject = paint('red', plain(nameIn(finding)));
    const outcome = paint('dim', `[${finding.outcome}]`);
    return `${prefix}${subject}: ${plain(finding.hostless)} ${outcome}\n`;
  });
  return { stdout: fine.join(''), stderr: lines.join(''), status: 0 };
}
