import { describe, expect, test } from '@jest/globals';
import { findPartition, parseEcrHost } from '../../../src/providers/ecr/host.ts';
import { judgeRole } from '../../../src/providers/ecr/keys.ts';
import type { Triple } from '../../../src/secrets/triple.ts';

const ACCOUNT = '123456789012';
const HOST = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`;
const ARN = `arn:aws:iam::${ACCOUNT}:role/pull`;

type Given = Pick<Triple, 'roleArn' | 'externalId'> & { readonly user?: string };

function judge({ user = 'AKIAIOSFODNN7EXAMPLE', ...role }: Given, host = HOST) {
  const triple = { id: 'ACME', server: host, user, password: 'secret', source: 'environment' };
  return { triple, judged: judgeRole({ ...triple, ...role }, parseEcrHost(host)) };
}

describe('a partition', () => {
  test.each([
    [HOST, 'aws'],
    ['public.ecr.aws', 'aws'],
    ['ecr-public.aws.com', 'aws'],
    [`${ACCOUNT}.dkr.ecr.eu-central-2.amazonaws.com`, 'aws'],
    [`${ACCOUNT}.dkr.ecr.cn-northwest-1.amazonaws.com.cn`, 'aws-cn'],
    [`${ACCOUNT}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`, 'aws-cn'],
    [`${ACCOUNT}.dkr.ecr-fips.us-gov-east-1.amazonaws.com`, 'aws-us-gov'],
    [`${ACCOUNT}.dkr-ecr.us-gov-west-1.on.aws`, 'aws-us-gov'],
    [`${ACCOUNT}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, 'aws-eusc'],
    [`${ACCOUNT}.dkr.ecr.us-iso-east-1.c2s.ic.gov`, 'aws-iso'],
    [`${ACCOUNT}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, 'aws-iso-b'],
    [`${ACCOUNT}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`, 'aws-iso-e'],
    [`${ACCOUNT}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov`, 'aws-iso-f'],
  ])('of %s is %s', (host, partition) => {
    const ecr = parseEcrHost(host);
    expect(ecr && findPartition(ecr)).toBe(partition);
  });
});

describe('a role', () => {
  test.each([
    [ARN, HOST],
    [`arn:aws:iam::${ACCOUNT}:role/team/ci/pull.images+x=1,2@a-b_c`, HOST],
    ['arn:aws:iam::210987654321:role/of-another-account', HOST],
    [ARN, 'public.ecr.aws'],
    [`arn:aws-cn:iam::${ACCOUNT}:role/pull`, `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`],
    [`arn:aws-us-gov:iam::${ACCOUNT}:role/p`, `${ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com`],
  ])('%s stays with its triple for %s', (roleArn, host) => {
    const { triple, judged } = judge({ roleArn, externalId: 'a:b/c=d' }, host);
    expect(judged).toEqual({ triple: { ...triple, roleArn, externalId: 'a:b/c=d' } });
  });

  test.each([
    'pull',
    `arn:aws:iam::${ACCOUNT}:user/ci`,
    `arn:aws:iam::${ACCOUNT}:instance-profile/pull`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/pull/session`,
    'arn:aws:iam::12345678901:role/pull',
    `arn:aws:iam:us-east-1:${ACCOUNT}:role/pull`,
    `arn:aws:iam::${ACCOUNT}:role/`,
    `arn:aws:iam::${ACCOUNT}:role/pull images`,
    `arn:aws:iam::${ACCOUNT}:role/${'x'.repeat(65)}`,
    `arn:aws:iam::${ACCOUNT}:role/pull\narn`,
    `x${ARN}`,
  ])('is a problem as %j', (roleArn) => {
    expect(judge({ roleArn }).judged).toEqual({
      problem: {
        code: 'ECR_ROLE_INVALID',
        subject: 'ACME_CONTAINER_REGISTRY_ROLE_ARN',
        what: 'is not the ARN of a role',
        fix: "use arn:aws:iam::ACCOUNT:role/NAME, with the account's 12 digits",
      },
    });
  });

  test.each([
    [`arn:aws-cn:iam::${ACCOUNT}:role/pull`, HOST, 'aws-cn', 'aws'],
    [ARN, `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'aws', 'aws-cn'],
    [ARN, `${ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com`, 'aws', 'aws-us-gov'],
  ])('%s is of another part of AWS than %s', (roleArn, host, own, wanted) => {
    expect(judge({ roleArn }, host).judged).toEqual({
      problem: {
        code: 'ECR_ROLE_INVALID',
        subject: 'ACME_CONTAINER_REGISTRY_ROLE_ARN',
        what: `is a role in the partition ${own}, and SERVER's is ${wanted}`,
        fix: `use arn:${wanted}:iam::ACCOUNT:role/NAME, with the account's 12 digits`,
      },
    });
  });

  test.each(['x', 'canary id', 'canary%', 'canary\n'])(
    'with %j for an external id is a problem that does not repeat it',
    (externalId) => {
      const { judged } = judge({ roleArn: ARN, externalId });
      expect(judged).toMatchObject({
        problem: { code: 'ECR_ROLE_INVALID', subject: 'ACME_CONTAINER_REGISTRY_EXTERNAL_ID' },
      });
      expect(JSON.stringify(judged)).not.toContain('canary');
    },
  );

  test.each([
    [
      'another registry',
      { roleArn: ARN, user: 'ada' },
      'ghcr.io',
      'ROLE_ARN',
      /not an Amazon ECR registry/,
    ],
    [
      'a look-alike',
      { roleArn: ARN, user: 'ada' },
      `${HOST}.example.com`,
      'ROLE_ARN',
      /not an Amazon ECR registry/,
    ],
    [
      'a token',
      { roleArn: ARN, externalId: 'canary', user: 'AWS' },
      HOST,
      'ROLE_ARN',
      /USER is AWS/,
    ],
    ['no role', { externalId: 'canary' }, HOST, 'EXTERNAL_ID', /^is not used without ROLE_ARN$/],
    ['what is none', { roleArn: 'canary', user: 'AWS' }, HOST, 'ROLE_ARN', /not used/],
  ])('is left out and told of beside %s', (_name, given, host, part, what) => {
    const { triple, judged } = judge(given, host);
    expect(judged).toEqual({
      triple,
      notice: {
        code: 'ECR_ROLE_UNUSED',
        subject: `ACME_CONTAINER_REGISTRY_${part}`,
        what: expect.stringMatching(what),
        fix: expect.stringMatching(/remove it$/),
      },
    });
    expect(JSON.stringify(judged)).not.toContain('canary');
  });
});
