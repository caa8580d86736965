/**
 * Text that may come from outside, without any character that controls a terminal, turns the order
 * of others round, or is not to be seen. As JSON has them, so that JSON stays the same.
 */
export function plain(text: string): string {
  // Most texts are ASCII, and the tables of the other pattern take long to load.
  if (!/[^ -~]/.test(text)) return text;
  const toHex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => one.split('').map(toHex).join(''));
}
