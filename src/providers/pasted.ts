import { IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import type { Notice, Problem } from '../problem.ts';
import { type Triple, variableName } from '../secrets/triple.ts';
import { PROVIDERS } from './find.ts';
import { tellUser } from './others.ts';
import { findSecret, findUnfit, isPlaceholder } from './unfit.ts';

export { findUserAdvice } from './others.ts';
export { findUnfit } from './unfit.ts';

/** Examines an unusual triple; in a bundle of its own. */
export function judgePasted(
  given: Triple,
  host: string,
):
  | { readonly triple: Triple; readonly notices: readonly Notice[]; readonly problem?: Problem }
  | { readonly problem: Problem } {
  const problem = findSecretUser(given, host);
  if (problem) return { problem };
  let triple = given;
  const notices: Notice[] = [];
  const kept: { problem?: Problem } = {};
  for (const { judge } of PROVIDERS) {
    const judged = judge?.(triple, host) ?? { triple };
    if (!('triple' in judged)) return judged;
    triple = judged.triple;
    if (judged.problem) kept.problem = judged.problem;
    if (judged.notice) notices.push(judged.notice);
  }
  return { triple, notices: [...notices, ...tellUnlikely(triple, host)], ...kept };
}

const IS_PLACEHOLDER = {
  what: 'looks like a placeholder',
  fix: 'set it to your user name at the registry',
};

/** Never repeats the secret. */
function findSecretUser({ id, user }: Triple, host: string): Problem | undefined {
  const secret = findSecret(user)?.secret;
  if (!secret || secret.mayBeUser?.(host)) return undefined;
  const subject = variableName(id, 'USER');
  const what = `holds what looks like ${secret.kind}`;
  const fix = `set it to the user name, and put the secret into ${variableName(id, 'PASSWORD')}`;
  return { code: 'USER_IS_SECRET', subject, what, fix };
}

function tellUnlikely({ id, user, password }: Triple, host: string): Notice[] {
  const notices: Notice[] = [];
  const [ofUser, ofPassword] = [variableName(id, 'USER'), variableName(id, 'PASSWORD')];
  const told =
    user !== IDENTITY_TOKEN_USER && isPlaceholder(user) ? IS_PLACEHOLDER : tellUser(host, user);
  if (told) notices.push({ code: 'USER_UNLIKELY', subject: ofUser, ...told });
  const unfit = findUnfit(password, host);
  if (unfit) notices.push({ code: 'SECRET_UNLIKELY', subject: ofPassword, ...unfit });
  return notices;
}

/** The web site in SERVER, with its registry, or why it has none. */
export function findSite(
  text: string,
): { server: string; is: string } | { what: string; fix: string } | undefined {
  const { host, path } = split(text);
  for (const site of PROVIDERS.flatMap(({ sites = [] }) => sites)) {
    if (!site.host.test(host)) continue;
    if ('server' in site) return { server: site.server(path), is: site.is };
    const { what, fix } = site;
    return { what, fix: typeof fix === 'function' ? fix(host) : fix };
  }
  return undefined;
}

/** A web address, the address of a clone (`git@host:path.git`), or a name in words. */
function split(text: string): { host: string; path: string[] } {
  const [, clone = '', clonePath = ''] = /^[\w.-]+@([\w.-]+):(?!\d+(?:\/|$))(.*)$/.exec(text) ?? [];
  const address = clone ? `${clone}/${clonePath}` : text.replace(/^[a-z+]+:?\/+/i, '');
  const [authority = '', ...path] = (address.split(/[?#]/)[0] ?? '').split('/');
  const name = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const host = name.replace(/:443$/, '').replace(/\.$/, '');
  return { host, path: path.map((one) => one.replace(/\.git$/, '')).filter((one) => one !== '') };
}
