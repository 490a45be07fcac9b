import type { Action } from '../session/session.ts';

export interface NavItem {
  readonly label: string;
  readonly to: string;
  /** Absent: open to everybody who may enter the room. */
  readonly needs?: Action;
  /** Matches only this address, not those below it. */
  readonly exact?: boolean;
  /** Addresses that belong to it without lying below it. */
  readonly also?: string;
}

export interface Room {
  readonly id: 'market' | 'publish' | 'operate' | 'account';
  readonly label: string;
  readonly to: string;
  /** Any of these opens the room; null opens it to everybody. */
  readonly needs: readonly Action[] | null;
  readonly nav: readonly { readonly title: string | null; readonly items: readonly NavItem[] }[];
}

export const rooms: readonly Room[] = [
  {
    id: 'market',
    label: 'Market',
    to: '/',
    needs: null,
    nav: [
      {
        title: null,
        items: [
          { label: 'Home', to: '/', exact: true },
          { label: 'Products', to: '/products' },
          { label: 'Subscriptions', to: '/subscriptions', needs: 'subscription:read' },
          { label: 'My data', to: '/my-data', needs: 'subscription:read' },
          { label: 'Endpoints', to: '/endpoints', needs: 'endpoint:read' },
          { label: 'Web services', to: '/web-services', needs: 'webservice:read' },
          { label: 'Running', to: '/running', needs: 'subscription:read' },
          { label: 'Batch jobs', to: '/transforms', needs: 'transform:read' },
          { label: 'Files', to: '/files', needs: 'file:read' },
          { label: 'Training', to: '/training', needs: 'training:read' },
          { label: 'Invoices', to: '/invoice', needs: 'invoice:read' },
          { label: 'My questions', to: '/questions', needs: 'feedback:read' },
        ],
      },
    ],
  },
  {
    id: 'publish',
    label: 'Publish',
    to: '/publish',
    needs: ['product:list'],
    nav: [
      {
        title: null,
        items: [
          { label: 'Products', to: '/publish', exact: true, also: '/publish/products/' },
          { label: 'Model packages', to: '/publish/models', needs: 'model:read' },
          { label: 'Algorithms', to: '/publish/algorithms', needs: 'model:read' },
          { label: 'Images', to: '/publish/images', needs: 'model:read' },
        ],
      },
      {
        title: 'Conversations',
        items: [
          { label: 'Questions', to: '/publish/questions', needs: 'feedback:answer' },
          { label: 'Disputes', to: '/publish/disputes', needs: 'product:read' },
        ],
      },
      {
        title: 'About you',
        items: [{ label: 'Publisher profile', to: '/publish/profile', needs: 'publisher:read' }],
      },
    ],
  },
  {
    id: 'operate',
    label: 'Operate',
    to: '/operate',
    needs: ['operator:read', 'review:read'],
    nav: [
      {
        title: null,
        items: [
          {
            label: 'Queue',
            to: '/operate',
            exact: true,
            also: '/operate/submissions/',
            needs: 'review:read',
          },
          { label: 'Disputes', to: '/operate/disputes', needs: 'review:read' },
        ],
      },
      {
        title: 'Marketplace',
        items: [
          { label: 'Publishers', to: '/operate/publishers', needs: 'operator:read' },
          { label: 'Accounts', to: '/operate/accounts', needs: 'operator:read' },
          { label: 'Versions', to: '/operate/versions', needs: 'operator:read' },
          { label: 'Removals', to: '/operate/removals', needs: 'operator:read' },
          { label: 'Reviews and questions', to: '/operate/feedback', needs: 'feedback:moderate' },
        ],
      },
      {
        title: 'Running',
        items: [
          { label: 'Health', to: '/operate/health', needs: 'operator:read' },
          { label: 'Deployments', to: '/operate/deployments', needs: 'operator:read' },
          { label: 'Servers', to: '/operate/servers', needs: 'operator:read' },
          { label: 'Instance types', to: '/operate/instance-types', needs: 'operator:read' },
        ],
      },
      {
        title: 'Rules',
        items: [
          { label: 'Policies', to: '/operate/policies', needs: 'operator:read' },
          { label: 'Roles', to: '/operate/access', needs: 'operator:read' },
        ],
      },
      {
        title: 'Records',
        items: [
          { label: 'Mail', to: '/operate/mail', needs: 'operator:read' },
          { label: 'Audit log', to: '/operate/audit', needs: 'audit:read' },
        ],
      },
    ],
  },
];

/** Reached from the menu of the account, not from the switcher of rooms. */
export const accountRoom: Room = {
  id: 'account',
  label: 'Account',
  to: '/account',
  needs: ['member:read'],
  nav: [
    {
      title: null,
      items: [{ label: 'Settings', to: '/account', exact: true }],
    },
    {
      title: 'People and keys',
      items: [
        { label: 'Members', to: '/account/members', needs: 'member:read' },
        { label: 'Roles', to: '/account/roles', needs: 'access:read' },
        { label: 'API keys', to: '/account/keys', needs: 'key:read' },
      ],
    },
    {
      title: 'Buying',
      items: [
        { label: 'Rules', to: '/account/governance', needs: 'governance:read', exact: true },
        { label: 'Requests', to: '/account/governance/requests', needs: 'governance:read' },
        { label: 'Spend', to: '/account/spend', needs: 'invoice:read' },
        { label: 'Budgets', to: '/account/budgets', needs: 'invoice:read' },
      ],
    },
    {
      title: 'Records',
      items: [{ label: 'Audit log', to: '/account/audit', needs: 'audit:read' }],
    },
  ],
};

export function roomOf(pathname: string): Room {
  const [, first] = pathname.split('/');
  if (first === 'account') return accountRoom;
  const [market] = rooms;
  return rooms.find((room) => room.id === first) ?? (market as Room);
}
