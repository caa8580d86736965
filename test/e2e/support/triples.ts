/** A Google key as people paste it: JSON over several lines. Nobody's. */
export const SERVICE_ACCOUNT_KEY = JSON.stringify(
  {
    type: 'service_account',
    project_id: 'canary',
    private_key_id: 'canary-key-id',
    private_key:
      '-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWdvb2dsZS1rZXk=\n-----END PRIVATE KEY-----\n',
    client_email: 'canary@canary.iam.gserviceaccount.com',
  },
  null,
  2,
);

/** The three variables of one ID. */
export function triple(id: string, server: string, user: string, password: string) {
  return {
    [`${id}_CONTAINER_REGISTRY_SERVER`]: server,
    [`${id}_CONTAINER_REGISTRY_USER`]: user,
    [`${id}_CONTAINER_REGISTRY_PASSWORD`]: password,
  };
}

/** The variables of several IDs: server, user and password of each. */
export function triples(
  all: Readonly<Record<string, readonly [string, string, string]>>,
): Record<string, string> {
  const each = Object.entries(all).map(([id, values]) => triple(id, ...values));
  return Object.assign({}, ...each);
}

/** What must turn up nowhere: the passwords among some variables. */
export function passwordsOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  const isPassword = ([name]: [string, string]) => name.endsWith('_PASSWORD');
  return Object.fromEntries(Object.entries(variables).filter(isPassword));
}
