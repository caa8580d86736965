import type { Problem } from '../problem.ts';
import { REQUIRED, type Source, variableName } from './triple.ts';

/** A problem for each expected ID that no source has a part of, with commands to set it. */
export function findExpected(
  expect: readonly string[],
  ids: ReadonlySet<string>,
  { variables: env }: Source,
): Problem[] {
  const known = new Set([...ids].map((id) => id.toUpperCase()));
  return expect
    .filter((id) => !known.has(id))
    .map((id) => ({
      code: 'TRIPLE_EXPECTED',
      subject: id,
      what: 'is required by this repository, but none of its three variables is set here',
      fix: `set ${variableName(id, 'SERVER')}, _USER and _PASSWORD with remoteEnv, --secrets-file or an env file of the option envFiles`,
      ...(env.CODESPACES === 'true' ? inCodespace(id, env) : {}),
    }));
}

/** `--user`, because you may always set your own secrets, but seldom those of the repository. */
function inCodespace(id: string, env: Source['variables']): Pick<Problem, 'fix' | 'commands'> {
  const repository = matching(/^\w[\w.-]*\/[\w.-]+$/, env.GITHUB_REPOSITORY) ?? 'OWNER/REPOSITORY';
  const github = matching(/^https:\/\/\w[\w.-]*$/, env.GITHUB_SERVER_URL) ?? 'https://github.com';
  const page = `${github}/settings/codespaces`;
  const grant = `set its three secrets, or grant them to ${repository} if you have them`;
  const where = `on ${page} or with gh on your own computer`;
  const ask = 'a "secrets" block in devcontainer.json makes GitHub ask for them';
  return {
    fix: `${grant}, ${where}; then stop and start the codespace; ${ask}`,
    commands: REQUIRED.map((part) => {
      const name = variableName(id, part);
      return `gh secret set ${name} --app codespaces --user --repos ${repository}`;
    }),
  };
}

/** The text, if it matches: only then is it safe in a command that you copy. */
function matching(pattern: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}
