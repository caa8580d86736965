import { forCheck, forPasted, type Provider, type Secret, type Site } from './provider.ts';

/** Secrets of no registry: the kind shows you that it is the wrong one. */
const SECRETS: readonly Secret[] = [
  {
    begins: /^do[opr]_v1_/,
    kind: 'a DigitalOcean token',
    mayBeUser: (host) => host === 'registry.digitalocean.com',
  },
  { begins: 'nvapi-', kind: 'an NVIDIA API key' },
  { begins: /^npm_\w{20}/, kind: 'an npm token' },
  { begins: /^hf_\w{20}/, kind: 'a Hugging Face token' },
  { begins: /^pypi-\w{20}/, kind: 'a PyPI token' },
  { begins: /^xox[a-z]-/, kind: 'a Slack token' },
  { begins: /^sk-[\w-]{20}/, kind: 'an API key for an AI service' },
  { begins: /^eyJ[\w-]{10,}\.[\w-]+/, kind: 'a JSON web token', isAnywhere: true },
];

const SITES: readonly Site[] = [
  {
    host: /^[a-z]{2}-[a-z]+\.scw\.cloud$/,
    what: 'lacks the beginning of a registry of Scaleway',
    fix: (host) => `use rg.${host}`,
  },
  {
    host: /^(?:registry\.npmjs\.org|(?:www\.)?npmjs\.com|(?:www\.)?pypi\.org|huggingface\.co)$/,
    what: 'is a host for packages other than images',
    fix: 'use the host that your image names begin with',
  },
];

/** Web sites, their owners, and the registry to use instead. */
const HOSTS: readonly (readonly [host: RegExp, whose: string, use: string])[] = [
  [/^(?:[a-z-]+\.)?scaleway\.com$/, 'Scaleway', 'rg.REGION.scw.cloud'],
  [
    /^(?:[a-z-]+\.)*cloud\.ibm\.com$|^registry\.(?:[a-z-]+\.)?bluemix\.net$/,
    'IBM Cloud',
    'icr.io or REGION.icr.io',
  ],
  [/^(?:(?:www|cloud|api|docs)\.)?digitalocean\.com$/, 'DigitalOcean', 'registry.digitalocean.com'],
  [
    /^(?:[a-z]+\.)*ngc\.nvidia\.com$|^build\.nvidia\.com$|^(?:www\.)?nvidia\.com$/,
    'NVIDIA',
    'nvcr.io',
  ],
  [
    /^(?:(?:www|access|console|catalog|cloud|sso)\.)?redhat\.com$/,
    'Red Hat',
    'registry.redhat.io or quay.io',
  ],
  [
    /^(?:(?:www|cloud|console|login)\.)?(?:[a-z]{2}-[a-z]+-\d\.)?oracle(?:cloud)?\.com$/,
    'Oracle',
    'container-registry.oracle.com or REGION.ocir.io',
  ],
  [
    /^(?:[a-z0-9-]+\.)*(?:console\.aliyun|aliyun|alibabacloud)\.com$/,
    'Alibaba Cloud',
    'registry.REGION.aliyuncs.com',
  ],
  [/^(?:[a-z0-9-]+\.)*huaweicloud\.com$/, 'Huawei Cloud', 'swr.REGION.myhuaweicloud.com'],
  [
    /^(?:[a-z0-9-]+\.)*(?:cloud\.tencent|tencentcloud)\.com$/,
    'Tencent Cloud',
    'ccr.ccs.tencentyun.com',
  ],
  [/^(?:console\.)?(?:yandex\.cloud|cloud\.yandex\.(?:ru|com))$/, 'Yandex Cloud', 'cr.yandex'],
  [/^(?:(?:www|dashboard|id|api)\.)?heroku\.com$/, 'Heroku', 'registry.heroku.com'],
  [/^(?:(?:www|api)\.)?fly\.io$/, 'Fly', 'registry.fly.io'],
  [/^(?:(?:www|cloud)\.)?elastic\.co$|^www\.docker\.elastic\.co$/, 'Elastic', 'docker.elastic.co'],
  [
    /^(?:(?:www|app|cloudsmith|api)\.)?cloudsmith\.(?:com|io)$/,
    'Cloudsmith',
    'docker.cloudsmith.io',
  ],
  [/^(?:(?:console|images|edu|www)\.)?chainguard\.dev$/, 'Chainguard', 'cgr.dev'],
  [/^(?:(?:www|my)\.)?jfrog\.(?:com|io)$/, 'JFrog', 'NAME.jfrog.io'],
];

function noImages([host, whose, use]: (typeof HOSTS)[number]): Site {
  const what = `is a host of ${whose} without images`;
  return { host, what, fix: `use ${use}, as image names begin` };
}

/** For a host whose name does not show who runs it. */
export const other: Provider = {
  name: 'other',
  matches: () => false,
  advice: forCheck({
    rejected: 'check that the user name is the one that belongs to it',
    denied: 'give the user read access to the repository',
  }),
};

/** Only their host, token service and advice are special. */
export const others: readonly Provider[] = [
  {
    name: 'quay',
    matches: (host) => host === 'quay.io',
    sites: forPasted([
      {
        host: /^(?:www|app|docs|status)\.quay\.io$|^quay\.com$/,
        server: () => 'quay.io',
        is: "Quay's web site",
      },
    ]),
    advice: forCheck({
      rejected: "use the robot account's whole name, such as team+robot, and its token",
      denied: 'give the robot account the permission Read for the repository',
    }),
  },
  {
    ...other,
    matches: (host) => host === 'registry.digitalocean.com',
    tokenHosts: ['api.digitalocean.com'],
    secrets: globalThis.WITHOUT_PASTED ? undefined : SECRETS,
    sites: globalThis.WITHOUT_PASTED ? undefined : [...SITES, ...HOSTS.map(noImages)],
  },
];
