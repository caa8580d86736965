/** Where variables come from: the process environment, or one env file. */
export type Source = {
  /** As shown to the user: `environment`, or the file's path. */
  readonly name: string;
  /** The absolute path of an env file. */
  readonly file?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The text of files that its variables name instead of a password, by variable. */
  readonly contents?: ReadonlyMap<string, FileContent>;
};

export type FileContent = { readonly text: string } | { readonly errno: string };

export const ENVIRONMENT = 'environment';

/** SERVER, USER and PASSWORD of one ID from one source: cleaned text, SERVER not yet parsed. */
export type Triple = {
  readonly id: string;
  readonly server: string;
  readonly user: string;
  /** Empty if a command makes it. */
  readonly password: string;
  readonly command?: string | undefined;
  /** Only for temporary AWS keys. */
  readonly sessionToken?: string | undefined;
  /** Only if AWS keys assume a role; externalId only if its trust policy requires one. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly source: string;
  readonly file?: string | undefined;
  /** Whether the environment holds the credential without a triple, whatever the ID is. */
  readonly isGiven?: true;
};

/** A triple's parts, as variable names end, and how many characters each may have. */
export const MAX_LENGTH = {
  SERVER: 1024,
  USER: 1024,
  PASSWORD: 65_536,
  PASSWORD_FILE: 4096,
  PASSWORD_COMMAND: 65_536,
  SESSION_TOKEN: 65_536,
  // AWS's own limits.
  ROLE_ARN: 2048,
  EXTERNAL_ID: 1224,
} as const;

export type Part = keyof typeof MAX_LENGTH;
export type Parts = Partial<Record<Part, string>>;

export const REQUIRED = ['SERVER', 'USER', 'PASSWORD'] as const;

/** The variable that holds a part: the subject of most problems. */
export function variableName(id: string, part: Part): string {
  return `${id}_CONTAINER_REGISTRY_${part}`;
}
