import { forCheck, forPasted, type Provider, type Secret, type Site } from './provider.ts';

/** A registry that accepts one user name, or one kind of user name. */
type RegistryRow = {
  readonly host: RegExp;
  /** Which USER it accepts, and how messages describe it. */
  readonly user: RegExp;
  readonly named: string;
  /** What it calls the secret, and the page that explains it. */
  readonly password: string;
  readonly page: string;
};

const ROWS: readonly RegistryRow[] = [
  {
    host: /^(?:[a-z]+\.)?gcr\.io$|[.-]docker\.pkg\.dev$|\.rep\.pkg\.dev$/,
    user: /^(?:_json_key(?:_base64)?|oauth2accesstoken|_(?:dcgcloud_)?token)$/,
    named: '_json_key',
    password: 'the JSON key of a service account',
    page: 'https://cloud.google.com/artifact-registry/docs/docker/authentication',
  },
  {
    host: /^nvcr\.io$/,
    user: /^\$oauthtoken$/,
    named: '$oauthtoken',
    password: 'an API key of NGC',
    page: 'https://docs.nvidia.com/ngc/',
  },
  {
    host: /^(?:[a-z0-9-]+\.)?icr\.io$/,
    user: /^iam(?:apikey|bearer|refresh)$/,
    named: 'iamapikey',
    password: 'an API key of IBM Cloud',
    page: 'https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access',
  },
  {
    host: /^dhi\.io$/,
    user: /^[^@]+$/,
    named: 'your user name at Docker Hub',
    password: 'an access token of Docker Hub',
    page: 'https://docs.docker.com/dhi/',
  },
  {
    host: /^registry\.(?:redhat\.io|connect\.redhat\.com)$/,
    user: /^[^\s]+$/,
    named: 'the whole name of a registry service account, such as 1234567|name',
    password: 'its token',
    page: 'https://access.redhat.com/RegistryAuthentication',
  },
  {
    host: /^container-registry(?:-[a-z]+)?\.oracle\.com$/,
    user: /@/,
    named: 'the e-mail address of your Oracle account',
    password: 'an authentication token of the registry',
    page: 'https://container-registry.oracle.com',
  },
  {
    host: /^(?:[a-z0-9-]+\.)?ocir\.(?:io|[a-z0-9-]+\.oci\.oraclecloud\.com)$|^[a-z0-9-]+\.ocir\.io$/,
    user: /^[^/]+\/.+$/,
    named: 'NAMESPACE/USER, or NAMESPACE/DOMAIN/USER',
    password: 'an authentication token of that user',
    page: 'https://docs.oracle.com/iaas/Content/Registry/home.htm',
  },
  {
    host: /^cgr\.dev$/,
    user: /^(?:_token|[0-9a-f]{40}\/[0-9a-f]+|[^@\s]+\/[^@\s]+)$/,
    named: 'what chainctl auth pull-token prints as the user name',
    password: 'the password that it prints',
    page: 'https://edu.chainguard.dev/chainguard/chainguard-images/',
  },
  {
    host: /^docker\.elastic\.co$/,
    user: /^[^\s]+$/,
    named: 'the user name that Elastic gave you',
    password: 'the password that belongs to it',
    page: 'https://www.docker.elastic.co',
  },
  {
    host: /^rg\.[a-z-]+\.scw\.cloud$/,
    user: /^nologin$/,
    named: 'nologin',
    password: 'the secret key of an API key',
    page: 'https://www.scaleway.com/en/docs/container-registry/',
  },
  {
    host: /^cr\.(?:yandex|cloud\.yandex\.net)$/,
    user: /^(?:oauth|json_key|iam|api_key)$/,
    named: 'oauth, json_key or iam, after the kind of the secret',
    password: 'an OAuth token, an authorized key in JSON or an IAM token',
    page: 'https://yandex.cloud/docs/container-registry/operations/authentication',
  },
  {
    host: /^(?:registry(?:-intl|-vpc)?\.[a-z0-9-]+\.(?:personal\.cr\.)?aliyuncs\.com|[a-z0-9-]+\.[a-z0-9-]+(?:\.personal)?\.cr\.aliyuncs\.com)$/,
    user: /^(?!LTAI)/,
    named: 'the full name of the Alibaba Cloud account, or NAME@ALIAS of a RAM user',
    password: 'the password of the registry, not an AccessKey',
    page: 'https://www.alibabacloud.com/help/acr/',
  },
  {
    host: /^swr\.[a-z0-9-]+\.myhuaweicloud\.(?:com|eu)$/,
    user: /^[a-z0-9-]+@[A-Za-z0-9]+$/,
    named: 'REGION@AK, with the access key of the login command',
    password: 'the key that the login command has',
    page: 'https://support.huaweicloud.com/swr/',
  },
  {
    host: /^(?:[a-z]+ccr\.ccs|ccr\.ccs)\.tencentyun\.com$/,
    user: /^\d+$/,
    named: 'the ID of the Tencent Cloud account, in digits',
    password: 'the password of the registry',
    page: 'https://www.tencentcloud.com/document/product/1051',
  },
  {
    host: /^docker\.cloudsmith\.io$/,
    user: /^[^@\s]+$/,
    named: 'your user name at Cloudsmith, or token',
    password: 'your API key, or an entitlement token',
    page: 'https://help.cloudsmith.io/docs/docker-registry',
  },
  {
    host: /^registry\.digitalocean\.com$/,
    user: /^[^\s]+$/,
    named: 'what doctl prints before the colon',
    password: 'what it prints after the colon, or an API token in both places',
    page: 'https://docs.digitalocean.com/products/container-registry/',
  },
  {
    host: /^registry\.fly\.io$/,
    user: /^x$/,
    named: 'x',
    password: 'a token of Fly, which fly tokens create prints',
    page: 'https://fly.io/docs/',
  },
  {
    host: /^registry\.heroku\.com$/,
    user: /^_$/,
    named: '_',
    password: 'a token of Heroku, which heroku authorizations:create prints',
    page: 'https://devcenter.heroku.com/articles/container-registry-and-runtime',
  },
];

function findRow(host: string): RegistryRow | undefined {
  return ROWS.find((row) => row.host.test(host.replace(/:443$/, '')));
}

/** The problem with a user name that its registry does not accept. */
export function tellUser(host: string, user: string): { what: string; fix: string } | undefined {
  const row = findRow(host);
  if (!row || row.user.test(user)) return undefined;
  const what = 'is not the kind of user name that this registry accepts';
  return { what, fix: `set USER to ${row.named}, and PASSWORD to ${row.password}: ${row.page}` };
}

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

/** What USER and PASSWORD must be at a registry of this list. */
export function findUserAdvice(host: string, user: string): string | undefined {
  const row = findRow(host);
  const both = row && `use as USER ${row.named}, and as PASSWORD ${row.password}: ${row.page}`;
  return tellUser(host, user)?.fix ?? both;
}

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
