import * as z from 'zod/mini';
import type { Problem } from '../problem.ts';
import { DEFAULT_OPTIONS, type Options } from './options.ts';

/** A Feature's option arrives as text, in a variable that has its name in capitals. */
type OptionRule = readonly [allowed: string, schema: z.ZodMiniType];

const FLAG: OptionRule = [
  'true or false',
  z.pipe(
    z.enum(['true', 'false']),
    z.transform((value) => value === 'true'),
  ),
];
const LIST = z.pipe(z.string(), z.transform(splitList));
/** What precedes `_CONTAINER_REGISTRY_`; not the name of a whole variable. */
const ID = z.string().check(z.regex(/^(?!.*_CONTAINER_REGISTRY_)[A-Za-z_][A-Za-z0-9_]*$/));
const IDS = z.pipe(LIST, z.pipe(z.array(ID), z.transform(inCapitals)));

const RULES: Readonly<Record<keyof Options, OptionRule>> = {
  credentials: ['file or helper', z.enum(['file', 'helper'])],
  prebuild: ['helper, file or skip', z.enum(['helper', 'file', 'skip'])],
  githubToken: FLAG,
  githubNpm: FLAG,
  envFiles: ['paths with commas between them', LIST],
  expect: ['IDs such as ACME with commas between them', IDS],
  check: FLAG,
  strict: FLAG,
};

/** The options that install.sh got. One that is not allowed is a problem, and has its default. */
export function readFeatureOptions(env: Readonly<Record<string, string | undefined>>) {
  const problems: Problem[] = [];
  const options: Record<string, unknown> = { ...DEFAULT_OPTIONS };
  for (const [name, [allowed, schema]] of Object.entries(RULES)) {
    const given = env[name.toUpperCase()];
    if (given === undefined || given === '') continue;
    const result = z.safeParse(schema, given);
    if (result.success) options[name] = result.data;
    else problems.push(notAllowed(name, allowed));
  }
  return { options: options as Options, problems };
}

function splitList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

/** Each once: GitHub has the names of its secrets in no other case. */
function inCapitals(ids: string[]): string[] {
  return [...new Set(ids.map((id) => id.toUpperCase()))];
}

function notAllowed(name: string, allowed: string): Problem {
  const fix = `set it to ${allowed} in devcontainer.json`;
  return { code: 'OPTION_INVALID', subject: `option ${name}`, what: `is not ${allowed}`, fix };
}
