import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { renderEntry } from '../action/protocol.ts';

/** Adds to one of the files that the runner reads after the step. */
export function append(file: 'PATH' | 'STEP_SUMMARY' | 'ENV' | 'OUTPUT' | 'STATE', text: string) {
  const path = process.env[`GITHUB_${file}`];
  if (path) appendFileSync(path, text);
}

export function tell(file: 'ENV' | 'OUTPUT' | 'STATE', name: string, value: string): void {
  append(file, renderEntry(name, value, `ghadelimiter_${randomUUID()}`));
}
