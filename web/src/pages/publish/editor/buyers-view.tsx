import type { ProductDocument, SectionName } from '../../../api/types.ts';
import { MarkdownView } from '../../../components/markdown.tsx';
import { PlanList } from '../../../components/plan-list.tsx';
import { PricingCalculator } from '../../../components/pricing-calculator.tsx';
import { mediaUrl, ProductLogo } from '../../../components/product-logo.tsx';
import { Badge } from '../../../components/status-badge.tsx';
import { Overview } from '../../market/product/overview.tsx';
import product from '../../market/product/product.module.css';
import { Resources } from '../../market/product/resources.tsx';
import { UsageDescription } from '../../market/product/usage.tsx';

interface Props {
  readonly document: ProductDocument;
  readonly section: SectionName;
  readonly publisher: string;
}

/** What the section becomes on the product page, while it is typed. */
export function BuyersView({ document, section, publisher }: Props) {
  const { listing = {}, promotion = {}, plans = [], terms = {}, support = {} } = document;
  if (section === 'plans')
    return plans.length > 0 ? (
      <div className="stack" style={{ '--gap': '16px' }}>
        <PlanList plans={plans} />
        <PricingCalculator plans={plans} />
      </div>
    ) : (
      <Nothing />
    );
  if (section === 'versions') {
    const latest = document.versions?.at(-1);
    return latest ? (
      <div className="stack">
        <h3>Version {latest.number}</h3>
        {latest.releaseNotes ? <MarkdownView text={latest.releaseNotes} /> : null}
        <UsageDescription details={latest} sampleUrl={({ sha256 }) => `/api/samples/${sha256}`} />
      </div>
    ) : (
      <Nothing />
    );
  }
  if (section === 'terms') return terms.eula ? <div className={product.eula}>{terms.eula}</div> : <Nothing />;
  if (section === 'support')
    return support.offered && support.description ? (
      <MarkdownView text={support.description} />
    ) : (
      <p className="muted break">
        {support.offered ? 'Support is offered.' : 'The publisher does not offer support for this product.'}
      </p>
    );
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      <div className="row-nowrap" style={{ '--gap': '12px', alignItems: 'flex-start' }}>
        <ProductLogo
          url={promotion.logo ? mediaUrl(promotion.logo.sha256) : null}
          title={listing.title || '?'}
          size={48}
        />
        <div className="grow">
          <p style={{ fontSize: 16, fontWeight: 600, lineHeight: '22px' }} className="break">
            {listing.title || 'Without a title'}
          </p>
          <p className="small muted">{publisher}</p>
        </div>
      </div>
      <p className="muted break">{listing.shortDescription}</p>
      <div className="row">
        {(listing.categories ?? []).map((category) => (
          <Badge key={category} tone="neutral">
            {category}
          </Badge>
        ))}
      </div>
      <Overview
        highlights={(listing.highlights ?? []).filter(Boolean)}
        longDescription={listing.longDescription ?? ''}
        images={promotion.images}
      />
      <Resources promotion={promotion} />
    </div>
  );
}

function Nothing() {
  return <p className="faint">Nothing to see yet.</p>;
}
