import type { Request } from '../../src/reconcile/request.ts';

/** What asks for nothing. */
export const NO_REQUEST: Request = {
  desired: new Map(),
  broken: { ids: new Set(), logins: new Set(), clashing: new Set(), files: new Set() },
  credentials: new Map(),
  mode: 'file',
  isPrebuild: false,
  isPostCreated: false,
  isCodespace: false,
  force: false,
  removal: 'none',
  canUseHelper: true,
  environment: {},
  unfitFiles: [],
  now: 0,
};
