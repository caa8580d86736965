/**
 * Escapes, as JSON does, every character that controls a terminal, reverses the direction of others
 * or is invisible, because a text may come from outside. JSON keeps its meaning.
 */
export function plain(text: string): string {
  // Most texts are ASCII, and the tables of the other pattern load slowly.
  if (!/[^ -~]/.test(text)) return text;
  const toHex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => one.split('').map(toHex).join(''));
}
