import { type InstanceUse, instanceUses, useWords } from '@souk/contract/instance-hours';
import { useQuery } from '@tanstack/react-query';
import { instanceTypesQuery } from '../api/queries/catalog.ts';
import type { Plan } from '../api/types.ts';
import { reachable } from './code.tsx';
import { Money } from './money.tsx';
import styles from './pricing.module.css';
import { hourParts } from './pricing.ts';

/** What an hour costs in a plan, by instance type and use, beside what the marketplace asks for the instance itself. */
export function HourPrices({ plan }: { plan: Plan }) {
  const currency = plan.currency ?? 'USD';
  const parts = hourParts(plan);
  const { data } = useQuery(instanceTypesQuery());
  const uses = instanceUses.filter((use) => parts.some((p) => p.use === use));
  const types = [...new Set(parts.map((p) => p.instanceType))];
  const asked = types.flatMap((name) => data?.items.filter((t) => t.name === name) ?? []);
  const charges = asked.some((t) => Number(t.pricePerHour) > 0);
  const cell = (use: InstanceUse, type: string) =>
    parts.find((p) => p.use === use && p.instanceType === type)?.part.pricePerUnit;
  return (
    <section
      className={styles.hourTable}
      aria-label={`Prices per hour, ${plan.name ?? plan.id}`}
      {...reachable}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">Per hour on</th>
            {uses.map((use) => (
              <th key={use} scope="col">
                {heads[use]}
              </th>
            ))}
            {charges ? <th scope="col">Instance</th> : null}
          </tr>
        </thead>
        <tbody>
          {types.map((type) => {
            const instance = asked.find((t) => t.name === type);
            return (
              <tr key={type}>
                <th scope="row">{type}</th>
                {uses.map((use) => {
                  const price = cell(use, type);
                  return (
                    <td key={use}>
                      {price === undefined ? '–' : <Money amount={price} currency={currency} />}
                    </td>
                  );
                })}
                {charges ? (
                  <td>
                    {instance && Number(instance.pricePerHour) > 0 ? (
                      <Money amount={instance.pricePerHour} currency={instance.currency} />
                    ) : (
                      '–'
                    )}
                  </td>
                ) : null}
              </tr>
            );
          })}
        </tbody>
      </table>
      {charges ? (
        <p className="tiny faint">
          Instance: asked by the marketplace, beside the plan’s price, while it runs.
        </p>
      ) : null}
    </section>
  );
}

const heads: Readonly<Record<InstanceUse, string>> = {
  realtime: capital(useWords.realtime),
  transform: capital(useWords.transform),
  training: capital(useWords.training),
};
function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
