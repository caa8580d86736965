/** What a call returns; undefined if it throws, because the caller goes on in any case. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
