import type { DevContainer } from './container.ts';

/** Where docker looks in every container of ours, as its user's shell writes it. */
export const CONFIG = '~/.docker/config.json';

/** What docker looks Docker Hub up by. */
export const HUB_KEY = 'https://index.docker.io/v1/';

type ConfigFile = {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
};

/** The container's config.json as text; empty when there is none. */
export async function readConfig(container: DevContainer): Promise<string> {
  return (await container.exec(`cat ${CONFIG} 2>/dev/null`)).stdout;
}

/** No text is no setting. */
export function parseConfig(text: string): ConfigFile {
  return JSON.parse(text || '{}');
}

const SET_AUTH = `const fs = require('fs'); const [file, key, auth] = process.argv.slice(1);
  const config = JSON.parse(fs.readFileSync(file)); config.auths[key] = { auth };
  fs.writeFileSync(file, JSON.stringify(config, null, '\\t'));`;

/** Leaves in the file what `docker login` does, for a registry that can't be reached from here. */
export async function writeAuth(
  container: DevContainer,
  key: string,
  login: string,
): Promise<void> {
  const env = { SCRIPT: SET_AUTH, KEY: key, AUTH: Buffer.from(login).toString('base64') };
  await container.exec(`node -e "$SCRIPT" ${CONFIG} "$KEY" "$AUTH"`, { env });
}
