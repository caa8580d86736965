/** Where variables come from: the process environment, or one env file. */
export type Source = {
  /** As shown to the user: `environment`, or the file's path. */
  readonly name: string;
  /** The absolute path of an env file. */
  readonly file?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What the files hold that its variables name instead of a password, by the variable. */
  readonly contents?: ReadonlyMap<string, FileContent>;
};

export type FileContent = { readonly text: string } | { readonly errno: string };

export const ENVIRONMENT = 'environment';

/** SERVER, USER and PASSWORD of one ID from one source: cleaned text, SERVER not yet parsed. */
export type Triple = {
  readonly id: string;
  readonly server: string;
  readonly user: string;
  /** Empty where a command makes it. */
  readonly password: string;
  readonly command?: string;
  /** Only with temporary AWS keys. */
  readonly sessionToken?: string;
  /** Only where AWS keys assume a role; its external id as its trust policy asks for it. */
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly source: string;
  readonly file?: string;
  /** Whether the environment holds its credential without a triple, whatever the ID is. */
  readonly isGiven?: true;
};

/** The parts of a triple, as names of variables end, and how many characters each may have. */
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

/** The parts that no triple is whole without. */
export const REQUIRED = ['SERVER', 'USER', 'PASSWORD'] as const;

/** The variable that holds a part: the subject of most problems. */
export function variableName(id: string, part: Part): string {
  return `${id}_CONTAINER_REGISTRY_${part}`;
}
