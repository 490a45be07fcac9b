import { Link } from 'react-router';
import type { Notification } from '../api/types.ts';
import { RelativeTime } from '../components/time.tsx';
import styles from './notifications.module.css';

interface Props {
  readonly items: readonly Notification[];
  readonly onOpen: (notification: Notification) => void;
}

export function NotificationList({ items, onOpen }: Props) {
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <li key={item.id}>
          {item.link ? (
            <Link
              to={item.link}
              className={styles.item}
              data-unread={item.readAt === null || undefined}
              onClick={() => onOpen(item)}
            >
              <Content item={item} />
            </Link>
          ) : (
            <div className={styles.item} data-unread={item.readAt === null || undefined}>
              <Content item={item} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Content({ item }: { item: Notification }) {
  return (
    <>
      <p className={styles.title}>
        {item.readAt === null ? <span className="visually-hidden">Unread: </span> : null}
        {item.title}
      </p>
      <p className={styles.text}>{item.text}</p>
      <p className={styles.when}>
        <RelativeTime at={item.createdAt} />
      </p>
    </>
  );
}
