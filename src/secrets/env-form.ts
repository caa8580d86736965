/** What you may have instead of an env file; the first match wins. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'UTF-16 text'],
  [/^\s*(?:\{|\[\s*[[{"\]])/, 'JSON'],
  [/^\s*<[?!\w]/, 'XML'],
  [/^[ \t]*(?:\$env:|\$\{env:|\[(?:System\.)?Environment\]::|(?:Set|New)-Item\s)/im, 'PowerShell'],
  [/^[ \t]*set\s+-/m, 'written for fish'],
  [/^[ \t]*setenv\s/m, 'written for csh'],
  [/^[ \t]*@?setx?\s/im, 'written for cmd'],
  [/^[ \t]*(?:declare|typeset|readonly|local)\s/m, 'a script'],
  [/^[ \t]*ENV\s/m, 'a Dockerfile'],
  [/^[ \t]*\[[^\]\n\u2028\u2029]+\][ \t]*$/m, 'INI'],
  [/^(?:---|[ \t]*-\s.*|[ \t]*[\w."'-]+:(?:\s.*)?)$/m, 'YAML'],
];

/** In these forms a file may hold registries under names that are not ours. */
const OTHERS = /^(?:JSON|XML|INI|YAML|UTF-16)/;

/** What the file is, if it has no NAME=value lines, or one of ours in another form (`strays`). */
export function findForm(
  text: string,
  strays: readonly number[],
  names: readonly string[],
): { readonly what: string; readonly fix: string } | undefined {
  const hasOurs = names.some((name) => /CONTAINER_REGISTRY_/i.test(name));
  const form = FORMS.find(([pattern]) => pattern.test(text))?.[1];
  const isOther =
    !hasOurs && OTHERS.test(form ?? '') && !(form === 'YAML' && /^[ \t]*\w+[ \t]*=/m.test(text));
  const isNone = names.length === 0 && /^[ \t]*[^\s#]/m.test(text);
  if (strays.length === 0 && !isOther && !isNone) return undefined;
  const fix = form?.startsWith('UTF')
    ? 'save it as UTF-8'
    : 'write each variable as NAME=value, on a line of its own';
  if (hasOurs || (form === undefined && strays.length > 0))
    return { what: `line ${strays[0]} is not NAME=value, and is ignored`, fix };
  return { what: `is ${form ?? 'something else'}, not NAME=value lines`, fix };
}
