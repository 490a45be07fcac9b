import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { notificationsQuery } from '../../api/queries/account.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { NotificationList } from '../../shell/notification-list.tsx';
import { useMarkRead } from '../../shell/notifications-bell.tsx';

export function NotificationsPage() {
  const query = useInfiniteQuery(notificationsQuery());
  const markRead = useMarkRead();
  const unread = query.data?.pages[0]?.unread ?? 0;
  return (
    <Page
      title="Notifications"
      width="narrow"
      actions={
        <Button
          variant="default"
          disabled={unread === 0}
          loading={markRead.isPending}
          onClick={() => markRead.mutate(undefined)}
        >
          Mark all as read
        </Button>
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => {
            const items = pages.flatMap((p) => p.items);
            return items.length === 0 ? (
              <EmptyState title="Nothing yet">
                What happens to your products and subscriptions is told here and by mail.
              </EmptyState>
            ) : (
              <NotificationList
                items={items}
                onOpen={(item) => {
                  if (item.readAt === null) markRead.mutate([item.id]);
                }}
              />
            );
          }}
        </QueryView>
      </Panel>
      {query.hasNextPage ? (
        <Button
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show more
        </Button>
      ) : null}
    </Page>
  );
}
