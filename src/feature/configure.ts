import * as z from 'zod/mini';
import { findNearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { DEFAULT_OPTIONS, type Options, parseOptions } from './options.ts';

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
  envFiles: ['paths, separated by commas', LIST],
  expect: ['IDs such as ACME, separated by commas', IDS],
  ignore: ['IDs such as ACME, separated by commas', IDS],
  check: FLAG,
  strict: FLAG,
};

/** Read by install.sh itself. */
const SHELL_OPTIONS = ['nodeMirror'];

export type Configured = {
  readonly options: Options;
  readonly problems: readonly Problem[];
  /** What happened to options that the image had before, for the build's log. */
  readonly lines: readonly string[];
};

/**
 * The options that install.sh was called with. It adds two variables: GIVEN_OPTIONS, the names that
 * the dev container CLI wrote, and INSTALLED_OPTIONS, the text of an options.json that is there
 * already.
 */
export function readFeatureOptions(env: Readonly<Record<string, string | undefined>>): Configured {
  const problems = findUnknown(env.GIVEN_OPTIONS ?? '');
  const given: Record<string, unknown> = { ...DEFAULT_OPTIONS };
  for (const [name, [allowed, schema]] of Object.entries(RULES)) {
    const text = env[name.toUpperCase()];
    if (text === undefined || text === '') continue;
    const result = z.safeParse(schema, text);
    if (result.success) given[name] = result.data;
    else problems.push(notAllowed(name, text, allowed));
  }
  const options = given as Options;
  if (!env.INSTALLED_OPTIONS) return { options, problems, lines: [] };
  return { problems, ...joinOptions(parseOptions(env.INSTALLED_OPTIONS), options) };
}

/** The dev container CLI passes on unknown options, so a typo would leave a default in force. */
function findUnknown(given: string): Problem[] {
  const known = [...Object.keys(RULES), ...SHELL_OPTIONS];
  const isKnown = (name: string) => known.some((one) => one.toUpperCase() === name);
  const unknown = given.split(/\s+/).filter((name) => /^[A-Z]/.test(name) && !isKnown(name));
  return unknown.map((name) => {
    const nearest = findNearest(name, known);
    const fix = nearest ? `did you mean ${nearest}?` : `the options are ${known.join(', ')}`;
    const subject = `option ${name.toLowerCase()}`;
    return { code: 'OPTION_UNKNOWN', subject, what: 'does not exist', fix };
  });
}

/** Values from the least to the most strict. */
const STRICTER: { readonly [Name in keyof Options]?: readonly Options[Name][] } = {
  credentials: ['file', 'helper'],
  prebuild: ['file', 'helper', 'skip'],
  githubToken: [true, false],
  strict: [false, true],
};

/**
 * A stricter option of the base image stays. The dev container CLI passes every option, so that we
 * cannot distinguish a default from a choice, and a repository must not undo a policy by chance.
 */
function joinOptions(before: Options, given: Options) {
  const options: Record<string, unknown> = { ...given };
  for (const [name, values] of Object.entries(STRICTER) as [keyof Options, unknown[]][])
    if (values.indexOf(before[name]) > values.indexOf(given[name])) options[name] = before[name];
  for (const name of ['expect', 'ignore'] as const)
    options[name] = [...new Set([...before[name], ...given[name]])];
  const names = Object.keys(options) as (keyof Options)[];
  const textOf = (value: unknown) => JSON.stringify(value);
  const lines = names.flatMap((name) => {
    const [was, asked, is] = [before[name], given[name], options[name]].map(textOf);
    if (is !== asked)
      return `option ${name}: ${is}, because the image has ${was} already; ${asked} was given`;
    return is === was ? [] : `option ${name}: ${is}; the image had ${was}`;
  });
  return { options: options as Options, lines };
}

function splitList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

/** Each once, in capitals, as GitHub stores names of secrets. */
function inCapitals(ids: string[]): string[] {
  return [...new Set(ids.map((id) => id.toUpperCase()))];
}

function notAllowed(name: string, text: string, allowed: string): Problem {
  const shown = /^[ -~]{1,60}$/.test(text) ? `is "${text}", and must be` : 'is not';
  const fix = `set it to ${allowed} in devcontainer.json`;
  return { code: 'OPTION_INVALID', subject: `option ${name}`, what: `${shown} ${allowed}`, fix };
}
