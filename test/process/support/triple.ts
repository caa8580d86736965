/** The variables of one triple. */
export function triple(
  id: string,
  server: string,
  user: string,
  password: string,
): Record<string, string> {
  const name = `${id}_CONTAINER_REGISTRY`;
  return { [`${name}_SERVER`]: server, [`${name}_USER`]: user, [`${name}_PASSWORD`]: password };
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
