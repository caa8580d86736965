import { plain } from '../plain.ts';
import type { Messages, Notice, Problem } from '../problem.ts';

export { plain } from '../plain.ts';

/** What a program writes to each stream, and its exit status. */
export type Report = {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: 0 | 1 | 2;
  /** All of it, which --json prints instead. */
  readonly document?: object;
};

/** The program and the Node that make a document, in each of them. */
export type Program = { readonly version: string; readonly node: string };

/** Colours a piece of text, or not; from the entry, which knows the stream. */
export type Paint = {
  (format: 'red' | 'yellow' | 'green' | 'dim' | 'bold', text: string): string;
  /** Breaks a line for the terminal that reads stdout, or stderr; what follows is indented. */
  readonly wrap?: (stream: 1 | 2, line: string, indent: number) => string;
};

/** `subject: what [CODE]`, `fix: …` and what to type; the one form of every message. */
export function renderProblem(
  { subject, what, fix, code, commands = [] }: Problem | Notice,
  paint: Paint,
  mark: 'red' | 'yellow' = 'red',
  prefix = '',
): string {
  const first = `${prefix}${paint(mark, plain(subject))}: ${plain(what)} ${paint('dim', `[${code}]`)}`;
  const help = fix === undefined ? [] : [wrap(paint, 2, `  fix: ${plain(fix)}`, 7)];
  const typed = commands.map((line) => `    ${plain(line)}`);
  return [wrap(paint, 2, first, 4), ...help, ...typed, ''].join('\n');
}

/** A line as it is, but on a terminal. */
export function wrap(paint: Paint, stream: 1 | 2, line: string, indent: number): string {
  return paint.wrap?.(stream, line, indent) ?? line;
}

type Row = { readonly cells: readonly string[]; readonly words: string };

/** A table with columns of at least these widths, and words that wrap below themselves. */
export function renderTable(rows: readonly Row[], least: readonly number[], paint: Paint): string {
  const widths = least.map((width, index) =>
    Math.max(width, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const lines = rows.map(({ cells, words }) => {
    const columns = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
    return `${wrap(paint, 1, `  ${plain(columns)}  ${words}`, columns.length + 4)}\n`;
  });
  return lines.join('');
}

/** All problems and notices, each with the prefix. */
export function renderMessages({ problems, notices }: Messages, paint: Paint, prefix = ''): string {
  const red = problems.map((one) => renderProblem(one, paint, 'red', prefix));
  const yellow = notices.map((one) => renderProblem(one, paint, 'yellow', prefix));
  return [...red, ...yellow].join('');
}

/** A report with its messages on stderr, and the status 1 where there is a problem. */
export function reportOf(
  stdout: string,
  messages: Messages,
  paint: Paint,
  document: object = messages,
): Report {
  const status = messages.problems.length > 0 ? 1 : 0;
  return { stdout, stderr: renderMessages(messages, paint), status, document };
}

/** What was typed is wrong, or names nothing. */
export function renderMisuse(problem: Problem, paint: Paint): Report {
  return { ...reportOf('', { problems: [problem], notices: [] }, paint), status: 2 };
}

/** The version of every JSON document's shape: not of new members, but of changed ones. */
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
