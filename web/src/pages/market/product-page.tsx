import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { catalogQueries, type Slot } from '../../api/queries/catalog.ts';
import type { CatalogProduct, CatalogVersion } from '../../api/types.ts';
import { reachable } from '../../components/code.tsx';
import { Folded } from '../../components/folded.tsx';
import page from '../../components/page.module.css';
import { Trail } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProductLogo } from '../../components/product-logo.tsx';
import { Stars } from '../../components/stars.tsx';
import { Notice } from '../../components/states.tsx';
import { Badge, StatusBadge } from '../../components/status-badge.tsx';
import { StandingNotice, SunsetNotice } from '../../components/version-standing.tsx';
import { endsFirst } from './ends-first.ts';
import { ExplorerPanel } from './explorer/explorer-panel.tsx';
import { LeavingNotice } from './leaving-notice.tsx';
import { ProductAside, SubscribeAction } from './product/aside.tsx';
import { Gallery } from './product/gallery.tsx';
import { Glance } from './product/glance.tsx';
import { Overview } from './product/overview.tsx';
import { Performance } from './product/performance.tsx';
import styles from './product/product.module.css';
import { Questions } from './product/questions.tsx';
import { Reviews } from './product/reviews.tsx';
import { ServiceHealthPanel } from './product/service-health.tsx';
import { TrainingSection } from './product/training.tsx';
import { Trust } from './product/trust.tsx';
import { TryPanel } from './product/try-panel.tsx';
import { TensorTable, UsageDescription } from './product/usage.tsx';
import { VersionList } from './product/versions.tsx';
import { typeWords } from './words.ts';

/** Decide in a minute: what it does, whether it works on my input, what it costs, why to trust it. */
export function ProductPage() {
  const { publisher = '', product = '' } = useParams();
  const [parameters] = useSearchParams();
  const slot = parameters.get('slot');
  const query = useQuery(
    catalogQueries.product(
      publisher,
      product,
      slot === 'preview' || slot === 'live' ? (slot as Slot) : undefined,
    ),
  );
  return (
    <PageQuery query={query} title="Product">
      {(found) => <Found key={found.item.productId + found.slot} product={found} />}
    </PageQuery>
  );
}

const sections = [
  ['overview', 'Overview'],
  ['try', 'Try it'],
  ['usage', 'Usage'],
  ['performance', 'Performance'],
  ['trust', 'Evidence'],
  ['versions', 'Versions'],
  ['reviews', 'Reviews'],
  ['questions', 'Questions'],
  ['terms', 'Terms'],
  ['support', 'Support'],
] as const;

/** An algorithm has nothing to try, and training in its place; a web service is explored, and says there how it is used. */
const sectionsOf = (product: CatalogProduct, version: CatalogVersion | undefined) =>
  sections
    .filter(([id]) => id !== 'usage' || !product.service)
    .map(([id, label]) =>
      id !== 'try'
        ? ([id, label] as const)
        : version?.training
          ? (['training', 'Training'] as const)
          : ([id, product.service ? 'Explorer' : label] as const),
    );

function Found({ product }: { product: CatalogProduct }) {
  const latest =
    product.versions.find((v) => v.latest) ??
    product.versions.find((v) => v.choosable) ??
    product.versions[0];
  const [number, setNumber] = useState(latest?.number);
  const version = product.versions.find((v) => v.number === number) ?? latest;
  const first = endsFirst(product.sunset, product.leaving);
  return (
    <div className={page.page}>
      <title>{`${product.item.title} · Souk`}</title>
      <Trail
        trail={[
          { label: 'Products', to: '/products' },
          { label: product.item.publisherName, to: `/publishers/${product.item.publisher}` },
        ]}
      />
      <Head product={product} version={version} onVersion={setNumber} />
      {product.slot === 'preview' ? <PreviewNotice product={product} /> : null}
      {product.sunset && first !== 'leaving' ? (
        <SunsetNotice what={product.item.title} sunset={product.sunset} />
      ) : null}
      {version ? <StandingNotice number={version.number} standing={version.standing} /> : null}
      {product.leaving && first !== 'sunset' ? (
        <LeavingNotice leaving={product.leaving} subscribed={product.subscriptionId !== null} />
      ) : null}
      <Glance product={product} version={version} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <nav aria-label="On this page" className={styles.jump}>
            {sectionsOf(product, version).map(([id, label]) => (
              <a key={id} href={`#${id}`}>
                {label}
              </a>
            ))}
          </nav>
          <Panel id="overview" title="Overview">
            <Folded heightPx={300}>
              <Overview highlights={product.highlights} longDescription={product.longDescription} />
            </Folded>
            <Gallery images={product.promotion.images ?? []} />
          </Panel>
          {version ? <VersionSections product={product} version={version} /> : null}
          <Panel id="versions" title="Versions" flush>
            <VersionList versions={product.versions} />
          </Panel>
          {product.slot === 'live' ? <Reviews product={product} /> : null}
          {product.slot === 'live' ? <Questions product={product} /> : null}
          <Panel id="terms" title="Terms">
            <div className="stack">
              <h3>Licence agreement</h3>
              <section className={styles.eula} aria-label="Licence agreement" {...reachable}>
                {product.eula.text}
              </section>
              <h3>Refunds</h3>
              <p className="muted break">{product.refundPolicy}</p>
            </div>
          </Panel>
        </div>
        <aside className={styles.aside} aria-label="Price and facts">
          <ProductAside product={product} version={version} />
          <ServiceHealthPanel product={product} />
        </aside>
      </div>
    </div>
  );
}

function VersionSections({ product, version }: { product: CatalogProduct; version: CatalogVersion }) {
  return (
    <>
      {version.training ? (
        <TrainingSection version={version} />
      ) : product.service ? (
        <ExplorerPanel product={product} />
      ) : (
        <TryPanel product={product} version={version} />
      )}
      {product.service ? null : (
        <Panel id="usage" title="Usage" note={`Version ${version.number}`}>
          <div className="stack" style={{ '--gap': '20px' }}>
            <UsageDescription
              details={version.details}
              sampleUrl={({ sha256 }) =>
                `/api/catalog/products/${product.item.publisher}/${product.item.slug}/versions/${encodeURIComponent(version.number)}/samples/${sha256}?slot=${product.slot}`
              }
            />
            {version.onnx ? (
              <section className="stack" aria-label="The model’s tensors">
                <h3>What the model itself declares</h3>
                <TensorTable onnx={version.onnx} />
              </section>
            ) : null}
          </div>
        </Panel>
      )}
      <Panel id="performance" title="Performance" note="Measured by this marketplace in the trial run">
        <Performance measured={version.measured} />
      </Panel>
      <Panel id="trust" title="Evidence" note="What was checked before this was published">
        <Trust product={product} version={version} />
      </Panel>
    </>
  );
}

interface HeadProps {
  readonly product: CatalogProduct;
  readonly version: CatalogVersion | undefined;
  readonly onVersion: (number: string) => void;
}

function Head({ product, version, onVersion }: HeadProps) {
  const { item } = product;
  return (
    <header className={styles.head}>
      <ProductLogo url={item.logoUrl} title={item.title} size={72} />
      <div className={styles.headWords}>
        <div className="row" style={{ '--gap': '10px' }}>
          <h1>{item.title}</h1>
          {item.limited ? <StatusBadge state="limited" /> : null}
        </div>
        <p className="muted">
          <Link to={`/publishers/${item.publisher}`}>{item.publisherName}</Link> · {typeWords[item.type]}
          {item.rating ? (
            <>
              {' · '}
              <a href="#reviews">
                <Stars rating={item.rating.average} count={item.rating.count} />
              </a>
            </>
          ) : null}
        </p>
        <p className={styles.lead}>{item.shortDescription}</p>
        <div className={styles.narrowAction}>
          <span style={{ fontWeight: 600 }}>{item.priceText}</span>
          <SubscribeAction product={product} />
        </div>
        <div className="row">
          {item.categories.map((category) => (
            <Link key={category} to={`/products?category=${encodeURIComponent(category)}`}>
              <Badge tone="neutral">{category}</Badge>
            </Link>
          ))}
        </div>
      </div>
      {product.versions.length > 1 && version ? (
        <Select
          aria-label="Version"
          data={product.versions.map((v) => ({ value: v.number, label: `Version ${v.number}` }))}
          value={version.number}
          allowDeselect={false}
          w={160}
          onChange={(value) => value && onVersion(value)}
        />
      ) : null}
    </header>
  );
}

function PreviewNotice({ product }: { product: CatalogProduct }) {
  return (
    <Notice tone="warn" title="Preview: only its publisher and test accounts see this page">
      Revision {product.revision} is waiting for the publisher’s sign-off. You can subscribe to it and call it
      exactly as buyers will.
    </Notice>
  );
}
