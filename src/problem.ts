/**
 * Something that does not work, as `subject: what` and `fix: …`.
 *
 * The subject is a variable name, a path, an ID or a word of the command line. No field ever holds
 * a password, a token or an entry. In a hook none holds a host either, because its log must not
 * show the value of any secret, not even of SERVER and USER.
 */
export type Problem = {
  /** Stable: scripts, tests and docs/troubleshooting.md refer to it. */
  readonly code: Code;
  readonly subject: string;
  /** Lower case, present tense, no full stop. */
  readonly what: string;
  /** One imperative sentence. */
  readonly fix: string;
  /** Commands for the fix, one a line and never wrapped, so that you can copy them. */
  readonly commands?: readonly string[];
  /** ID of its triple; for programs, not shown. */
  readonly id?: string;
  /** Whether it is about a client and not about a registry; not shown either. */
  readonly isAboutClients?: true;
};

/** Something that works, but that you should see. It does not change the exit status. */
export type Notice = Omit<Problem, 'fix'> & { readonly fix?: string };

export type Messages = {
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

export type Code =
  | 'ID_MISSING'
  | 'TRIPLE_INCOMPLETE'
  | 'TRIPLE_EXPECTED'
  | 'USER_HAS_COLON'
  | 'USER_HAS_CONTROL_CHARACTER'
  | 'PASSWORD_HAS_NUL'
  | 'PASSWORD_TWICE'
  | 'PASSWORD_IN_ENV_FILE'
  | 'PASSWORD_FILE_UNREADABLE'
  | 'PASSWORD_COMMAND_FAILED'
  | 'USER_IS_SECRET'
  | 'USER_UNLIKELY'
  | 'SECRET_UNLIKELY'
  | 'VALUE_TOO_LONG'
  | 'VALUE_NOT_UTF8'
  | 'GOOGLE_KEY_INVALID'
  | 'SERVER_INVALID'
  | 'REGISTRY_CLAIMED_TWICE'
  | 'VALUE_TRIMMED'
  | 'VALUE_ODD'
  | 'GOOGLE_KEY_DECODED'
  | 'SERVER_SIMPLIFIED'
  | 'SERVER_HAS_NO_DOT'
  | 'CONFIG_NOT_JSON'
  | 'CONFIG_SHAPE'
  | 'CONFIG_ENTRY_UNDECODABLE'
  | 'CONFIG_NOT_READABLE'
  | 'CONFIG_NOT_WRITABLE'
  | 'CONFIG_BUSY'
  | 'CONFIG_LINK_CREATED'
  | 'CONFIG_EXPOSED'
  | 'CONFIG_OF_ANOTHER'
  | 'CONFIG_IN_WORK_TREE'
  | 'HOME_MISSING'
  | 'DOCKER_CONFIG_INVALID'
  | 'ENV_FILE_UNREADABLE'
  | 'ENV_FILE_EXPOSED'
  | 'ENV_FILE_FORM'
  | 'ENV_FILE_VALUE'
  | 'HELPER_NOT_FOUND'
  | 'SECRETS_NOT_HERE'
  | 'NOT_WRITTEN'
  | 'LOGGED_OUT'
  | 'CLIENT_FAILS'
  | 'RECORD_DAMAGED'
  | 'RECORD_NOT_BELIEVED'
  | 'LOGINS_DAMAGED'
  | 'LOGIN_KEPT'
  | 'NAMESPACE_SHARED'
  | 'NAMESPACE_UNREACHABLE'
  | 'PREBUILD_SKIPPED'
  | 'PREBUILD_LOGIN_REFUSED'
  | 'NPMRC_NOT_WRITABLE'
  | 'NOTHING_TO_LOG_OUT'
  | 'PRUNE_UNNAMED'
  | 'PRUNE_STILL_SET'
  | 'LOGIN_FORGOTTEN'
  | 'TOKENS_FORGOTTEN'
  | 'EXPORT_EMPTY'
  | 'EXPORT_UNUSABLE'
  | 'EXPORT_WITHHELD'
  | 'EXPORT_TO_TERMINAL'
  | 'EXPORT_TOKEN_ENDS'
  | 'OPTION_INVALID'
  | 'OPTION_UNKNOWN'
  | 'NAME_NEARLY'
  | 'USAGE'
  | 'CREDS_STORE_SHADOWS'
  | 'CREDS_STORE_FAILS'
  | 'CREDS_STORE_FIRST'
  | 'DOCKER_AUTH_CONFIG_SHADOWS'
  | 'REGISTRY_AUTH_FILE_SHADOWS'
  | 'AUTH_JSON_SHADOWS'
  | 'HELM_SHADOWS'
  | 'REGCTL_SHADOWS'
  | 'OTHER_DOCKER_CONFIG'
  | 'ECR_KEYS_SWAPPED'
  | 'ECR_USER_INVALID'
  | 'ECR_VALUE_MENDED'
  | 'ECR_KEY_UNKNOWN'
  | 'ECR_SECRET_WRONG'
  | 'ECR_CLOCK_SKEWED'
  | 'ECR_SESSION_EXPIRED'
  | 'ECR_PERMISSION_MISSING'
  | 'ECR_REGISTRY_WRONG'
  | 'ECR_UNREACHABLE'
  | 'ECR_TIMEOUT'
  | 'ECR_THROTTLED'
  | 'ECR_ANSWER_INVALID'
  | 'ECR_ROLE_INVALID'
  | 'ECR_ROLE_DENIED'
  | 'ECR_ROLE_UNUSED'
  | 'ECR_REFUSED'
  | 'ECR_TOKEN_EXPIRED'
  | 'ECR_NO_TOKEN'
  | 'ACTION_INPUT_INVALID'
  | 'ACTION_RUNNER_UNFIT'
  | 'ACTION_NOT_SEEDED'
  | 'ACTION_NOT_REMOVED';

/** Problems of AWS, or on the way to it. */
export type EcrCode = Extract<Code, `ECR_${string}`>;
