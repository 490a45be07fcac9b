export type { FeedbackNeeds } from './feedback.context.ts';
export { feedbackSubscribers } from './feedback.notices.ts';
export { feedbackRoutes } from './feedback.routes.ts';
export { type Feedback, newFeedback } from './feedback.service.ts';
