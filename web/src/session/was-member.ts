/** A hint kept on the device; it opens nothing, it only decides what is fetched early. */
const key = 'souk-member';

export function wasMember(): boolean {
  try {
    return localStorage.getItem(key) === '1';
  } catch {
    return false;
  }
}

export function rememberMember(signedIn: boolean) {
  try {
    if (signedIn) localStorage.setItem(key, '1');
    else localStorage.removeItem(key);
  } catch {
    // Without storage the menus come a moment later.
  }
}
