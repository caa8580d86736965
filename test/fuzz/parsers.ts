import type { Parser } from './parser.ts';
import { ANSWER } from './parsers/answer.ts';
import { CHALLENGE } from './parsers/challenge.ts';
import { CLIENT_FILE } from './parsers/client-file.ts';
import { CONFIG } from './parsers/config.ts';
import { DISCOVERY } from './parsers/discovery.ts';
import { ENV_FILE } from './parsers/env-file.ts';
import { HELPER } from './parsers/helper.ts';
import { LOGINS } from './parsers/logins.ts';
import { NPMRC } from './parsers/npmrc.ts';
import { OPTIONS } from './parsers/options.ts';
import { RECORD } from './parsers/record.ts';
import { REFERENCE } from './parsers/reference.ts';
import { SERVER } from './parsers/server.ts';

/** Everything that reads what others wrote; one more parser is one more line. */
export const PARSERS: readonly Parser[] = [
  DISCOVERY,
  SERVER,
  CONFIG,
  RECORD,
  LOGINS,
  HELPER,
  ENV_FILE,
  NPMRC,
  OPTIONS,
  CHALLENGE,
  ANSWER,
  REFERENCE,
  CLIENT_FILE,
];
