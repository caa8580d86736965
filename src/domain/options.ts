import * as z from 'zod/mini';

/** A Feature's option arrives as text, whatever its type. */
const Flag = z.pipe(
  z.union([z.boolean(), z.enum(['true', 'false'])]),
  z.transform((value) => value === true || value === 'true'),
);

const Shape = {
  credentials: z.enum(['file', 'helper']),
  prebuild: z.enum(['helper', 'file', 'skip']),
  githubToken: Flag,
  githubNpm: Flag,
  envFiles: z.string(),
  strict: Flag,
};

/** The Feature's options, as install.sh wrote them down; documented in devcontainer-feature.json. */
export type Options = {
  readonly credentials: 'file' | 'helper';
  readonly prebuild: 'helper' | 'file' | 'skip';
  readonly githubToken: boolean;
  readonly githubNpm: boolean;
  readonly envFiles: readonly string[];
  readonly strict: boolean;
};

const DEFAULTS = {
  credentials: 'file',
  prebuild: 'helper',
  githubToken: true,
  githubNpm: false,
  envFiles: '',
  strict: false,
};

/** Reads the text of options.json; whatever is missing or not allowed has its default. */
export function parseOptions(text: string | undefined): Options {
  const given = parseObject(text);
  const value = Object.fromEntries(
    Object.entries(Shape).map(([name, schema]) => {
      const result = schema.safeParse(given[name]);
      return [name, result.success ? result.data : DEFAULTS[name as keyof typeof DEFAULTS]];
    }),
  ) as Omit<Options, 'envFiles'> & { envFiles: string };
  return { ...value, envFiles: splitPaths(value.envFiles) };
}

function splitPaths(text: string): string[] {
  return text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}
