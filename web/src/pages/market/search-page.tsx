import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { type CatalogFilter, catalogQueries } from '../../api/queries/catalog.ts';
import type { CatalogItem, CatalogPage } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { EmptyState, ErrorState, LoadingLines } from '../../components/states.tsx';
import { formatCount, plural } from '../../format/format.ts';
import styles from './catalog.module.css';
import { ProductRow } from './product-card.tsx';
import { SearchField } from './search-field.tsx';
import { priceKindWords, typeWords } from './words.ts';

const facetNames = ['type', 'category', 'priceKind', 'publisher', 'contentType', 'rating'] as const;
type FacetName = (typeof facetNames)[number];

const facetTitles: Record<FacetName, string> = {
  type: 'Type',
  category: 'Category',
  priceKind: 'Price',
  publisher: 'Publisher',
  contentType: 'Takes',
  rating: 'Rated',
};

const sorts = [
  { value: 'relevance', label: 'Best match' },
  { value: 'newest', label: 'Newest' },
  { value: 'title', label: 'Title' },
  { value: 'latency', label: 'Fastest' },
  { value: 'rating', label: 'Best rated' },
];

/** The whole state of the search is its address: it can be sent to a colleague. */
export function SearchPage() {
  const [parameters, setParameters] = useSearchParams();
  const [facetsOpen, setFacetsOpen] = useState(false);
  const filter = readFilter(parameters);
  const query = useInfiniteQuery(catalogQueries.search(filter));
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const chosen = facetNames.filter((name) => parameters.has(name));
  const set = (name: string, value: string | null) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === null || value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { preventScrollReset: true },
    );
  const q = filter.q;
  return (
    <Page
      title={q ? `${q}: products` : 'Products'}
      heading={q ? `Products for “${q}”` : 'Products'}
      width="wide"
    >
      <div className={styles.results}>
        <aside className={styles.facets} aria-label="Filters" data-open={facetsOpen || undefined}>
          {first ? (
            <Facets page={first} parameters={parameters} onChoose={set} />
          ) : (
            <LoadingLines lines={8} />
          )}
        </aside>
        <div>
          <SearchField value={q ?? ''} onSearch={(value) => set('q', value)} />
          <div className={styles.bar}>
            <div className="row">
              <span className="muted" aria-live="polite">
                {first ? totalWords(first) : 'Searching'}
              </span>
              {chosen.length > 0 ? (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  onClick={() => setParameters(q ? { q } : {}, { preventScrollReset: true })}
                >
                  Clear filters
                </Button>
              ) : null}
            </div>
            <div className="row">
              <Button
                className={styles.filterToggle}
                size="compact-md"
                variant="default"
                aria-expanded={facetsOpen}
                onClick={() => setFacetsOpen(!facetsOpen)}
              >
                Filters{chosen.length > 0 ? ` (${chosen.length})` : ''}
              </Button>
              <Select
                aria-label="Sort by"
                data={sorts}
                value={filter.sort ?? (q ? 'relevance' : 'newest')}
                allowDeselect={false}
                w={140}
                onChange={(value) => set('sort', value)}
              />
            </div>
          </div>
          <Suggestion page={first} parameters={parameters} />
          {query.error && !first ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : !first ? (
            <div className={styles.list}>
              <LoadingLines lines={8} />
            </div>
          ) : items.length === 0 ? (
            <Nothing q={q} filtered={chosen.length > 0} />
          ) : (
            <Results items={items} stale={query.isPlaceholderData} />
          )}
          {query.hasNextPage ? (
            <div className="row" style={{ justifyContent: 'center', paddingTop: 16 }}>
              <Button
                variant="default"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          ) : null}
        </div>
      </div>
    </Page>
  );
}

function Results({ items, stale }: { items: readonly CatalogItem[]; stale: boolean }) {
  return (
    <div className={styles.list} style={stale ? { opacity: 0.6 } : undefined} aria-busy={stale}>
      {items.map((item) => (
        <ProductRow key={`${item.productId}${item.limited}`} item={item} />
      ))}
    </div>
  );
}

function Nothing({ q, filtered }: { q: string | undefined; filtered: boolean }) {
  return (
    <EmptyState
      title={q ? `No product matches “${q}”` : 'No product matches'}
      actions={
        <Button component={Link} to={filtered && q ? `/products?q=${encodeURIComponent(q)}` : '/products'}>
          {filtered && q ? 'Search without filters' : 'Show all products'}
        </Button>
      }
    >
      {filtered ? 'Fewer filters find more.' : 'Try another word; spelling need not be exact.'}
    </EmptyState>
  );
}

function Suggestion({ page, parameters }: { page: CatalogPage | undefined; parameters: URLSearchParams }) {
  if (!page?.suggestion) return null;
  const corrected = new URLSearchParams(parameters);
  corrected.set('q', page.suggestion);
  return (
    <p style={{ marginBottom: 12 }}>
      Did you mean <Link to={`/products?${corrected}`}>{page.suggestion}</Link>?
    </p>
  );
}

interface FacetsProps {
  readonly page: CatalogPage;
  readonly parameters: URLSearchParams;
  readonly onChoose: (name: string, value: string | null) => void;
}

function Facets({ page, parameters, onChoose }: FacetsProps) {
  return facetNames.map((name) => {
    const chosen = parameters.get(name);
    // Steps of a rating, best first; all others by how many there are.
    const values =
      name === 'rating'
        ? page.facets[name].toSorted((a, b) => Number(b.value) - Number(a.value))
        : page.facets[name];
    // What is chosen stays on the list even where nothing matches it any more, so that it can be taken back.
    const shown =
      chosen && !values.some((v) => v.value === chosen) ? [{ value: chosen, count: 0 }, ...values] : values;
    if (shown.length === 0) return null;
    return (
      <div key={name}>
        <p className={styles.facetTitle} id={`facet-${name}`}>
          {facetTitles[name]}
        </p>
        <ul className={styles.facetList} aria-labelledby={`facet-${name}`}>
          {shown.slice(0, 12).map((facet) => (
            <li key={facet.value}>
              <button
                type="button"
                className={styles.facet}
                aria-pressed={facet.value === chosen}
                onClick={() => onChoose(name, facet.value === chosen ? null : facet.value)}
              >
                <span>{facetWord(name, facet.value)}</span>
                <span className={styles.facetCount}>{formatCount(facet.count)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

function facetWord(name: FacetName, value: string): string {
  if (name === 'type') return typeWords[value as CatalogItem['type']] ?? value;
  if (name === 'priceKind') return priceKindWords[value as CatalogItem['priceKind']] ?? value;
  if (name === 'rating') return `${value} or better`;
  return value;
}

const totalWords = (page: CatalogPage) =>
  page.totalIsMore ? `More than ${plural(page.total, 'product')}` : plural(page.total, 'product');

function readFilter(parameters: URLSearchParams): CatalogFilter {
  const names = ['q', 'region', 'sort', ...facetNames];
  const given = names.map((name) => [name, parameters.get(name)]).filter(([, value]) => value);
  // The server validates the words; an unknown one is answered with a message, not guessed at here.
  return Object.fromEntries(given) as CatalogFilter;
}
