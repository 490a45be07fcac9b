import { Link, useLocation } from 'react-router';
import { useSession } from '../session/session.ts';
import type { NavItem, Room } from './rooms.ts';
import styles from './side-nav.module.css';

export function SideNav({ room, onChoose }: { room: Room; onChoose?: () => void }) {
  const { may } = useSession();
  const { pathname } = useLocation();
  const groups = room.nav
    .map((group) => ({ ...group, items: group.items.filter((i) => !i.needs || may(i.needs)) }))
    .filter((group) => group.items.length > 0);
  return (
    <nav aria-label={room.label}>
      {groups.map((group) => (
        <div key={group.title ?? ''}>
          {group.title ? <p className={styles.title}>{group.title}</p> : null}
          <ul className={styles.group}>
            {group.items.map((item) => (
              <li key={item.to}>
                <Link
                  to={item.to}
                  aria-current={isCurrent(item, pathname) ? 'page' : undefined}
                  className={styles.item}
                  onClick={onChoose}
                >
                  {item.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function isCurrent({ to, exact, also }: NavItem, pathname: string): boolean {
  if (pathname === to || (also !== undefined && pathname.startsWith(also))) return true;
  return !exact && pathname.startsWith(`${to}/`);
}
