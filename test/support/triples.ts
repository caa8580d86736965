/** The variables of one triple. */
export function triple(
  id: string,
  server: string,
  user: string,
  password: string,
  sessionToken?: string,
): Record<string, string> {
  const prefix = `${id}_CONTAINER_REGISTRY`;
  return {
    [`${prefix}_SERVER`]: server,
    [`${prefix}_USER`]: user,
    [`${prefix}_PASSWORD`]: password,
    ...(sessionToken && { [`${prefix}_SESSION_TOKEN`]: sessionToken }),
  };
}

/** The variables of several: `{ ID: [server, user, password] }`. */
export function triples(
  all: Readonly<Record<string, readonly [string, string, string]>>,
): Record<string, string> {
  return Object.assign({}, ...Object.entries(all).map(([id, values]) => triple(id, ...values)));
}

/** What must turn up nowhere: the passwords among some variables. */
export function passwordsOf(variables: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries(variables);
  return Object.fromEntries(all.filter(([name]) => name.endsWith('_PASSWORD')));
}

/** The entry that docker writes for a login. */
export function entry(user: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') };
}

/** The text of a config.json with these logins: `{ host: [user, password] }`. */
export function configWith(logins: Record<string, readonly [string, string]>): string {
  const auths = Object.entries(logins).map(([key, login]) => [key, entry(...login)]);
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}

/** What the text of a config.json holds, as `user:password` by key; no text is no login. */
export function loginsOf(config: string): Record<string, string> {
  const { auths = {} }: { auths?: Record<string, { auth?: string }> } = JSON.parse(config || '{}');
  const decode = ({ auth = '' }) => Buffer.from(auth, 'base64').toString();
  return Object.fromEntries(Object.entries(auths).map(([key, each]) => [key, decode(each)]));
}
