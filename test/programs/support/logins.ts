/** What a program came with, where that is no `user:password`. */
export const ANONYMOUS = 'anonymous';
export const FAILS = 'fails';

const INDEX = 'https://index.docker.io/v1/';

/** Under which key an engine looks for an image's login among those of a build. */
export function keyOf(image: string): string {
  const [first = '', ...others] = image.split('/');
  const isHost = others.length > 0 && /[.:]/.test(first);
  return !isHost || /^(?:index\.)?docker\.io$/.test(first) ? INDEX : first;
}
