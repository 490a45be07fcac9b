import { type FeedbackNeeds, type FeedbackPlatform, newFeedbackContext } from './feedback.context.ts';
import { newModeration } from './feedback.moderation.service.ts';
import { newQuestions } from './feedback.questions.service.ts';
import { newReviews } from './feedback.reviews.service.ts';

export type Feedback = ReturnType<typeof newFeedback>;

export function newFeedback(platform: FeedbackPlatform, needs: FeedbackNeeds) {
  const context = newFeedbackContext(platform, needs);
  return {
    reviews: newReviews(platform, context),
    questions: newQuestions(platform, context),
    moderation: newModeration(platform, context),
  };
}
