import type { Notice, Problem } from '../problem.ts';
import { parseLogins, type StoredLogins } from './logins.ts';
import { isDamaged } from './managed.ts';
import { type ConfigFault, type DockerConfig, parseDockerConfig } from './parse.ts';

/** The texts of config.json and of the stored logins; undefined without a file. */
export type Texts = { readonly config: string | undefined; readonly logins: string | undefined };

/** The new text of one file; undefined removes the file. */
export type Write = { readonly file: keyof Texts; readonly text: string | undefined };

export type State = {
  readonly texts: Texts;
  readonly config: DockerConfig;
  /** Empty, and never written, if the file is damaged. */
  readonly logins: StoredLogins;
  /** Why neither file may be written. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Parses both files, and reports what is wrong, once. */
export function parseState(texts: Texts, shown: string): State {
  const config = parseDockerConfig(texts.config ?? '');
  const logins = parseLogins(texts.logins);
  const { logins: records, unfit } = config.records;
  const damaged = [...records.values()].filter(isDamaged).length + unfit.length;
  return {
    texts,
    config,
    logins: logins ?? new Map(),
    problems: config.fault ? [describeFault(config.fault, config.text, shown)] : [],
    notices: [
      ...(logins ? [] : [{ ...DAMAGED_LOGINS, subject: shownLogins(shown) }]),
      ...(damaged > 0 ? [damagedRecord(shown, damaged)] : []),
    ],
  };
}

/** As messages show it. */
export function shownLogins(shown: string): string {
  return shown.replace(/config\.json$/, 'registry-auth-logins.json');
}

function describeFault(fault: ConfigFault, text: string, subject: string): Problem {
  const before = text.slice(0, fault.offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  const fix = 'repair or move the file, then run registry-auth apply';
  return { code: fault.code, subject, what: `${fault.what} (${place}); left unchanged`, fix };
}

const DAMAGED_LOGINS = {
  code: 'LOGINS_DAMAGED',
  what: 'is not a valid list of logins of our credential helper; left unchanged',
  fix: 'remove the file, then run docker login again for each registry that was in it',
} as const;

/** Does not name the logins: in a hook's log a host counts as a secret. */
function damagedRecord(subject: string, damaged: number): Notice {
  const count = damaged === 1 ? 'one' : damaged;
  const what = `${count} of our records in its plugins cannot be read; every login is kept`;
  const fix = 'run registry-auth apply where the secrets are set, or registry-auth logout';
  return { code: 'RECORD_DAMAGED', subject, what, fix };
}

/** Of a place that cannot be read. */
export function noState(): State {
  return parseState({ config: undefined, logins: undefined }, '');
}
