import { AccountSwitcher, UserMenu } from './account-menus.tsx';
import { NotificationsBell } from './notifications-bell.tsx';
import { SessionEnded } from './session-ended.tsx';

/** What only signed-in people have; visitors of the catalogue do not load it. */
export function MemberTools() {
  return (
    <>
      <NotificationsBell />
      <AccountSwitcher />
      <UserMenu />
    </>
  );
}

export { SessionEnded };
