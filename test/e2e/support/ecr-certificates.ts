import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../../support/run.ts';

export type Certificates = {
  /** The CA's certificate. */
  readonly ca: string;
  /** What container clients take as `certs.d`. */
  readonly hosts: string;
  readonly key: string;
  readonly cert: string;
};

/** Makes a CA for one run and a server's certificate for all the names. */
export async function makeCertificates(dir: string, names: readonly string[]) {
  mkdirSync(dir);
  const file = (name: string) => join(dir, name);
  await certify(file, 'ca', ['basicConstraints = critical, CA:true']);
  const alternatives = names.map((name) => `DNS:${name}`).join(', ');
  const extensions = ['basicConstraints = critical, CA:false', `subjectAltName = ${alternatives}`];
  await certify(file, 'server', extensions, ['-CA', file('ca.crt'), '-CAkey', file('ca.key')]);
  const ca = readFileSync(file('ca.crt'));
  for (const name of names) {
    mkdirSync(join(dir, 'certs.d', name), { recursive: true });
    writeFileSync(join(dir, 'certs.d', name, 'ca.crt'), ca);
  }
  return {
    ca: file('ca.crt'),
    hosts: file('certs.d'),
    key: readFileSync(file('server.key'), 'utf8'),
    cert: readFileSync(file('server.crt'), 'utf8'),
  } satisfies Certificates;
}

async function certify(
  file: (name: string) => string,
  name: string,
  extensions: readonly string[],
  signer: readonly string[] = [],
): Promise<void> {
  // Nothing of the machine's own configuration of openssl.
  const config = ['[req]', 'distinguished_name = name', 'x509_extensions = extensions'];
  const sections = ['[name]', '[extensions]', ...extensions];
  writeFileSync(file(`${name}.cnf`), [...config, ...sections, ''].join('\n'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-config', file(`${name}.cnf`), '-keyout', file(`${name}.key`)];
  const subject = ['-subj', `/CN=registry-auth test ${name}`, '-days', '2'];
  const out = ['-out', file(`${name}.crt`)];
  await runOrThrow('openssl', ['req', '-x509', ...key, ...files, ...subject, ...signer, ...out]);
}
