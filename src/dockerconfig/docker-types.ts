import { struct } from './decode.ts';

/** An entry of `auths`, as docker 28 decodes it: 29 dropped `email`. */
export const ENTRY = /* @__PURE__ */ struct({
  auth: 'BASE64',
  username: 'USER',
  password: 'PASSWORD',
  email: 'TEXT',
  serveraddress: 'HOST',
  identitytoken: 'TOKEN',
  registrytoken: 'TOKEN',
});

const PROXY = /* @__PURE__ */ struct({
  httpProxy: 'http://HOST:PORT',
  httpsProxy: 'http://HOST:PORT',
  noProxy: 'HOST,HOST',
  ftpProxy: 'http://HOST:PORT',
  allProxy: 'http://HOST:PORT',
});

/** All that docker 28 decodes (docs/clients.md, Types and case): 29 dropped `experimental`. */
export const DOCKER_FILE = /* @__PURE__ */ struct({
  auths: { HOST: ENTRY },
  credHelpers: { HOST: 'NAME' },
  plugins: { NAME: { NAME: 'TEXT' } },
  credsStore: 'NAME',
  HttpHeaders: { NAME: 'TEXT' },
  aliases: { builder: 'buildx' },
  features: { buildkit: 'true' },
  proxies: { default: PROXY },
  experimental: 'enabled',
  detachKeys: 'ctrl-p,ctrl-q',
  currentContext: 'default',
  pruneFilters: ['label=NAME'],
  cliPluginsExtraDirs: ['/FOLDER'],
  psFormat: 'TEXT',
  imagesFormat: 'TEXT',
  networksFormat: 'TEXT',
  pluginsFormat: 'TEXT',
  volumesFormat: 'TEXT',
  statsFormat: 'TEXT',
  serviceInspectFormat: 'TEXT',
  servicesFormat: 'TEXT',
  tasksFormat: 'TEXT',
  secretFormat: 'TEXT',
  configFormat: 'TEXT',
  nodesFormat: 'TEXT',
});
