import type { Places, Who } from './pages.ts';

/** One dialog of each kind, and how a person comes to it. */
export interface DialogCase {
  readonly name: string;
  readonly who: Who;
  readonly path: string;
  readonly width?: number;
  readonly button: string | RegExp;
  /** For what is behind a menu: the item chosen in it. */
  readonly item?: string;
}

export function dialogsOf({ publisher, product, subscriptionId, endpointName }: Places): DialogCase[] {
  const page = `/products/${publisher}/${product}`;
  return [
    {
      name: 'unpublish, from the table of products',
      who: 'publisher',
      path: '/publish',
      button: /^Actions for/,
      item: 'Unpublish listing…',
    },
    { name: 'rotate a key', who: 'buyer', path: '/account/keys', button: /^Rotate/ },
    { name: 'revoke a key', who: 'buyer', path: '/account/keys', button: /^Revoke/ },
    {
      name: 'cancel a subscription',
      who: 'buyer',
      path: `/subscriptions/${subscriptionId}`,
      button: 'Cancel subscription',
    },
    { name: 'add a bucket', who: 'buyer', path: '/files', button: 'Add a bucket' },
    ...(endpointName
      ? [
          { name: 'capture calls', button: 'Data capture' },
          { name: 'start an inference', button: 'Start one' },
        ].map((dialog) => ({ ...dialog, who: 'buyer' as const, path: `/endpoints/${endpointName}` }))
      : []),
    { name: 'report a review', who: 'buyer', path: page, button: /^Report the review/ },
    { name: 'subscribe', who: 'operator', path: page, button: 'Subscribe' },
    { name: 'the menu of a narrow screen', who: 'visitor', path: '/', width: 360, button: 'Menu' },
  ];
}
