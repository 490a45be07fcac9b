import { Button } from '@mantine/core';
import { DownloadIcon } from '@radix-ui/react-icons';
import type { CatalogProduct, CatalogVersion } from '../../../api/types.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { EvidenceGrid } from '../../../components/evidence.tsx';
import { Fact, Facts } from '../../../components/panel.tsx';
import { Notice } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatBytes } from '../../../format/format.ts';

/** Why this can be trusted: what was checked, what is in it, and a signature over all of it that anybody can verify. */
export function Trust({ product, version }: { product: CatalogProduct; version: CatalogVersion }) {
  const { item, statement, slot } = product;
  const base = `/api/catalog/products/${item.publisher}/${item.slug}`;
  const query = `?slot=${slot}`;
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {statement.verified ? (
        <Notice tone="good" title="Signed, and the signature holds">
          By this marketplace <RelativeTime at={statement.signedAt} />, over the digests of everything
          published here. It is checked again at each deployment.
        </Notice>
      ) : (
        <Notice tone="bad" title="The signature does not hold">
          What is stored is not what was signed. Do not use this product; tell the operator.
        </Notice>
      )}
      <EvidenceGrid evidence={version.evidence} />
      <Facts>
        <Fact name="Package">
          <CopyableId id={version.packageSha256} what="SHA-256 of the package" short />
        </Fact>
        <Fact name="Size">{formatBytes(version.sizeBytes)}</Fact>
        <Fact name="Revision">{product.revision}</Fact>
        <Fact name="Revision digest">
          <CopyableId id={product.revisionSha256} what="SHA-256 of the revision" short />
        </Fact>
        <Fact name="Signing key">
          <CopyableId id={statement.keyId} what="key id" short />
        </Fact>
      </Facts>
      <div className="row">
        <Button
          component="a"
          href={`${base}/versions/${encodeURIComponent(version.number)}/bom${query}`}
          download={`${item.slug}-${version.number}.cdx.json`}
          variant="default"
          leftSection={<DownloadIcon />}
        >
          ML-BOM (CycloneDX)
        </Button>
        <Button
          component="a"
          href={`${base}/statement${query}`}
          download={`${item.slug}.dsse.json`}
          variant="default"
          leftSection={<DownloadIcon />}
        >
          Signed statement
        </Button>
      </div>
      <CodeBlock title="Verify it yourself" code={`npx souk verify ${item.publisher}/${item.slug}`} />
    </div>
  );
}
