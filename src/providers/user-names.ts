import type { Wrong } from '../registries/server.ts';

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
export function tellUser(host: string, user: string): Wrong | undefined {
  const row = findRow(host);
  if (!row || row.user.test(user)) return undefined;
  const what = 'is not the kind of user name that this registry accepts';
  return { what, fix: `set USER to ${row.named}, and PASSWORD to ${row.password}: ${row.page}` };
}

/** What USER and PASSWORD must be at a registry of this list. */
export function findUserAdvice(host: string, user: string): string | undefined {
  const row = findRow(host);
  const both = row && `use as USER ${row.named}, and as PASSWORD ${row.password}: ${row.page}`;
  return tellUser(host, user)?.fix ?? both;
}
