import { Button, Popover } from '@mantine/core';
import { BellIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../api/client.ts';
import { notificationsQuery } from '../api/queries/account.ts';
import { queryClient } from '../api/query-client.ts';
import { EmptyState } from '../components/states.tsx';
import { NotificationList } from './notification-list.tsx';
import styles from './notifications.module.css';
import shell from './shell.module.css';

export function useMarkRead() {
  return useMutation({
    mutationFn: (ids?: string[]) => take(api.POST('/api/notifications/read', { body: ids ? { ids } : {} })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: notificationsQuery().queryKey }),
  });
}

export function NotificationsBell() {
  const [opened, setOpened] = useState(false);
  const query = useInfiniteQuery(notificationsQuery());
  const markRead = useMarkRead();
  const unread = query.data?.pages[0]?.unread ?? 0;
  const items = query.data?.pages[0]?.items ?? [];
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={360} trapFocus shadow="md">
      <Popover.Target>
        <button
          type="button"
          className={shell.tool}
          aria-label={unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'}
          onClick={() => setOpened(!opened)}
        >
          <BellIcon aria-hidden="true" />
          {unread > 0 ? (
            <span className={shell.unread} aria-hidden="true">
              {unread > 99 ? '99+' : unread}
            </span>
          ) : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} maw="calc(100vw - 16px)">
        <div className={styles.head}>
          <h2>Notifications</h2>
          <Button
            size="compact-sm"
            variant="subtle"
            disabled={unread === 0}
            loading={markRead.isPending}
            onClick={() => markRead.mutate(undefined)}
          >
            Mark all as read
          </Button>
        </div>
        {items.length === 0 ? (
          <EmptyState title="Nothing yet">
            What happens to your products and subscriptions is told here and by mail.
          </EmptyState>
        ) : (
          <NotificationList
            items={items.slice(0, 8)}
            onOpen={(item) => {
              setOpened(false);
              if (item.readAt === null) markRead.mutate([item.id]);
            }}
          />
        )}
        <div className={styles.head} style={{ borderBottom: 0, justifyContent: 'center' }}>
          <Link to="/notifications" className="small" onClick={() => setOpened(false)}>
            All notifications
          </Link>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
