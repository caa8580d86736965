/**
 * Text that may be a secret, an AWS key or a placeholder, and that pasted.ts must examine. In lower
 * case: a case-insensitive pattern takes three times as long to compile.
 */
const MAY_BE_SECRET =
  /^\W*(?:gh[a-z]_|github_|dckr_|gl[a-z]+-|do[opr]_|ya29\.|aiza|nvapi-|npm_|hf_|pypi-|xox[a-z]-|sk-|ey|a[ks]ia|your|paste|insert|enter|replace|change|x+$|todo|placeholder|null|undefined)|^[\w.~-]{3}[78]q~|json_?key|^[<$%{[*]/;

export function mayBeSecret(text: string): boolean {
  return MAY_BE_SECRET.test(text.toLowerCase());
}

/** User names that are secrets, and are never shown. */
const SECRET =
  /^(?:gh[pousr]_|github_pat_|dckr_[a-z]+_|gl(?:pat|dt|cbt|rt|rtr|soat|oas|ft|ptt|ffct|imt|agent)-|do[opr]_v1_|ya29\.|AIza[\w-]{20}|nvapi-|npm_\w{20}|hf_\w{20}|pypi-\w{20}|xox[a-z]-|sk-[\w-]{20}|eyJ[\w-]{20}|-----BEGIN|\{)|^[\w.~-]{3}[78]Q~[\w.~-]{31,}$|^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/;

/** A user name that is safe to show: in a file you wrote by hand it may be a secret. */
export function shownUser(user: string): string {
  return SECRET.test(user) ? '(a secret)' : user;
}
