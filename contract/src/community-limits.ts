/** Limits of reviews and questions, in one table, so that the form counts what the server checks. */
export const feedbackLimits = {
  titleChars: 120,
  textChars: 5000,
  reasonChars: 1000,
  /** Metered, answered calls that an account needs before it may review. */
  reviewUnitsMin: 1,
  messagesPerQuestion: 100,
  /** Per person and hour: reviews, questions, messages and reports together. */
  writesPerHour: 30,
} as const;

/** Limits of what an account says about its members' subscriptions. */
export const governanceLimits = {
  rules: 500,
  noteChars: 300,
  contactChars: 200,
  reasonChars: 1000,
  costCentreChars: 60,
  budgets: 200,
  approvalDays: { default: 30, max: 365 },
  spendMonths: 24,
} as const;
