/** The part of js-yaml that the tests of the workflows use; the package ships no types. */
declare module 'js-yaml' {
  export function safeLoad(text: string): unknown;
}
