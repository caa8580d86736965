import { statSync } from 'node:fs';
import { attempt } from '../../attempt.ts';
import type { Problem } from '../../problem.ts';

/**
 * What is wrong with a DOCKER_CONFIG that programs read as different directories: we write nothing
 * then. The fix has the right value.
 */
export function checkDockerConfig(value: string, home = '/home/YOU'): Problem | undefined {
  // Expand ~ and HOME, and remove the quotes that docker's --env-file keeps.
  const meant = value
    .replace(/^[\s"']+|[\s"'/]+$/g, '')
    .replace(/^(?:~|\$HOME|\$\{(?:\w+:)?HOME\})(?=\/|$)/, home);
  const isFile = !(isDirectory(meant) ?? !NAME.test(meant));
  const what = judge(value, isFile);
  if (what === undefined) return undefined;
  const directory = isFile && !NAME.test(meant) ? '' : meant.replace(NAME, '');
  const fix = `set it to ${/^\/[^$]+$/.test(directory) ? directory : `${home}/.docker`}`;
  return { code: 'DOCKER_CONFIG_INVALID', subject: 'DOCKER_CONFIG', what, fix };
}

const NAME = /(?:\/config\.json)+$/;

function judge(value: string, isFile: boolean): string | undefined {
  if (/^\s*[{[]/.test(value)) return 'holds a configuration, not the directory of one';
  if (/^["'\s]|["'\s]$/.test(value)) return 'has quotes or white space around the path';
  if (/^~|\$[\w{(]/.test(value) && !isDirectory(value))
    return 'has ~ or a variable in it, which docker does not expand';
  if (!value.startsWith('/'))
    return 'is a relative path, which leads elsewhere from each directory';
  return isFile ? 'names a file, not the directory that it is in' : undefined;
}

/** Undefined if there is nothing, or it cannot be read. */
function isDirectory(path: string): boolean | undefined {
  return attempt(() => statSync(path).isDirectory());
}
