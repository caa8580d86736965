import { parseJson } from '../json.ts';

/** The Feature's options, documented in devcontainer-feature.json; `configure` checks them. */
export type Options = {
  readonly credentials: 'file' | 'helper';
  readonly prebuild: 'helper' | 'file' | 'skip';
  readonly githubToken: boolean;
  readonly githubNpm: boolean;
  readonly envFiles: readonly string[];
  /** IDs, in capitals, that the repository cannot do without. */
  readonly expect: readonly string[];
  /** IDs, in capitals, whose variables are another program's. */
  readonly ignore: readonly string[];
  /** Whether a start ends with the question whether the registries accept what there is. */
  readonly check: boolean;
  readonly strict: boolean;
};

export const DEFAULT_OPTIONS: Options = {
  credentials: 'file',
  prebuild: 'helper',
  githubToken: true,
  githubNpm: false,
  envFiles: [],
  expect: [],
  ignore: [],
  check: false,
  strict: false,
};

/** Each option's value, and whether it is the default because `configure` wrote none. */
export function findOrigins(text: string | undefined): Record<string, OptionOrigin> {
  const given = Object(parseJson(text ?? ''));
  const names = Object.keys(DEFAULT_OPTIONS) as (keyof Options)[];
  const options = parseOptions(text);
  const originOf = (name: string) => (Object.hasOwn(given, name) ? 'options.json' : 'default');
  return Object.fromEntries(
    names.map((name) => [name, { value: options[name], from: originOf(name) }]),
  );
}

/** What `configure` wrote, or that there is nothing. */
export type OptionsFile = { readonly path: string; readonly text: string | undefined };

export type OptionOrigin = {
  readonly value: Options[keyof Options];
  readonly from: 'options.json' | 'default';
};

/** Reads what `configure` wrote; the defaults where there is nothing that can be read. */
export function parseOptions(text: string | undefined): Options {
  const given = parseJson(text ?? '');
  return { ...DEFAULT_OPTIONS, ...(typeof given === 'object' ? given : {}) };
}
