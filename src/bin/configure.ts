import { readFeatureOptions } from '../feature/configure.ts';
import { type Paint, type Report, renderProblem } from '../report/text.ts';

/**
 * A bundle of its own: zod takes longer to load than a hook may take, so we check options here,
 * once, while the image is built.
 */
export function runConfigure(env: NodeJS.ProcessEnv, paint: Paint): Report {
  const { options, problems, lines } = readFeatureOptions(env);
  const told = problems.map((problem) => renderProblem(problem, paint, 'red')).concat(lines);
  // Each line has our name: a build's log is long.
  const all = told.flatMap((text) => text.trimEnd().split('\n'));
  const stderr = all.map((line) => `registry-auth: ${line}\n`).join('');
  return { stdout: `${JSON.stringify(options)}\n`, stderr, status: problems.length > 0 ? 1 : 0 };
}
