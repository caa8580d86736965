import { plain } from '../plain.ts';
import type { Messages, Notice, Problem } from '../problem.ts';

export { plain } from '../plain.ts';

/** What a program writes to each stream, and its exit status. */
export type Report = {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: 0 | 1 | 2;
  /** Makes the whole result, which --json prints instead. */
  readonly document?: () => object;
};

/** The versions of the program and of Node, which every document contains. */
export type Program = { readonly version: string; readonly node: string };

/** Colours text, or not; created by the entry point, which has the stream. */
export type Paint = {
  (format: 'red' | 'yellow' | 'green' | 'dim' | 'bold', text: string): string;
  /** Breaks a line, if it is for a terminal of stdout or stderr, and indents the rest. */
  readonly wrap: (stream: 1 | 2, line: string, indent: number) => string;
};

/** `subject: what [CODE]`, `fix: …` and commands; every message has this form. */
export function renderProblem(
  { subject, what, fix, code, commands = [] }: Problem | Notice,
  paint: Paint,
  mark: 'red' | 'yellow' = 'red',
  prefix = '',
): string {
  const first = `${prefix}${paint(mark, plain(subject))}: ${plain(what)} ${paint('dim', `[${code}]`)}`;
  const help = fix === undefined ? [] : [paint.wrap(2, `  fix: ${plain(fix)}`, 7)];
  const typed = commands.map((line) => `    ${plain(line)}`);
  return [paint.wrap(2, first, 4), ...help, ...typed, ''].join('\n');
}

type Row = { readonly cells: readonly string[]; readonly words: string };

/** A table with at least these column widths; the text after them wraps below itself. */
export function renderTable(rows: readonly Row[], least: readonly number[], paint: Paint): string {
  const widths = least.map((width, index) =>
    Math.max(width, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const lines = rows.map(({ cells, words }) => {
    const columns = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
    return `${paint.wrap(1, `  ${plain(columns)}  ${words}`, columns.length + 4)}\n`;
  });
  return lines.join('');
}

/** All problems and notices, each with the prefix. */
export function renderMessages({ problems, notices }: Messages, paint: Paint, prefix = ''): string {
  const red = problems.map((one) => renderProblem(one, paint, 'red', prefix));
  const yellow = notices.map((one) => renderProblem(one, paint, 'yellow', prefix));
  return [...red, ...yellow].join('');
}

/** A report with its messages on stderr, and status 1 if there is a problem. */
export function reportOf(
  stdout: string,
  messages: Messages,
  paint: Paint,
  document: () => object = () => messages,
): Report {
  const status = messages.problems.length > 0 ? 1 : 0;
  return { stdout, stderr: renderMessages(messages, paint), status, document };
}

/** A command line that is wrong, or names nothing. */
export function renderMisuse(problem: Problem, paint: Paint): Report {
  return { ...reportOf('', { problems: [problem], notices: [] }, paint), status: 2 };
}

/** The version of the JSON documents: it grows if a member changes, not if one is added. */
const JSON_VERSION = 1;

export function renderDocument(document: object, product: Program): string {
  const hidden = (name: string, value: unknown) => (name === 'isAboutClients' ? undefined : value);
  const text = JSON.stringify({ version: JSON_VERSION, product, ...document }, hidden, 2);
  return `${text.replace(/[^\n]+/g, plain)}\n`;
}

/** ISO 8601, from milliseconds since the epoch. */
export function renderTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
