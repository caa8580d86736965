import type { Notice, Problem } from '../problem.ts';
import { INVISIBLE, QUOTED } from './clean.ts';
import { type Triple, variableName } from './triple.ts';

/**
 * Passwords that no registry issues: we use them unchanged and show a notice. Only a password for
 * which `mayBeOdd` is true is compared.
 */
export const ODD: readonly (readonly [pattern: RegExp, what: string, fix: string])[] = [
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

/** The notice for a password that no registry issues. */
export function findOdd({ id, password, file }: Triple): Notice | undefined {
  // env-file.ts reports references in an env file.
  if (file !== undefined && password.startsWith('$')) return undefined;
  const odd = findOddForm(password);
  return odd && { code: 'VALUE_ODD', subject: variableName(id, 'PASSWORD'), ...odd };
}

function findOddForm(password: string): Pick<Problem, 'what' | 'fix'> | undefined {
  if (password.search(INVISIBLE) >= 0)
    return {
      what: 'has an invisible character in it; used as it is',
      fix: 'set it again',
    };
  const [, what, fix] = ODD.find(([pattern]) => pattern.test(password)) ?? [];
  return what && fix ? { what: `${what}; used as it is`, fix } : undefined;
}
