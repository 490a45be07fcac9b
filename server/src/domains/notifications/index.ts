export { notificationRoutes } from './notifications.routes.ts';
export { type News, type NotificationsService, newNotificationsService } from './notifications.service.ts';
