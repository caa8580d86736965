import type { EcrHost } from './ecr-host.ts';
import type { EcrCode, Problem } from './problem.ts';
import { variableName } from './variable.ts';

/** What is left of an error when an exchange of AWS keys fails. */
export type EcrFailure = {
  readonly name: string;
  readonly message: string;
  readonly httpStatus?: number;
  readonly aborted?: boolean;
  readonly errno?: string;
};

/** The failed exchange that a problem is about. */
export type Context = { readonly failure: EcrFailure; readonly host: EcrHost; readonly id: string };

/** All that is ever repeated from a message of AWS, which also names the user and the account. */
const ACTIONS = [
  'ecr:GetAuthorizationToken',
  'ecr-public:GetAuthorizationToken',
  'sts:GetServiceBearerToken',
];

const AGAIN = 'then run registry-auth apply again';

export function unreachable({ failure: { errno = '' }, id }: Context): Problem {
  return problem('ECR_UNREACHABLE', id, {
    what: `no way to AWS (${errno}), so no token`,
    fix: `check the network, the proxy and the region in ${variableName(id, 'SERVER')}`,
  });
}

export function untrusted({ failure: { errno = '' }, id }: Context): Problem {
  return problem('ECR_UNREACHABLE', id, {
    what: `the certificate shown in place of AWS's is not trusted (${errno}), so no token`,
    fix: 'name the CA of your network in NODE_EXTRA_CA_CERTS, or check the clock',
  });
}

export function timedOut({ id }: Context): Problem {
  return problem('ECR_TIMEOUT', id, {
    what: 'no answer from AWS in time, so no token',
    fix: `check the network and the proxy, ${AGAIN}`,
  });
}

export function answerInvalid({ id }: Context): Problem {
  return problem('ECR_ANSWER_INVALID', id, {
    what: 'the answer to the request for a token holds none',
    fix: 'check that neither a proxy nor AWS_ENDPOINT_URL leads somewhere else than to AWS',
  });
}

export function throttled({ id }: Context): Problem {
  return problem('ECR_THROTTLED', id, {
    what: 'AWS throttles requests for tokens, also when asked again',
    fix: `wait a minute, ${AGAIN}`,
  });
}

export function clockSkewed({ id }: Context): Problem {
  return problem('ECR_CLOCK_SKEWED', id, {
    what: "this machine's clock is more than five minutes off, so AWS refuses the signature",
    fix: `set the clock, ${AGAIN}`,
  });
}

export function secretWrong({ id }: Context): Problem {
  return problem('ECR_SECRET_WRONG', variableName(id, 'PASSWORD'), {
    what: 'not the secret access key that belongs to the access key id in USER',
    fix: 'set the secret and the access key id of one and the same key',
  });
}

export function sessionExpired({ id }: Context): Problem {
  return problem('ECR_SESSION_EXPIRED', variableName(id, 'SESSION_TOKEN'), {
    what: 'the session has expired',
    fix: 'set USER, PASSWORD and SESSION_TOKEN of a new session, or USER and PASSWORD of a key that lasts',
  });
}

export function keyUnknown({ id }: Context): Problem {
  return problem('ECR_KEY_UNKNOWN', variableName(id, 'USER'), {
    what: 'not an access key id that AWS knows in this partition',
    fix: `set an active access key id, and for a temporary one ${variableName(id, 'SESSION_TOKEN')} too`,
  });
}

export function permissionMissing({ failure: { message }, host, id }: Context): Problem {
  const needed = host.kind === 'public' ? ACTIONS.slice(1) : ACTIONS.slice(0, 1);
  const named = ACTIONS.find((action) => new RegExp(`(?<![\\w-])${action}(?!\\w)`).test(message));
  return problem('ECR_PERMISSION_MISSING', variableName(id, 'USER'), {
    what: named ? `its policy does not allow ${named}` : 'its policy does not allow to get a token',
    fix: `allow ${named ?? needed.join(' and ')} on resource * for the identity that the key belongs to`,
  });
}

export function registryWrong({ id }: Context): Problem {
  return problem('ECR_REGISTRY_WRONG', variableName(id, 'SERVER'), {
    what: 'names an account or a region that AWS does not accept with this key',
    fix: 'check the account number and the region in it',
  });
}

export function refused({ failure: { name, httpStatus }, id }: Context): Problem {
  const reasons = [
    /^[A-Za-z]+$/.test(name) ? name : '',
    httpStatus === undefined ? '' : `HTTP ${httpStatus}`,
  ];
  const reason = reasons.filter((text) => text !== '').join(', ');
  return problem('ECR_REFUSED', id, {
    what: `no token from AWS${reason ? ` (${reason})` : ''}`,
    fix:
      (httpStatus ?? 0) >= 500
        ? `wait until AWS is well again, ${AGAIN}`
        : `check the key and that it may use this registry, ${AGAIN}`,
  });
}

export function keysSwapped(id: string): Problem {
  return problem('ECR_KEYS_SWAPPED', variableName(id, 'USER'), {
    what: 'holds the secret access key, and PASSWORD the access key id',
    fix: 'swap the two values',
  });
}

function problem(
  code: EcrCode,
  subject: string,
  { what, fix }: { what: string; fix: string },
): Problem {
  return { code, subject, what, fix };
}
