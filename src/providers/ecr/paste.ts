import { parseJson } from '../../json.ts';
import type { Notice } from '../../problem.ts';
import { type Part, type Triple, variableName } from '../../secrets/triple.ts';

/** A triple for ECR without what gets copied along; no value is repeated. */
export function mendPaste(given: Triple): { readonly triple: Triple; readonly notice?: Notice } {
  const { user, password, sessionToken: session } = given;
  const bare = withoutQuotes(user);
  const isKey = /^A[KS]IA[A-Z0-9]{16}$/i.test(bare);
  // White space around a secret is removed without a notice.
  const known = isKey ? password.trim() : password;
  const token = isKey ? undefined : findToken(password);
  const isAws = token !== undefined || /^aws$/i.test(bare);
  const name = isKey ? bare : isAws ? 'AWS' : user;
  const secret = isKey ? withoutQuotes(password) : (token?.text ?? password);
  const mended = session === undefined ? {} : { sessionToken: withoutQuotes(session) };
  const told: [Part, string][] = [];
  if (name !== user)
    told.push(['USER', isKey ? QUOTED : 'is used as AWS, which goes with a token']);
  if (secret !== known) told.push(['PASSWORD', token?.form ?? QUOTED]);
  if (session?.trim() !== mended.sessionToken) told.push(['SESSION_TOKEN', QUOTED]);
  const triple = { ...given, user: name, password: secret, ...mended };
  return { triple, ...noticeOf(given.id, told) };
}

const QUOTED = 'holds white space or quotes; used without them';
const DECODED = 'holds authorizationToken, which is base64 of AWS:TOKEN; used decoded';

function noticeOf(id: string, told: readonly [Part, string][]): { notice?: Notice } {
  if (told.length === 0) return {};
  const what = told.map(([part, each], index) => (index === 0 ? each : `${part} ${each}`));
  const subject = variableName(id, told[0]?.[0] ?? 'PASSWORD');
  return { notice: { code: 'ECR_VALUE_MENDED', subject, what: what.join('; ') } };
}

function withoutQuotes(text: string): string {
  return text.replace(/["'\s]/g, '');
}

/** An ECR token, extracted from what AWS's own commands print. */
function findToken(password: string): { readonly text: string; readonly form: string } | undefined {
  const forms: readonly (readonly [form: string, text: string | undefined])[] = [
    [QUOTED, password],
    ['holds a command that logs in; only its token is used', COMMAND.exec(password)?.[1]],
    ['holds a JSON answer from AWS; only its token is used', fromJson(password)],
  ];
  for (const [form, given = ''] of forms) {
    const text = withoutQuotes(given).replace(/^AWS:/, '');
    if (isToken(text)) return { text, form };
    const decoded = Buffer.from(/^[\w+/=-]+$/.test(text) ? text : '', 'base64').toString();
    const inner = decoded.startsWith('AWS:') ? decoded.slice('AWS:'.length).trim() : '';
    if (isToken(inner)) return { text: inner, form: DECODED };
  }
  return undefined;
}

/** Base64 of JSON with a `payload`. */
function isToken(text: string): boolean {
  const start = Buffer.from(text.slice(0, 64), 'base64').toString();
  const isStart = /^\{\s*"(?:payload|datakey|version|type|expiration)"/.test(start);
  return isStart && /^eyJ[\w+/-]{40,}={0,2}$/.test(text);
}

/** `docker login -u AWS -p TOKEN …`, `echo TOKEN | docker login …`, an entry of config.json. */
const COMMAND = /(?:^|\s)(?:-p|--password|-p=|--password=|echo(?: -n)?)[\s=]*["']?([\w+/=:-]{40,})/;

function fromJson(text: string): string | undefined {
  const { authorizationData, authorizationToken } = Object(parseJson(text));
  const [first] = Array.isArray(authorizationData) ? authorizationData : [authorizationData];
  const token = authorizationToken ?? Object(first).authorizationToken;
  return typeof token === 'string' ? token : undefined;
}
