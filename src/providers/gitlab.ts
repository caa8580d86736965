import { forCheck, forPasted, type Provider } from './provider.ts';
import { mayBeSecret } from './secrets.ts';

const USE = 'use a deploy token with the scope read_registry';
const ENDS = { why: 'which ends with its job', fix: USE };
const PULLS_NOTHING = { why: 'which cannot pull images', fix: USE };

/** GitLab.com; the host of any other GitLab does not show that it is one. */
export const gitlab: Provider = {
  name: 'gitlab',
  matches: (host) => host === 'registry.gitlab.com',
  tokenHosts: ['gitlab.com'],
  isUsual: ({ password }) => /^gl(?:pat|dt)-/.test(password) || !mayBeSecret(password),
  secrets: forPasted([
    { begins: 'glpat-', kind: 'an access token of GitLab' },
    { begins: 'gldt-', kind: 'a deploy token of GitLab' },
    { begins: 'glcbt-', kind: "a CI job's token of GitLab", unfit: ENDS },
    { begins: /^glrtr?-/, kind: "a runner's token of GitLab", unfit: PULLS_NOTHING },
    { begins: 'glsoat-', kind: 'a SCIM token of GitLab', unfit: PULLS_NOTHING },
    { begins: 'gloas-', kind: "an OAuth application's secret of GitLab", unfit: PULLS_NOTHING },
    { begins: 'glft-', kind: 'a feed token of GitLab', unfit: PULLS_NOTHING },
    { begins: 'glptt-', kind: 'a token of GitLab for pipelines', unfit: PULLS_NOTHING },
    { begins: 'glffct-', kind: "a token of GitLab's feature flags", unfit: PULLS_NOTHING },
    { begins: 'glimt-', kind: 'a token of GitLab for mail', unfit: PULLS_NOTHING },
    { begins: 'glagent-', kind: "a token of GitLab's agent", unfit: PULLS_NOTHING },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:www|docker|container-registry)\.)?gitlab\.com$/,
      server: (path) => ['registry.gitlab.com', ...findProject(path)].join('/'),
      is: "GitLab's web site",
    },
    {
      host: /^(?:(?:about|docs|customers|packages)\.gitlab\.com|gitlab|(?:registry\.)?gitlab\.io)$/,
      what: 'is a host of GitLab that has no images',
      fix: 'use registry.gitlab.com, or for a GitLab of your own the host of its images',
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

/** Of a page's path: what stands behind `-` is no project, and `groups/` before one neither. */
function findProject(path: readonly string[]): string[] {
  const end = path.findIndex((one) => one === '-' || one === 'container_registry');
  const project = end < 0 ? path : path.slice(0, end);
  return project[0] === 'groups' ? project.slice(1) : [...project];
}
