import { type Credential, makeEntry } from '../../dockerconfig/auth-entry.ts';

/** What a Secret is called, and where; without a namespace it goes where kubectl is. */
export type SecretName = { readonly name: string; readonly namespace?: string | undefined };

/**
 * The manifest of a Secret that a cluster pulls with: entries as in config.json, of which the
 * kubelet reads `auth` alone (docs/clients.md, kubelet). Names are in quotes, because YAML would
 * take some of them for numbers.
 */
export function renderSecret(
  { name, namespace }: SecretName,
  credentials: readonly (readonly [key: string, credential: Credential])[],
): string {
  const auths = credentials.map(([key, credential]) => [key, { auth: makeEntry(credential).auth }]);
  const config = JSON.stringify({ auths: Object.fromEntries(auths) });
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${Buffer.from(config).toString('base64')}`,
    '',
  ].join('\n');
}
