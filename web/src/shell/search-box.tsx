import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { MagnifyingGlassIcon } from '@radix-ui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { catalogQueries } from '../api/queries/catalog.ts';
import type { CatalogItem } from '../api/types.ts';
import { ProductLogo } from '../components/product-logo.tsx';
import styles from './search-box.module.css';

/** Searches the market: Enter shows all results, the arrow keys choose among the best few. */
export function SearchBox({ large }: { large?: boolean }) {
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(parameters.get('q') ?? '');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [asked] = useDebouncedValue(text.trim(), 120);
  const query = useQuery({ ...catalogQueries.suggestions(asked), enabled: open && asked.length >= 2 });
  const options = open && asked.length >= 2 ? (query.data?.items ?? []) : [];
  useHotkeys([
    ['/', () => input.current?.focus()],
    ['mod+K', () => input.current?.focus()],
  ]);

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const search = () => {
    close();
    input.current?.blur();
    void navigate(text.trim() ? `/products?q=${encodeURIComponent(text.trim())}` : '/products');
  };
  const show = (item: CatalogItem) => {
    close();
    setText('');
    void navigate(productPath(item));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && options.length > 0) {
      event.preventDefault();
      setActive((active + step + options.length + 1) % (options.length + 1));
      if (active + step >= options.length) setActive(-1);
    }
    if (event.key === 'Escape') close();
    if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = options[active];
      if (chosen) show(chosen);
      else search();
    }
  };

  return (
    <search className={styles.form} data-large={large || undefined}>
      <span className={styles.icon}>
        <MagnifyingGlassIcon aria-hidden="true" />
      </span>
      <input
        ref={input}
        className={styles.input}
        type="search"
        role="combobox"
        aria-label="Search products"
        aria-expanded={options.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        placeholder="Search products"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(close, 120)}
        onKeyDown={onKeyDown}
      />
      <span className={styles.key} aria-hidden="true">
        /
      </span>
      <div role="listbox" id={`${id}-list`} aria-label="Products" hidden={options.length === 0}>
        {options.length > 0 ? (
          <div className={styles.list}>
            {options.map((item, i) => (
              <Option
                key={item.productId}
                id={`${id}-${i}`}
                item={item}
                selected={i === active}
                onChoose={() => show(item)}
              />
            ))}
          </div>
        ) : null}
      </div>
    </search>
  );
}

interface OptionProps {
  readonly id: string;
  readonly item: CatalogItem;
  readonly selected: boolean;
  readonly onChoose: () => void;
}

function Option({ id, item, selected, onChoose }: OptionProps) {
  return (
    // The combobox keeps the focus and names the chosen option, as the pattern demands: options take the mouse only.
    <div
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={selected}
      className={styles.option}
      onMouseDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
    >
      <ProductLogo url={item.logoUrl} title={item.title} size={28} />
      <span className={styles.words}>
        <span className={styles.name}>{item.title}</span>
        <span className={styles.about}>
          {item.publisherName} · {item.priceText}
        </span>
      </span>
    </div>
  );
}

export const productPath = (item: Pick<CatalogItem, 'publisher' | 'slug' | 'limited'>) =>
  `/products/${item.publisher}/${item.slug}${item.limited ? '?slot=preview' : ''}`;
