/** Where a person wanted to go. Only paths of our own: an address in a link must not lead elsewhere after signing in. */
export function safeReturnTo(given: string | null): string {
  if (!given?.startsWith('/') || given.startsWith('//') || given.includes('\\')) return '/';
  return given;
}
