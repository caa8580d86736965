import { forCheck, forPasted, type Provider } from './provider.ts';

const USE = 'use a deploy token with the scope read_registry';
const ENDS = { why: 'which ends with its job', fix: USE };
const PULLS_NOTHING = { why: 'which cannot pull images', fix: USE };

/** GitLab.com; the host name of another GitLab does not reveal what it runs. */
export const gitlab: Provider = {
  name: 'gitlab',
  matches: (host) => host === 'registry.gitlab.com',
  tokenHosts: ['gitlab.com'],
  usualSecrets: ['glpat-', 'gldt-'],
  secrets: forPasted([
    { begins: 'glpat-', kind: 'a GitLab access token' },
    { begins: 'gldt-', kind: 'a GitLab deploy token' },
    { begins: 'glcbt-', kind: 'a GitLab CI job token', unfit: ENDS },
    { begins: /^glrtr?-/, kind: 'a GitLab runner token', unfit: PULLS_NOTHING },
    { begins: 'glsoat-', kind: 'a GitLab SCIM token', unfit: PULLS_NOTHING },
    { begins: 'gloas-', kind: 'a GitLab OAuth application secret', unfit: PULLS_NOTHING },
    { begins: 'glft-', kind: 'a GitLab feed token', unfit: PULLS_NOTHING },
    { begins: 'glptt-', kind: 'a GitLab pipeline trigger token', unfit: PULLS_NOTHING },
    { begins: 'glffct-', kind: 'a GitLab feature flags token', unfit: PULLS_NOTHING },
    { begins: 'glimt-', kind: 'a GitLab incoming mail token', unfit: PULLS_NOTHING },
    { begins: 'glagent-', kind: 'a GitLab agent token', unfit: PULLS_NOTHING },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:www|docker|container-registry)\.)?gitlab\.com$/,
      server: (path) => ['registry.gitlab.com', ...findProject(path)].join('/'),
      is: "GitLab's website",
    },
    {
      host: /^(?:(?:about|docs|customers|packages)\.gitlab\.com|gitlab|(?:registry\.)?gitlab\.io)$/,
      what: 'is a GitLab host without images',
      fix: 'use registry.gitlab.com, or the registry host of your own GitLab',
    },
  ]),
  advice: forCheck({
    rejected:
      'use a deploy token or a personal access token with the scope read_registry ' +
      'that has not expired, and the user name that belongs to it',
    denied:
      'give the deploy token the scope read_registry in the project or group of the image, ' +
      'or make the user a member of it',
  }),
};

/** The project in a page's path: without `groups/` before it, and `-` and all after it. */
function findProject(path: readonly string[]): string[] {
  const end = path.findIndex((one) => one === '-' || one === 'container_registry');
  const project = end < 0 ? path : path.slice(0, end);
  return project[0] === 'groups' ? project.slice(1) : [...project];
}
