import { IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Wrong } from '../registries/server.ts';
import { type Triple, variableName } from '../secrets/triple.ts';
import { findProvider, PROVIDERS } from './find.ts';
import type { Secret } from './provider.ts';
import { tellUser } from './user-names.ts';

export { findUserAdvice } from './user-names.ts';

/** Examines an unusual triple; in a bundle of its own. */
export function judgePasted(
  given: Triple,
  host: string,
):
  | { readonly triple: Triple; readonly notices: Notice[]; readonly problem: Problem | undefined }
  | { readonly problem: Problem } {
  const wrong = findSecretUser(given, host);
  if (wrong) return { problem: wrong };
  let triple = given;
  let problem: Problem | undefined;
  const notices: Notice[] = [];
  for (const { judge } of PROVIDERS) {
    const judged = judge?.(triple, host) ?? { triple };
    if (!('triple' in judged)) return judged;
    triple = judged.triple;
    problem = judged.problem ?? problem;
    if (judged.notice) notices.push(judged.notice);
  }
  return { triple, notices: [...notices, ...tellUnlikely(triple, host)], problem };
}

/** Never repeats the secret. */
function findSecretUser({ id, user }: Triple, host: string): Problem | undefined {
  const secret = findSecret(user).secret;
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
    user !== IDENTITY_TOKEN_USER && isPlaceholder(user)
      ? { what: 'looks like a placeholder', fix: 'set it to your user name at the registry' }
      : tellUser(host, user);
  if (told) notices.push({ code: 'USER_UNLIKELY', subject: ofUser, ...told });
  const unfit = findUnfit(password, host);
  if (unfit) notices.push({ code: 'SECRET_UNLIKELY', subject: ofPassword, ...unfit });
  return notices;
}

/** The kind of a secret and its provider, judged by its first characters. */
function findSecret(text: string) {
  const isIt = ({ begins }: Secret) =>
    typeof begins === 'string'
      ? text.startsWith(begins) && text.length > begins.length
      : begins.test(text);
  const owner = PROVIDERS.find(({ secrets }) => secrets?.some(isIt));
  return { owner, secret: owner?.secrets?.find(isIt) };
}

export function findUnfit(text: string, host: string): Wrong | undefined {
  const { secret, owner } = findSecret(text.trim());
  const provider = findProvider(host);
  if (!secret || provider.name === 'other' || secret.isAnywhere) return undefined;
  const is = `looks like ${secret.kind}`;
  if (owner?.secrets === provider.secrets) {
    const { why, fix } = secret.unfit ?? {};
    return why && fix ? { what: `${is}, ${why}`, fix } : undefined;
  }
  return {
    what: `${is}, which this registry does not accept`,
    fix: 'use a credential of the registry in SERVER, or set SERVER to the registry of this secret',
  };
}

const PLACEHOLDERS: readonly RegExp[] = [
  /^<[^<>]*>$/,
  /^\[[a-z _-]+\]$/i,
  /^\$(?:\{.*\}|\(.*\)|[A-Z_][A-Z0-9_]*)$/,
  /^\{\{.*\}\}$/,
  /^%\w+%$/,
  /^(?:your|paste|insert|enter|replace|change)(?:[-_ ][-_ a-z]*|me|this|here|name|user(?:name)?|password|token)$/i,
  /^(?:x{3,}|\*{3,}|todo|placeholder|null|undefined|\[object object\])$/i,
];

/** A placeholder from documentation, or a variable that was not replaced. */
export function isPlaceholder(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length < 200 && PLACEHOLDERS.some((one) => one.test(trimmed));
}

/** The web site in SERVER, with its registry, or why it has none. */
export function findSite(
  text: string,
): { readonly server: string; readonly is: string } | Wrong | undefined {
  const { host, path } = split(text);
  const site = PROVIDERS.flatMap(({ sites = [] }) => sites).find((one) => one.host.test(host));
  if (site === undefined) return undefined;
  if ('server' in site) return { server: site.server(path), is: site.is };
  const { what, fix } = site;
  return { what, fix: typeof fix === 'function' ? fix(host) : fix };
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
