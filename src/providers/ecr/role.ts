import { type Part, type Triple, variableName } from '../../domain/triples/triple.ts';
import type { Judged } from '../provider.ts';
import { type EcrHost, findPartition } from './host.ts';
import { ECR_TOKEN_USER } from './keys.ts';

/** The partition, the account, and a name of at most 64 characters behind any path. */
const ROLE_ARN = /^arn:(aws[a-z-]*):iam::\d{12}:role\/(?:[!-~]*\/)?[\w+=,.@-]{1,64}$/;

/** What AWS takes for an external id. */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,}$/;

/**
 * The triple, without a role where none can be assumed, and then with a notice. One that is none,
 * or is in another part of AWS than the registry, is a problem. No value is repeated: an external
 * id may be a secret to somebody.
 */
export function judgeRole(triple: Triple, ecr: EcrHost | undefined): Judged {
  if (triple.roleArn === undefined && triple.externalId === undefined) return { triple };
  const { id, user, roleArn, externalId, ...others } = triple;
  const given = variableName(id, roleArn === undefined ? 'EXTERNAL_ID' : 'ROLE_ARN');
  const unused = findUnused(roleArn, user, ecr);
  if (unused) {
    const notice = { code: 'ECR_ROLE_UNUSED', subject: given, ...unused } as const;
    return { triple: { id, user, ...others }, notice };
  }
  const wrong = findWrong(roleArn ?? '', externalId, ecr);
  if (wrong === undefined) return { triple };
  const [part, what, fix] = wrong;
  return { problem: { code: 'ECR_ROLE_INVALID', subject: variableName(id, part), what, fix } };
}

type Why = { readonly what: string; readonly fix: string };

function findUnused(
  roleArn: string | undefined,
  user: string,
  ecr: EcrHost | undefined,
): Why | undefined {
  const fix = 'remove it';
  if (ecr === undefined) {
    return { what: 'is not used, because SERVER is no registry of Amazon ECR', fix };
  }
  if (user === ECR_TOKEN_USER) {
    const what = 'is not used, because USER is AWS, and PASSWORD a token already';
    return { what, fix: `set USER and PASSWORD to AWS keys that may assume the role, or ${fix}` };
  }
  if (roleArn !== undefined) return undefined;
  return { what: 'is not used without ROLE_ARN', fix: `set ROLE_ARN too, or ${fix}` };
}

function findWrong(
  roleArn: string,
  externalId: string | undefined,
  ecr: EcrHost | undefined,
): readonly [part: Part, what: string, fix: string] | undefined {
  const wanted = ecr === undefined ? 'aws' : findPartition(ecr);
  const use = `use arn:${wanted}:iam::ACCOUNT:role/NAME, with the account's 12 digits`;
  const partition = ROLE_ARN.exec(roleArn)?.[1];
  if (partition === undefined) return ['ROLE_ARN', 'is not the ARN of a role', use];
  if (partition !== wanted) {
    const what = `is a role in the partition ${partition}, and SERVER's is ${wanted}`;
    return ['ROLE_ARN', what, use];
  }
  if (externalId === undefined || EXTERNAL_ID.test(externalId)) return undefined;
  const fix = "use the value of sts:ExternalId in the role's trust policy";
  return ['EXTERNAL_ID', 'is nothing that AWS takes for an external id', fix];
}
