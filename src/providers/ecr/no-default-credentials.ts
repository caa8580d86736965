/**
 * Stands in for @aws-sdk/credential-provider-node in the bundle: profiles, SSO and instance
 * metadata of the user's machine are never used for a triple, and so need not be there at all.
 */
export function defaultProvider() {
  return async (): Promise<never> => {
    throw new Error('only the keys of a triple are used');
  };
}
