/**
 * Replaces @aws-sdk/credential-provider-node in the bundle: a triple never uses profiles, SSO or
 * instance metadata of the machine.
 */
export function defaultProvider() {
  return async (): Promise<never> => {
    throw new Error('only the keys of a triple are used');
  };
}
