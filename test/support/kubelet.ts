/**
 * Which credentials a kubelet would try for an image, by its rules for the secrets of a pod
 * (docs/clients.md, kubelet), written here from these and not from our code.
 */
export function findKubeletLogins(dockerConfigJson: string, image: string): string[] {
  const { auths } = JSON.parse(dockerConfigJson) as { auths: Record<string, { auth: string }> };
  const keyring = Object.entries(auths).map(([key, { auth }]) => {
    // One that cannot be decoded would cost the kubelet the whole secret.
    const text = Buffer.from(auth, 'base64').toString('utf8');
    if (!text.includes(':') || Buffer.from(text).toString('base64') !== auth)
      throw new Error(`undecodable auth of ${key}`);
    return { ...parseKey(key), login: text };
  });
  const [domain, path] = splitImage(image);
  const matching = keyring
    .sort((a, b) => (`${a.host}${a.path}` < `${b.host}${b.path}` ? 1 : -1))
    .filter((key) => isMatch(key, domain, path));
  if (matching.length > 0 || domain !== 'docker.io') return matching.map(({ login }) => login);
  return keyring.filter(({ host }) => host === 'index.docker.io').map(({ login }) => login);
}

function parseKey(key: string): { host: string; path: string } {
  const { host, pathname } = new URL(key.includes('://') ? key : `https://${key}`);
  const port = /:443(?:\/|$)/.test(key) ? ':443' : '';
  const path = pathname.replace(/^\/v[12](?=\/)/, '').replace(/^\/$/, '');
  return { host: `${host}${port}`, path };
}

function splitImage(image: string): [domain: string, path: string] {
  const slash = image.indexOf('/');
  const first = image.slice(0, slash);
  return slash > 0 && /[.:]|^localhost$/.test(first)
    ? [first, image.slice(slash)]
    : ['docker.io', `/${slash < 0 ? `library/${image}` : image}`];
}

function isMatch(key: { host: string; path: string }, domain: string, path: string): boolean {
  const [name = '', port = ''] = key.host.split(':');
  const [imageName = '', imagePort = ''] = domain.split(':');
  const labels = name.split('.');
  const imageLabels = imageName.split('.');
  const isSame = labels.every((label, index) => label === '*' || label === imageLabels[index]);
  const isLong = labels.length === imageLabels.length;
  return port === imagePort && isLong && isSame && path.startsWith(key.path);
}
