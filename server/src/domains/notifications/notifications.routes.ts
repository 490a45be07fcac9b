import { operations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { NotificationsService } from './notifications.service.ts';

export const notificationRoutes = (notifications: NotificationsService): Route[] => [
  route({
    ...operations.listNotifications,
    who: may('notification:read'),
    handle: ({ caller, query }) => notifications.list(memberOf(caller), query),
  }),
  route({
    ...operations.markNotificationsRead,
    who: may('notification:read'),
    handle: async ({ caller, body }) => notifications.markRead(memberOf(caller), body.ids),
  }),
  // Mails carry links that open accounts, so reading them is for who may manage the marketplace.
  route({
    ...operations.listMail,
    who: may('operator:manage'),
    handle: ({ query }) => notifications.listMails(query),
  }),
  route({
    ...operations.getMail,
    who: may('operator:manage'),
    handle: ({ params }) => notifications.getMail(params.mailId),
  }),
];
