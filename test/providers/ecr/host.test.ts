import { describe, expect, test } from '@jest/globals';
import { parseEcrHost } from '../../../src/providers/ecr/host.ts';

const A = '123456789012';

const hosts: [host: string, region: string, flags: string][] = [
  [`${A}.dkr.ecr.us-east-1.amazonaws.com`, 'us-east-1', ''],
  [`${A}.dkr.ecr.eu-central-2.amazonaws.com`, 'eu-central-2', ''],
  [`${A}.dkr.ecr.ap-southeast-7.amazonaws.com`, 'ap-southeast-7', ''],
  [`${A}.dkr.ecr.mx-central-1.amazonaws.com`, 'mx-central-1', ''],
  [`${A}.dkr.ecr.us-gov-west-1.amazonaws.com`, 'us-gov-west-1', ''],
  [`${A}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'cn-north-1', ''],
  [`${A}.dkr.ecr.cn-northwest-1.amazonaws.com.cn`, 'cn-northwest-1', ''],
  [`${A}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, 'eusc-de-east-1', ''],
  [`${A}.dkr.ecr.us-iso-east-1.c2s.ic.gov`, 'us-iso-east-1', ''],
  [`${A}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, 'us-isob-east-1', ''],
  [`${A}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`, 'eu-isoe-west-1', ''],
  [`${A}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov`, 'us-isof-south-1', ''],
  [`${A}.dkr.ecr-fips.us-east-2.amazonaws.com`, 'us-east-2', 'fips'],
  [`${A}.dkr.ecr-fips.us-gov-east-1.amazonaws.com`, 'us-gov-east-1', 'fips'],
  [`${A}.dkr-ecr.us-west-2.on.aws`, 'us-west-2', 'dual-stack'],
  [`${A}.dkr-ecr.us-gov-west-1.on.aws`, 'us-gov-west-1', 'dual-stack'],
  [`${A}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`, 'cn-north-1', 'dual-stack'],
  [`${A}.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu`, 'eusc-de-east-1', 'dual-stack'],
  [`${A}.dkr-ecr-fips.us-west-1.on.aws`, 'us-west-1', 'fips dual-stack'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com:443`, 'us-east-1', ''],
  ['000000000012.dkr.ecr.us-east-1.amazonaws.com', 'us-east-1', ''],
];

describe('a private registry', () => {
  test.each(hosts)('%s is in %s', (host, region, flags) => {
    expect(parseEcrHost(host)).toEqual({
      kind: 'private',
      host,
      account: host.slice(0, 12),
      region,
      fips: flags.includes('fips'),
      dualStack: flags.includes('dual-stack'),
    });
  });
});

describe('a public registry', () => {
  test.each(['public.ecr.aws', 'ecr-public.aws.com', 'public.ecr.aws:443'])('%s is one', (host) => {
    expect(parseEcrHost(host)).toEqual({ kind: 'public', host });
  });
});

const lookAlikes: [host: string, why: string][] = [
  [`${A}.dkr.ecr.us-east-1.amazonaws.com.fake.example.com`, 'something behind it'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com.`, 'a dot behind it'],
  [`x.${A}.dkr.ecr.us-east-1.amazonaws.com`, 'something before it'],
  [`evil-${A}.dkr.ecr.us-east-1.amazonaws.com`, 'something glued to the account'],
  ['12345678901.dkr.ecr.us-east-1.amazonaws.com', 'eleven digits'],
  ['1234567890123.dkr.ecr.us-east-1.amazonaws.com', 'thirteen digits'],
  ['12345678901a.dkr.ecr.us-east-1.amazonaws.com', 'a letter in the account'],
  [`${A}.dkr.ecr.us-east-1.amazonawsxcom`, 'no dot in the suffix'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.comxcn`, 'no dot before cn'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.org`, 'another top-level domain'],
  [`${A}.dkr.ecr.us-east-1.myamazonaws.com`, 'another domain'],
  [`${A}.dkr.ecr.us-east-1.on.aws`, 'the IPv4 name with the dual-stack suffix'],
  [`${A}.dkr-ecr.us-east-1.amazonaws.com`, 'the dual-stack name with the IPv4 suffix'],
  [`${A}.dkrxecr.us-east-1.amazonaws.com`, 'no joint between dkr and ecr'],
  [`${A}.dkr.ecr-fipsx.us-east-1.amazonaws.com`, 'something behind fips'],
  [`${A}.dkr.ecr.us-east.amazonaws.com`, 'a region without a number'],
  [`${A}.dkr.ecr.useast1.amazonaws.com`, 'a region without hyphens'],
  [`${A}.dkr.ecr.us-east-1.evil.example.amazonaws.com`, 'a label between region and suffix'],
  [`${A}.dkr.ecr..amazonaws.com`, 'no region'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com:8443`, 'another port'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com:`, 'an empty port'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com/team`, 'a path'],
  [`${A}.dkr.ecr.us-east-1.amazonaws.com\n`, 'a line break'],
  [`api.ecr.us-east-1.amazonaws.com`, 'the API'],
  ['public.ecr.aws.example.com', 'something behind the public host'],
  ['xpublic.ecr.aws', 'something before the public host'],
  ['public-ecr.aws', 'a hyphen in the public host'],
  ['public.ecr.aws:80', 'another port on the public host'],
  ['', 'nothing'],
];

describe('a look-alike', () => {
  test.each(lookAlikes)('%j is none: %s', (host) => {
    expect(parseEcrHost(host)).toBeUndefined();
  });
});
