import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Every colour that is written in, on every surface that it may stand on: hovered rows and tinted panels included. */
const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const [lightCss = '', darkCss = ''] = css.split(':root[data-mantine-color-scheme="dark"]');
const colours = (text: string) =>
  new Map([...text.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map((m) => [m[1], m[2]]));
const light = colours(lightCss);
const dark = new Map([...light, ...colours(darkCss)]);

const inks = ['text', 'text-muted', 'text-faint', 'accent-text', 'good', 'warn', 'bad'];
const surfaces = ['page', 'surface', 'surface-sunken', 'surface-hover', 'code-surface'];
const tints = ['accent-soft', 'good-soft', 'warn-soft', 'bad-soft'];
const fills = ['accent', 'bad-fill', 'bad-fill-hover'];

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

for (const [scheme, tokens] of [
  ['light', light],
  ['dark', dark],
] as const) {
  const of = (name: string) => tokens.get(name) ?? assert.fail(`tokens.css has no --${name}`);
  test(`every ink is readable on every surface and tint, ${scheme}`, () => {
    for (const ink of inks)
      for (const surface of [...surfaces, ...tints]) {
        const ratio = contrast(of(ink), of(surface));
        assert.ok(ratio >= 4.5, `--${ink} on --${surface} is ${ratio.toFixed(2)}:1`);
      }
  });
  test(`filled buttons carry white text, ${scheme}`, () => {
    for (const fill of fills) {
      const ratio = contrast('#ffffff', of(fill));
      assert.ok(ratio >= 4.5, `white on --${fill} is ${ratio.toFixed(2)}:1`);
    }
  });
}
