import { Drawer } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../session/session.ts';
import type { Room } from './rooms.ts';
import { SchemeSwitch } from './scheme-switch.tsx';
import { SideNav } from './side-nav.tsx';

interface Props {
  readonly room: Room;
  readonly rooms: readonly Room[];
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** On narrow screens: rooms, the room's pages, the account and the appearance behind one button. */
export function PhoneDrawer({ room, rooms, opened, onClose }: Props) {
  const { session } = useSession();
  return (
    <Drawer opened={opened} onClose={onClose} title="Menu" size={280} padding="md">
      <div className="stack" style={{ '--gap': '16px' }}>
        {rooms.map((r) => (
          <div key={r.id}>
            <p className="tiny faint" style={{ padding: '4px 8px' }}>
              {r.label}
            </p>
            <SideNav room={r} onChoose={onClose} />
          </div>
        ))}
        {room.id === 'account' ? <SideNav room={room} onChoose={onClose} /> : null}
        {session.account ? (
          <p className="small" style={{ padding: '0 8px' }}>
            <span className="faint">Acting for</span>{' '}
            <Link to="/account" onClick={onClose}>
              {session.account.name}
            </Link>
          </p>
        ) : null}
        <SchemeSwitch />
      </div>
    </Drawer>
  );
}
