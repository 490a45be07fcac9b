import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Type } from 'typebox';
import Value from 'typebox/value';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import type { Planned } from './plan.ts';

/** A plan that somebody looked at, kept until it is applied. */
const PlanFile = Type.Object({
  souk: Type.Literal(1),
  url: Type.String(),
  products: Type.Array(
    Type.Object({
      product: Type.String(),
      productId: Type.Union([Type.String(), Type.Null()]),
      draftVersion: Type.Union([Type.Integer(), Type.Null()]),
      fingerprint: Type.String(),
    }),
  ),
});

export async function savePlan(app: App, name: string, plan: readonly Planned[]): Promise<void> {
  const { url } = await app.settings();
  const products = plan.map((p) => ({
    product: p.slug,
    productId: p.product?.id ?? null,
    draftVersion: p.before?.version ?? null,
    fingerprint: p.fingerprint,
  }));
  writeFileSync(resolve(app.host.cwd, name), `${JSON.stringify({ souk: 1, url, products }, null, 2)}\n`);
  app.output.done(`Wrote the plan to ${name}. Apply it: souk apply --plan ${name}`);
}

/** Refuses when what was looked at is no longer what would be done. What is done already by then is no reason. */
export async function requirePlan(app: App, name: string, plan: readonly Planned[]): Promise<void> {
  const saved = readPlan(app, name);
  const { url } = await app.settings();
  const outdated = (why: string) =>
    new Failure({
      kind: 'conflict',
      code: 'cli.plan_outdated',
      message: `${name} is not what would be applied now: ${why}. Nothing was applied.`,
      remedy: 'Plan again, look at it, and apply that.',
    });
  if (saved.url !== url) throw outdated(`it was made for ${saved.url}`);
  for (const p of plan) {
    const known = saved.products.find((s) => s.product === p.slug);
    if (!known) throw outdated(`${p.slug} is not part of it`);
    if (known.fingerprint !== p.fingerprint) throw outdated(`the files of ${p.slug} changed`);
    const moved =
      known.productId !== (p.product?.id ?? null) || known.draftVersion !== (p.before?.version ?? null);
    if (moved && p.action !== 'unchanged') throw outdated(`the draft of ${p.slug} changed`);
  }
  const gone = saved.products.find((s) => !plan.some((p) => p.slug === s.product));
  if (gone) throw outdated(`the files of ${gone.product} are gone`);
}

function readPlan(app: App, name: string) {
  const bad = (cause?: unknown) =>
    new Failure({
      kind: 'invalid',
      code: 'cli.plan_unreadable',
      message: `${name} is not a plan.`,
      remedy: 'Write one: souk plan --out <file>',
      cause,
    });
  const text = readFileSync(resolve(app.host.cwd, name), 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(cause);
  }
  if (!Value.Check(PlanFile, value)) throw bad();
  return value;
}
