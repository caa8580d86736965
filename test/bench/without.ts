import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BUILT } from '../support/built.ts';

/** What takes the place of the modules that look for mistakes. */
const STAND_INS: Readonly<Record<string, string>> = {
  'secrets/hints.ts':
    'export const tellHints = ({ problems, notices }) => ({ problems, notices });',
  'providers/secrets.ts':
    'export const mayBeSecret = () => false; export const shownUser = (user) => user;',
};

/** Copies the build to a checkout of its own, whose hook looks for no mistakes; returns that. */
export async function buildWithoutHints(folder: string): Promise<string> {
  const checkout = join(folder, 'without-hints');
  const built = join(checkout, 'dist', 'registry-auth');
  cpSync(BUILT, built, { recursive: true });
  const { bundle } = await import(resolve('scripts/build.js'));
  const outfile = join(built, 'lib', 'registry-auth.cjs');
  await bundle('registry-auth', { outfile, plugins: [standIns] });
  return checkout;
}

type Loader = {
  onLoad: (
    on: { readonly filter: RegExp },
    load: (file: { readonly path: string }) => { contents: string } | undefined,
  ) => void;
};

const standIns = {
  name: 'stand-ins',
  setup({ onLoad }: Loader) {
    onLoad({ filter: /\/src\/(?:secrets|providers)\// }, ({ path }) => {
      const name = Object.keys(STAND_INS).find((one) => path.endsWith(one));
      return name === undefined ? undefined : { contents: `${STAND_INS[name]}` };
    });
  },
};
