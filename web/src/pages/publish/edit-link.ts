/** Opens the editor at the field that a finding names. */
export const editLink = (productId: string, pointer: string) =>
  `/publish/products/${productId}/edit?at=${encodeURIComponent(pointer)}`;
