import { Button, Checkbox, MultiSelect, Radio, Select, TextInput } from '@mantine/core';
import { abilities, abilityDescriptions } from '@souk/contract/role-words';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey } from '../../api/types.ts';
import { NewKeyNotice } from '../../components/new-key.tsx';
import { ErrorNotice } from '../../components/states.tsx';
import { useSession } from '../../session/session.ts';

type Reach = 'account' | 'products';

/** A key for everything that its maker may do, or for some products: what a build server should have. */
export function CreateKey({ onDone }: { onDone: () => void }) {
  const { may } = useSession();
  const [name, setName] = useState('');
  const [reach, setReach] = useState<Reach>('account');
  const [scopes, setScopes] = useState<ApiKey['scopes']>(['call']);
  const [products, setProducts] = useState<string[]>([]);
  const [allowed, setAllowed] = useState<ApiKey['abilities']>(['edit']);
  const [days, setDays] = useState('365');
  const limited = reach === 'products';
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/account/keys', {
          body: {
            name: name.trim(),
            ...(limited ? { products, abilities: allowed } : { scopes }),
            ...(days === 'never' ? {} : { expiresInDays: Number(days) }),
          },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey }),
  });
  if (create.data)
    return (
      <div className="stack" style={{ '--gap': '16px' }}>
        <NewKeyNotice apiKey={create.data.key} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onDone}>I have copied it</Button>
        </div>
      </div>
    );
  const complete = limited ? products.length > 0 && allowed.length > 0 : scopes.length > 0;
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <TextInput
        label="Name"
        description="Where it is used, so that you know which one to revoke."
        required
        withAsterisk={false}
        data-autofocus
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {may('product:list') ? (
        <Radio.Group label="Reach" value={reach} onChange={(value) => setReach(value as Reach)}>
          <div className="stack" style={{ '--gap': '10px', paddingTop: 8 }}>
            <Radio value="account" label="The account" description="Calls, or everything that you may do." />
            <Radio
              value="products"
              label="Some products"
              description="Sees and changes these and nothing else of the account: for build servers."
            />
          </div>
        </Radio.Group>
      ) : null}
      {limited ? (
        <>
          <ProductsField products={products} onChange={setProducts} />
          <Checkbox.Group
            label="Abilities"
            description="Never more than you may yourself."
            value={allowed}
            onChange={(value) => setAllowed(value as ApiKey['abilities'])}
          >
            <div className="stack" style={{ '--gap': '10px', paddingTop: 8 }}>
              {abilities.map((ability) => (
                <Checkbox
                  key={ability}
                  value={ability}
                  label={ability}
                  description={`May ${abilityDescriptions[ability]}.`}
                />
              ))}
            </div>
          </Checkbox.Group>
        </>
      ) : (
        <Checkbox.Group
          label="Scopes"
          value={scopes}
          onChange={(value) => setScopes(value as ApiKey['scopes'])}
        >
          <div className="stack" style={{ '--gap': '10px', paddingTop: 8 }}>
            <Checkbox value="call" label="call" description="Runs what this account is subscribed to." />
            <Checkbox
              value="manage"
              label="manage"
              description="Uses the API with your permissions, as the CLI does."
            />
          </div>
        </Checkbox.Group>
      )}
      <Select
        label="Expires"
        data={[
          { value: '30', label: 'In 30 days' },
          { value: '90', label: 'In 90 days' },
          { value: '365', label: 'In a year' },
          { value: 'never', label: 'Never' },
        ]}
        value={days}
        allowDeselect={false}
        onChange={(value) => setDays(value ?? days)}
      />
      <ErrorNotice error={create.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" disabled={name.trim() === '' || !complete} loading={create.isPending}>
          Create key
        </Button>
      </div>
    </form>
  );
}

interface ProductsProps {
  readonly products: string[];
  readonly onChange: (products: string[]) => void;
}

function ProductsField({ products, onChange }: ProductsProps) {
  const query = useInfiniteQuery(productQueries.list());
  const known = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <MultiSelect
      label="Products"
      placeholder={products.length === 0 ? 'Choose products' : ''}
      searchable
      data={known.map((p) => ({ value: p.id, label: p.slug }))}
      value={products}
      onChange={onChange}
      nothingFoundMessage={query.isPending ? 'Loading' : 'No such product'}
      description={query.hasNextPage ? 'The newest 100 are offered here; the CLI takes any.' : undefined}
      error={query.error ? 'The products could not be loaded.' : undefined}
    />
  );
}
