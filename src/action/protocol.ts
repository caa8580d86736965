/** What a job's runner reads: commands on stdout, and files of `name<<delimiter` (docs/ci.md). */

type Level = 'error' | 'warning' | 'notice';

/** Makes the runner replace a text by `***` in all that it logs from then on. */
export function renderMask(text: string): string {
  return `::add-mask::${escapeData(text)}\n`;
}

export function renderAnnotation(level: Level, title: string, message: string): string {
  const name = escapeData(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${level} title=${name}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** For the files of environment, outputs and state. The delimiter must be impossible to guess. */
export function renderEntry(name: string, value: string, delimiter: string): string {
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
