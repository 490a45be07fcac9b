import { Button, NumberInput, TextInput } from '@mantine/core';
import { instanceDimension, instanceOf, instanceUses, useWords } from '@souk/contract/instance-hours';
import { usageParts } from '@souk/contract/plan-parts';
import { useState } from 'react';
import { reachable } from '../../../components/code.tsx';
import styles from './editor.module.css';
import { DraftPlace, useEditor } from './editor-context.tsx';
import { hourPrice, isHourly, type Supported } from './plan-kinds.ts';
import type { PlanFields } from './plan-price-fields.tsx';

const amount = /^\d{1,12}(\.\d{1,12})?$/;

/** A price for each instance type and use that the versions support. An empty field is no price: those hours cost nothing. */
export function HourFields({
  plan,
  at,
  supported,
  onChange,
}: PlanFields & { supported: readonly Supported[] }) {
  const { editable } = useEditor();
  const parts = plan.parts ?? [];
  const hourly = parts.filter(isHourly);
  const priced = hourly.flatMap((p) => {
    const instance = instanceOf(p.dimension);
    return instance ? [{ use: instance.use, type: instance.instanceType }] : [];
  });
  const known = [...supported, ...priced];
  const types = [...new Set(known.map((s) => s.type))];
  const uses = instanceUses.filter((use) => known.some((s) => s.use === use));
  const setPrice = (where: Supported, price: string) => {
    // Without its last price the plan would be a free one, and the table gone while one types.
    if (price === '' && hourly.length === 1) return;
    const dimension = instanceDimension(where.use, where.type);
    const i = parts.findIndex((p) => p.kind === 'usage' && p.dimension === dimension);
    const before = usageParts(parts).find((p) => p.dimension === dimension);
    const next = before ? { ...before, pricePerUnit: price } : hourPrice(where, price);
    onChange({
      ...plan,
      parts:
        price === ''
          ? parts.filter((_, other) => other !== i)
          : before
            ? parts.map((p, other) => (other === i ? next : p))
            : [...parts, next],
    });
  };
  const included = hourly[0]?.includedQuantity;
  return (
    <>
      <DraftPlace at={`${at}/parts`}>
        <section className={styles.hours} aria-label="Prices per hour" {...reachable}>
          <table>
            <thead>
              <tr>
                <th scope="col">Price per hour on</th>
                {uses.map((use) => (
                  <th key={use} scope="col">
                    {useWords[use]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {types.map((type) => (
                <tr key={type}>
                  <th scope="row">{type}</th>
                  {uses.map((use) => (
                    <td key={use}>
                      {known.some((s) => s.use === use && s.type === type) ? (
                        <PriceCell plan={plan} at={at} where={{ use, type }} onPrice={setPrice} />
                      ) : null}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </DraftPlace>
      {editable && hourly[0] && known.length > 1 ? (
        <div>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              const [first] = hourly;
              if (!first) return;
              const same = [...new Map(known.map((s) => [instanceDimension(s.use, s.type), s])).values()];
              onChange({
                ...plan,
                parts: [
                  ...parts.filter((p) => !isHourly(p)),
                  ...same.map((s) => ({
                    ...hourPrice(s, first.pricePerUnit),
                    ...(included ? { includedQuantity: included } : {}),
                  })),
                ],
              });
            }}
          >
            Use the first price for all
          </Button>
        </div>
      ) : null}
      <NumberInput
        label="Included hours each month"
        description="Of each use and instance type, in a calendar month, at no charge."
        min={0}
        allowDecimal={false}
        thousandSeparator
        disabled={!editable || hourly.length === 0}
        value={included ?? ''}
        onChange={(value) =>
          onChange({
            ...plan,
            parts: parts.map((part) => {
              if (!isHourly(part)) return part;
              const { includedQuantity: _, ...rest } = part;
              return typeof value === 'number' && value > 0 ? { ...rest, includedQuantity: value } : rest;
            }),
          })
        }
      />
    </>
  );
}

interface CellProps {
  readonly plan: PlanFields['plan'];
  readonly at: string;
  readonly where: Supported;
  readonly onPrice: (where: Supported, price: string) => void;
}

function PriceCell({ plan, at, where, onPrice }: CellProps) {
  const { editable } = useEditor();
  const [typed, setTyped] = useState<string | null>(null);
  const parts = plan.parts ?? [];
  const dimension = instanceDimension(where.use, where.type);
  const i = parts.findIndex((p) => p.kind === 'usage' && p.dimension === dimension);
  const text = typed ?? usageParts(parts).find((p) => p.dimension === dimension)?.pricePerUnit ?? '';
  const field = (
    <TextInput
      aria-label={`Price per hour of ${useWords[where.use]} on ${where.type}`}
      inputMode="decimal"
      placeholder="none"
      w={96}
      disabled={!editable}
      value={text}
      error={text === '' || amount.test(text) ? null : 'As 0.40'}
      onChange={(event) => {
        const next = event.currentTarget.value.trim();
        setTyped(next);
        if (next === '' || amount.test(next)) onPrice(where, next);
      }}
      onBlur={() => setTyped(null)}
    />
  );
  // The same place whether there is a price or not: the field keeps the focus while its price comes and goes.
  const part = `${at}/parts/${i < 0 ? parts.length : i}`;
  return (
    <DraftPlace at={`${part}/pricePerUnit`}>
      <DraftPlace at={`${part}/dimension`}>{field}</DraftPlace>
    </DraftPlace>
  );
}
