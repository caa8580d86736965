import type { Notice } from '../problem.ts';
import { INVISIBLE, QUOTED } from './clean.ts';
import { type Triple, variableName } from './triple.ts';

/**
 * Passwords that no registry issues: we use them unchanged and show a notice. Only a password for
 * which `mayBeOdd` is true is compared.
 */
export const ODD: readonly (readonly [pattern: RegExp, what: string, fix: string])[] = [
  [INVISIBLE, 'has an invisible character in it', 'set it again'],
  [
    /\$\{\{|^\{\{.*\}\}$|^\$\{?[A-Za-z_][\w:.]*\}?$|^\$\(.*\)$|^%\w+%$|^\$\{.*\}$/,
    'is a reference that was not replaced by its value',
    'set the value itself',
  ],
  [
    /^<.*>$|^\*{3,}$|^\.{3,}$|^x{3,}$|^(?:your|paste|insert|enter|replace|put)[-_ ]|^(?:change-?me|todo|token|pat)$/i,
    'is a placeholder',
    'set the token or password of the registry',
  ],
  [
    /^(?:bearer|basic|token)[ :]/i,
    'begins with the name of an HTTP scheme, which is not part of a token',
    'set only the token',
  ],
  [QUOTED, 'has quotes around it', 'set it without them, unless they are part of the secret'],
  [
    /^\s|\s$/,
    'begins or ends with white space',
    'set it without that, unless it is part of the secret',
  ],
];

export function findOdd({ id, password, file }: Triple): Notice | undefined {
  // env-file.ts reports references in an env file.
  if (file !== undefined && password.startsWith('$')) return undefined;
  const odd = ODD.find(([pattern]) => password.search(pattern) >= 0);
  if (odd === undefined) return undefined;
  const [, what, fix] = odd;
  const subject = variableName(id, 'PASSWORD');
  return { code: 'VALUE_ODD', subject, what: `${what}; used as it is`, fix };
}
