export { isMember, peopleWithRoles } from './accounts.members.sql.ts';
export { accountRoutes } from './accounts.routes.ts';
export { type Accounts, type AccountsDependencies, newAccounts } from './accounts.service.ts';
export type { PersonRow } from './accounts.ts';
