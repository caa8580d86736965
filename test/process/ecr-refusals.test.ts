import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { EcrStandIn } from '../support/ecr-stand-in.ts';
import { GUEST, ROLE, TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { expectNoSecret } from '../support/process.ts';
import { othersOf } from '../support/record.ts';
import { triple } from '../support/triples.ts';
import {
  APP,
  ASSUMED,
  HOST,
  KEYS,
  makeSceneInside as makeScene,
  OTHER_HOST,
  SESSION,
} from './support/ecr-scene.ts';
import { NOT_FOUND } from './support/helper.ts';

type Case = {
  readonly name: string;
  readonly host?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What goes wrong at AWS. */
  readonly arrange?: (standIn: EcrStandIn) => void;
  readonly subject: string;
  readonly what: string;
  readonly fix: string;
  readonly code: string;
};

const deny = (denied: string) => (standIn: EcrStandIn) => {
  standIn.identities = standIn.identities.map((identity) => ({ ...identity, denied }));
};

const WRONG_HOST = '999999999999.dkr.ecr.us-east-1.amazonaws.com';

const cases: Case[] = [
  {
    name: 'a key that AWS does not know',
    env: triple('APP', HOST, 'AKIACANARYKEYUNKNOWN', TEAM.secretAccessKey),
    subject: 'APP_CONTAINER_REGISTRY_USER',
    what: 'not an access key id that exists in this AWS partition',
    fix: 'set an active access key id, and for a temporary one APP_CONTAINER_REGISTRY_SESSION_TOKEN too',
    code: 'ECR_KEY_UNKNOWN',
  },
  {
    name: 'keys of a session without its token',
    host: OTHER_HOST,
    env: triple('GUEST', OTHER_HOST, GUEST.accessKeyId, GUEST.secretAccessKey),
    subject: 'GUEST_CONTAINER_REGISTRY_USER',
    what: 'not an access key id that exists in this AWS partition',
    fix: 'set an active access key id, and for a temporary one GUEST_CONTAINER_REGISTRY_SESSION_TOKEN too',
    code: 'ECR_KEY_UNKNOWN',
  },
  {
    name: 'a secret of another key',
    env: triple('APP', HOST, TEAM.accessKeyId, GUEST.secretAccessKey),
    subject: 'APP_CONTAINER_REGISTRY_PASSWORD',
    what: 'not the secret access key that belongs to the access key id in USER',
    fix: 'set the secret and the access key id of the same key',
    code: 'ECR_SECRET_WRONG',
  },
  {
    name: 'the two keys swapped',
    env: triple('APP', HOST, TEAM.secretAccessKey, TEAM.accessKeyId),
    subject: 'APP_CONTAINER_REGISTRY_USER',
    what: 'holds the secret access key, and PASSWORD the access key id',
    fix: 'swap the two values',
    code: 'ECR_KEYS_SWAPPED',
  },
  {
    name: 'a session that has expired',
    host: OTHER_HOST,
    env: SESSION,
    arrange: (standIn) => {
      standIn.identities = [{ ...GUEST, expired: true }];
    },
    subject: 'GUEST_CONTAINER_REGISTRY_SESSION_TOKEN',
    what: 'the session has expired',
    fix: 'set USER, PASSWORD and SESSION_TOKEN of a new session, or USER and PASSWORD of a key that lasts',
    code: 'ECR_SESSION_EXPIRED',
  },
  {
    name: 'a missing permission for private ECR',
    arrange: deny('ecr:GetAuthorizationToken'),
    subject: 'APP_CONTAINER_REGISTRY_USER',
    what: 'its policy does not allow ecr:GetAuthorizationToken',
    fix: 'allow ecr:GetAuthorizationToken on resource * for the identity that the key belongs to',
    code: 'ECR_PERMISSION_MISSING',
  },
  {
    name: 'a missing permission for ECR Public',
    host: 'public.ecr.aws',
    env: tripleOf('PUB', 'public.ecr.aws', TEAM),
    arrange: deny('sts:GetServiceBearerToken'),
    subject: 'PUB_CONTAINER_REGISTRY_USER',
    what: 'its policy does not allow sts:GetServiceBearerToken',
    fix: 'allow sts:GetServiceBearerToken on resource * for the identity that the key belongs to',
    code: 'ECR_PERMISSION_MISSING',
  },
  {
    name: "an account that is not the key's",
    host: WRONG_HOST,
    env: tripleOf('APP', WRONG_HOST, TEAM),
    subject: 'APP_CONTAINER_REGISTRY_SERVER',
    what: 'names an account or a region that AWS does not accept with this key',
    fix: 'check the account number and the region in it',
    code: 'ECR_REGISTRY_WRONG',
  },
  {
    name: 'throttling that does not end',
    arrange: (standIn) => {
      standIn.mode = 'throttle';
    },
    subject: 'APP',
    what: 'AWS throttles requests for tokens, even after a retry',
    fix: 'wait a minute, then run registry-auth apply again',
    code: 'ECR_THROTTLED',
  },
  {
    name: 'garbage for an answer',
    arrange: (standIn) => {
      standIn.mode = 'garbage';
    },
    subject: 'APP',
    what: 'the answer to the request for a token holds none',
    fix: 'check that neither a proxy nor AWS_ENDPOINT_URL redirects requests away from AWS',
    code: 'ECR_ANSWER_INVALID',
  },
  {
    name: 'a clock 20 minutes off, and a proxy that drops the date',
    arrange: (standIn) => {
      Object.assign(standIn, { clockOffsetMs: 20 * 60_000, sendsDate: false });
    },
    subject: 'APP',
    what: "this machine's clock is more than five minutes off, so AWS refuses the signature",
    fix: 'set the clock, then run registry-auth apply again',
    code: 'ECR_CLOCK_SKEWED',
  },
  {
    name: 'keys that may assume no role',
    env: ASSUMED,
    arrange: deny('sts:AssumeRole'),
    subject: 'ROLE_CONTAINER_REGISTRY_USER',
    what: 'its policy does not allow sts:AssumeRole for the role in ROLE_ARN',
    fix: 'allow sts:AssumeRole on that role for the identity that the key belongs to',
    code: 'ECR_PERMISSION_MISSING',
  },
  {
    name: 'another external id',
    env: tripleOf('ROLE', HOST, GUEST, { ...ROLE, externalId: 'canary-of-another' }),
    subject: 'ROLE_CONTAINER_REGISTRY_ROLE_ARN',
    what: 'not a role that this key may assume',
    fix: "check the account in it, its name, that the key's policy allows sts:AssumeRole, that the role's trust policy names the identity of the key, and EXTERNAL_ID",
    code: 'ECR_ROLE_DENIED',
  },
  {
    name: 'a role of another account that trusts nobody here',
    env: tripleOf('ROLE', HOST, GUEST, { arn: 'arn:aws:iam::999999999999:role/pull' }),
    subject: 'ROLE_CONTAINER_REGISTRY_ROLE_ARN',
    what: 'not a role that this key may assume',
    fix: "check the account in it, which is not SERVER's, its name, that the key's policy allows sts:AssumeRole, that the role's trust policy names the identity of the key, and that it asks for no EXTERNAL_ID",
    code: 'ECR_ROLE_DENIED',
  },
  {
    name: 'a role that may not ask for tokens',
    env: ASSUMED,
    arrange: (standIn) => {
      standIn.roles = [{ ...ROLE, denied: 'ecr:GetAuthorizationToken' }];
    },
    subject: 'ROLE_CONTAINER_REGISTRY_ROLE_ARN',
    what: 'its policy does not allow ecr:GetAuthorizationToken',
    fix: 'allow ecr:GetAuthorizationToken on resource * for the role',
    code: 'ECR_PERMISSION_MISSING',
  },
  {
    name: 'nobody who answers for roles',
    env: { ...ASSUMED, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' },
    subject: 'ROLE',
    what: 'AWS cannot be reached (ECONNREFUSED), so no token',
    fix: 'check the network, the proxy and the region in ROLE_CONTAINER_REGISTRY_SERVER',
    code: 'ECR_UNREACHABLE',
  },
  {
    name: 'nobody who answers',
    env: { ...APP, AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' },
    subject: 'APP',
    what: 'AWS cannot be reached (ECONNREFUSED), so no token',
    fix: 'check the network, the proxy and the region in APP_CONTAINER_REGISTRY_SERVER',
    code: 'ECR_UNREACHABLE',
  },
];

test.concurrent.each(cases)(
  'apply tells of $name, and leaves our helper to try again',
  async (row) => {
    const { host = HOST, env = APP, arrange, subject, what, fix, code } = row;
    const scene = await makeScene();
    arrange?.(scene.standIn);
    const { status, stdout, stderr } = await scene.cli(['apply'], env);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${subject}: ${what} [${code}]\n  fix: ${fix}\n`,
    });
    const config = readFileSync(join(scene.home, '.docker/config.json'), 'utf8');
    expect(othersOf(config)).toEqual({
      auths: {},
      credHelpers: { [host]: 'registry-auth' },
    });
    expectNoSecret(stdout + stderr, KEYS);
    expectNoSecret({ folder: scene.home }, KEYS);
  },
);

test.concurrent.each(cases)(
  'the helper has no login after $name, and a line on it',
  async (row) => {
    const { host = HOST, env = APP, arrange, subject, what, fix, code } = row;
    const scene = await makeScene();
    arrange?.(scene.standIn);
    const { status, stdout, stderr } = await scene.ask('get', host, env);
    const line = `registry-auth: ${subject}: ${what}; fix: ${fix} [${code}]\n`;
    // Any other answer would end every build of docker-py and testcontainers, of public images too.
    expect({ status, stdout, stderr }).toEqual({ ...NOT_FOUND, stderr: line });
    expectNoSecret(stderr, KEYS);
  },
);
