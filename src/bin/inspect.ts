import { type ExportInput, exportKubernetes } from '../commands/export.ts';
import { findStatus, type StatusInput } from '../commands/status.ts';
import { renderStatus, renderStatusJson } from '../report/status.ts';
import { type Paint, type Report, renderProblem } from '../report/text.ts';

/**
 * What only a person asks for: a bundle of its own, because no hook and no pull should have to load
 * it.
 */

export type Result = { readonly report: Report; readonly status: 0 | 1 };

export function inspectStatus(input: StatusInput, json: boolean, paint: Paint): Result {
  const found = findStatus(input);
  const report = json
    ? { stdout: renderStatusJson(found), stderr: '' }
    : renderStatus(found, paint);
  return { report, status: found.problems.length > 0 ? 1 : 0 };
}

/** The manifest alone on stdout: somebody applies what is there. */
export async function inspectExport(input: ExportInput, paint: Paint): Promise<Result> {
  const { manifest = '', problems, notices } = await exportKubernetes(input);
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  return { report: { stdout: manifest, stderr }, status: problems.length > 0 ? 1 : 0 };
}
