import { parseJson } from '../json.ts';

/** The Feature's options, documented in devcontainer-feature.json; `configure` checks them. */
export const DEFAULT_OPTIONS = {
  credentials: 'file' as 'file' | 'helper',
  prebuild: 'helper' as 'helper' | 'file' | 'skip',
  githubToken: true as boolean,
  githubNpm: false as boolean,
  envFiles: [] as readonly string[],
  /** IDs, in capitals, that the repository needs. */
  expect: [] as readonly string[],
  /** IDs, in capitals, whose variables are another program's. */
  ignore: [] as readonly string[],
  /** Whether a start ends by asking the registries whether they accept the credentials. */
  check: false as boolean,
  strict: false as boolean,
};

export type Options = Readonly<typeof DEFAULT_OPTIONS>;

/** Each option's value, and whether it is the default because `configure` wrote none. */
export function findOrigins(text: string | undefined) {
  const given = Object(parseJson(text ?? ''));
  const options = parseOptions(text);
  const names = Object.keys(DEFAULT_OPTIONS) as (keyof Options)[];
  const originOf = (name: string) => (Object.hasOwn(given, name) ? 'options.json' : 'default');
  return Object.fromEntries(
    names.map((name) => [name, { value: options[name], from: originOf(name) }] as const),
  );
}

/** What `configure` wrote; no text if it wrote none. */
export type OptionsFile = { readonly path: string; readonly text: string | undefined };

/** Reads what `configure` wrote; the defaults if it cannot be read. */
export function parseOptions(text: string | undefined): Options {
  const given = parseJson(text ?? '');
  return { ...DEFAULT_OPTIONS, ...(typeof given === 'object' ? given : {}) };
}
