import { type ConfigFault, type DockerConfig, parseDockerConfig } from '../config/docker-config.ts';
import type { Notice, Problem } from '../problem.ts';
import { type Ledger, parseLedger } from './ledger.ts';

/** The texts of config.json and ledger; undefined where there is no file. */
export type Texts = { readonly config: string | undefined; readonly ledger: string | undefined };

/** Both files, understood. */
export type State = {
  readonly texts: Texts;
  readonly config: DockerConfig;
  readonly ledger: Ledger;
  /** Why neither file may be written. */
  readonly problems: readonly Problem[];
  /** What could not be understood, and is lost at the next write. */
  readonly notices: readonly Notice[];
};

/**
 * Understands both files; a fault in either is told here, once, and what can be read is there all
 * the same.
 */
export function understand(texts: Texts, shown: string): State {
  const config = parseDockerConfig(texts.config ?? '');
  const { ledger, fault } = parseLedger(texts.ledger);
  const subject = shown.replace(/config\.json$/, 'registry-auth.json');
  const problems = [
    ...(config.fault ? [describeFault(config.fault, config.text, shown)] : []),
    ...(fault === 'newer' ? [newerLedger(subject)] : []),
  ];
  const notices = fault === 'damaged' ? [damagedLedger(subject)] : [];
  return { texts, config, ledger, problems, notices };
}

/** Why a ledger of tomorrow's is left alone. */
function newerLedger(subject: string): Problem {
  const writer = 'a newer version of registry-auth';
  const what = `was written by ${writer}; left unchanged, and config.json with it`;
  return { code: 'LEDGER_NEWER', subject, what, fix: 'update the Feature, or remove this file' };
}

function describeFault(
  { code, what, offset }: ConfigFault,
  text: string,
  subject: string,
): Problem {
  const before = text.slice(0, offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  const fix = 'repair or move the file, then run registry-auth apply';
  return { code, subject, what: `${what} (${place}); left unchanged`, fix };
}

function damagedLedger(subject: string): Notice {
  const what = 'cannot be read in full; what can be is kept, and the rest started anew';
  return { code: 'LEDGER_DAMAGED', subject, what, fix: 'run registry-auth apply' };
}
