import type { Summary } from '../domain/tell/summary.ts';

/**
 * The version of every JSON document's shape; a new member is no new version, a changed or missing
 * one is.
 */
export const JSON_VERSION = 1;

/** The document of `apply --json` and `logout --json`; docs/cli.md has it. Times are ISO 8601. */
export function renderSummaryJson({ registries, ...summary }: Summary): string {
  const shown = registries.map(({ expiresAt, source, ...registry }) => ({
    ...registry,
    source: source ?? null,
    expiresAt: renderTime(expiresAt),
  }));
  return renderDocument({ ...summary, registries: shown });
}

export function renderDocument(document: object): string {
  const hidden = (name: string, value: unknown) => (name === 'isAboutClients' ? undefined : value);
  return `${JSON.stringify({ version: JSON_VERSION, ...document }, hidden, 2)}\n`;
}

export function renderTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
