import { findProvider, PROVIDERS } from './find.ts';
import type { Provider, Secret } from './provider.ts';

/** The kind of a secret and its provider, judged by its first characters. */
export function findSecret(
  text: string,
): { readonly secret: Secret; readonly owner: Provider } | undefined {
  for (const owner of PROVIDERS) {
    const isIt = ({ begins }: Secret) =>
      typeof begins === 'string'
        ? text.startsWith(begins) && text.length > begins.length
        : begins.test(text);
    const secret = owner.secrets?.find(isIt);
    if (secret) return { secret, owner };
  }
  return undefined;
}

export function findUnfit(
  text: string,
  host: string,
): { readonly what: string; readonly fix: string } | undefined {
  const { secret, owner } = findSecret(text.trim()) ?? {};
  const provider = findProvider(host);
  if (!secret || !owner || provider.name === 'other' || secret.isAnywhere) return undefined;
  const is = `looks like ${secret.kind}`;
  if (owner.secrets === provider.secrets) {
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
