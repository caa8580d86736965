import * as z from 'zod/mini';
import type { Problem } from '../problem.ts';
import { DEFAULT_OPTIONS, type Options } from './options.ts';

/** A Feature's option arrives as text, whatever its type, in a variable that has its name in capitals. */
const Flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
);
const Paths = z.pipe(z.string(), z.transform(splitPaths));

const SHAPE = {
  credentials: z.enum(['file', 'helper']),
  prebuild: z.enum(['helper', 'file', 'skip']),
  githubToken: Flag,
  githubNpm: Flag,
  envFiles: Paths,
  strict: Flag,
} as const;

const ALLOWED: Readonly<Record<keyof Options, string>> = {
  credentials: 'file or helper',
  prebuild: 'helper, file or skip',
  githubToken: 'true or false',
  githubNpm: 'true or false',
  envFiles: 'paths with commas between them',
  strict: 'true or false',
};

/** The options that install.sh was called with. One that is not allowed is a problem, and has its default. */
export function readFeatureOptions(env: Readonly<Record<string, string | undefined>>) {
  const problems: Problem[] = [];
  const options: Record<string, unknown> = { ...DEFAULT_OPTIONS };
  for (const name of Object.keys(SHAPE) as (keyof Options)[]) {
    const given = env[name.toUpperCase()];
    if (given === undefined || given === '') continue;
    const result = z.safeParse(SHAPE[name] as z.ZodMiniType, given);
    if (result.success) options[name] = result.data;
    else problems.push(notAllowed(name));
  }
  return { options: options as Options, problems };
}

function splitPaths(text: string): string[] {
  return text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

function notAllowed(name: keyof Options): Problem {
  return {
    code: 'OPTION_INVALID',
    subject: `option ${name}`,
    what: `is not ${ALLOWED[name]}`,
    fix: `set it to ${ALLOWED[name]} in devcontainer.json`,
  };
}
