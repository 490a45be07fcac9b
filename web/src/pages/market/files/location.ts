/** A path as people type it means a file of their account; what is a location already stays one. */
export const locationOf = (text: string, accountId: string): string =>
  text.includes('://') ? text.trim() : `souk://${accountId}/${text.trim().replace(/^\/+/, '')}`;
