import { styleText } from 'node:util';

export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Style = (tone: Tone, text: string) => string;

/** Colour only where a person looks, and never against NO_COLOR. */
export function styleFor(
  screen: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const wanted = env.NO_COLOR ? false : forced || (screen.isTTY === true && env.TERM !== 'dumb');
  return wanted ? (tone, text) => styleText(tone, text, { validateStream: false }) : (_, text) => text;
}

const tones: Readonly<Record<string, Tone>> = {
  live: 'green',
  Completed: 'green',
  passed: 'green',
  released: 'green',
  active: 'green',
  ready: 'green',
  ok: 'green',
  listed: 'green',
  'carried-over': 'green',
  sent: 'green',
  accepted: 'green',
  same: 'green',
  differs: 'red',
  'not signed': 'red',
  Failed: 'red',
  refused: 'red',
  down: 'red',
  failed: 'red',
  revoked: 'red',
  attention: 'yellow',
  held: 'yellow',
  waiting: 'yellow',
  degraded: 'yellow',
  preview: 'yellow',
  expired: 'yellow',
  suspended: 'yellow',
  running: 'cyan',
  starting: 'cyan',
  'in-pipeline': 'cyan',
  InProgress: 'cyan',
  Pending: 'cyan',
};

/** A state's word, coloured by what it means; the word itself always says it too. */
export function state(style: Style, word: string): string {
  const tone = tones[word];
  return tone ? style(tone, word) : word;
}
