import { HUB_KEY } from './config-file.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** `user:password` by key, as GitHub puts them into a codespace. */
export const GITHUB_AUTHS = {
  [HUB_KEY]: 'codespacesdev:canary-github-hub',
  'ghcr.io': 'octocat:canary-github-ghcr',
};

/** GitHub's own pieces of config.json, in a form nobody would write anew: any rewriting shows. */
export const GITHUB_PARTS = {
  hub: `"${HUB_KEY}": {"auth":   "${base64(GITHUB_AUTHS[HUB_KEY])}", "x-serial": 7.0}`,
  ghcr: `"ghcr.io": { "auth": "${base64(GITHUB_AUTHS['ghcr.io'])}", "x-kept": {} }`,
  rest: `"HttpHeaders" : {"User-Agent":"codespaces"},\n\t"x-github": [ 1,2 ]`,
};

const { hub, ghcr, rest } = GITHUB_PARTS;

/** The config.json to which `~/.docker` leads in a codespace before our postCreate hook. */
export const GITHUB_CONFIG = `{\n\t"auths": {\n\t\t${hub},\n\t\t${ghcr}\n\t},\n\t${rest}\n}`;
