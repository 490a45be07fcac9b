import { createHash } from 'node:crypto';
import {
  type CatalogProduct,
  type CatalogService,
  type CatalogVersion,
  type Plan,
  type PublisherProfile,
  serviceVersion,
  versionsIn,
} from '@souk/contract';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { publicOperation } from '../services/index.ts';
import * as store from './catalog.page.sql.ts';
import { latestVersion, projectEntry } from './catalog.projection.ts';
import type { Slot, Viewer } from './catalog.ts';

export type CatalogPages = ReturnType<typeof newCatalogPages>;

export interface PageNeeds {
  /** Whether the marketplace's own signature on a statement is right. */
  verifyStatement(envelope: unknown): boolean;
}

/** A product as one viewer sees it, with what the page and a subscription need. */
export interface Shown extends store.PageRow {
  readonly packaged: readonly store.VersionRow[];
  /** Numbers of the versions that this viewer may choose. */
  readonly choosable: readonly string[];
  /** These, and those that are gone: shown with what became of them. */
  readonly visible: readonly string[];
  readonly latest: string;
  /** The plans that this viewer may see: a private one is there for its owner and its audience. */
  readonly plans: readonly Plan[];
  /** Those that are shown to nobody without a promotion code. */
  readonly hiddenPlans: readonly Plan[];
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

export function newCatalogPages(
  { db, keys, config }: Pick<Platform, 'db' | 'keys' | 'config'>,
  { verifyStatement }: PageNeeds,
) {
  /** One answer for what is not there and what is hidden: nobody learns from it that a preview exists. */
  async function shown(viewer: Viewer, publisher: string, product: string, slot?: Slot): Promise<Shown> {
    const found = await store.findShown(db, viewer, publisher, product, slot);
    if (!found) return fail('catalog.missing', { product: `${publisher}/${product}` });
    return withVersions(found, await store.versionsOf(db, found.productId));
  }

  async function product(
    viewer: Viewer,
    publisher: string,
    slug: string,
    slot?: Slot,
  ): Promise<CatalogProduct> {
    return pageView(await shown(viewer, publisher, slug, slot), verifyStatement, config.regions);
  }

  async function bom(viewer: Viewer, publisher: string, slug: string, version: string, slot?: Slot) {
    const { productId, choosable } = await shown(viewer, publisher, slug, slot);
    const found = choosable.includes(version) ? await store.findBom(db, productId, version) : undefined;
    return found?.bom ?? fail('catalog.missing', { product: `${publisher}/${slug} ${version}` });
  }

  async function statement(viewer: Viewer, publisher: string, slug: string, slot?: Slot) {
    const found = await shown(viewer, publisher, slug, slot);
    return found.statement ?? fail('catalog.missing', { product: `${publisher}/${slug}` });
  }

  return {
    shown,
    product,
    bom,
    statement,
    signingKey: () => ({ keyId: keys.signing.keyId, publicKeyPem: keys.signing.publicKeyPem }),
    publisher: async (viewer: Viewer, slug: string): Promise<PublisherProfile> => {
      const found = await store.findPublisher(db, viewer, slug);
      return profileView(found?.profile ?? fail('catalog.missing', { product: slug }));
    },
  };
}

function withVersions(row: store.PageRow, packaged: readonly store.VersionRow[]): Shown {
  const versions = versionsIn(row.document);
  const restricted = new Set(packaged.filter((p) => p.standing.restrictedAt).map((p) => p.number));
  const visible = versions
    .filter(
      ({ state, number = '' }) =>
        (state !== 'restricted' && !restricted.has(number)) ||
        row.ownedByMe ||
        row.subscribedVersions.includes(number),
    )
    .flatMap((v) => v.number ?? []);
  const choosable = visible.filter((number) => !row.gone.includes(number) && !row.gone.includes('*'));
  const allowed = (row.document.plans ?? []).filter(
    (p) => p.visibility !== 'private' || row.ownedByMe || row.privatePlans.includes(p.id),
  );
  const hidden = (p: Plan) => p.hidden === true && !row.ownedByMe;
  const plans = allowed.filter((p) => !hidden(p));
  const hiddenPlans = allowed.filter(hidden);
  return {
    ...row,
    packaged,
    choosable,
    visible,
    latest: latestVersion(versions, row.aside) ?? '',
    plans,
    hiddenPlans,
  };
}

const profileView = (p: store.PageRow['publisher']): PublisherProfile => ({
  ...p,
  createdAt: new Date(p.createdAt).toISOString(),
});

function pageView(
  s: Shown,
  verifyStatement: PageNeeds['verifyStatement'],
  everyRegion: readonly string[],
): CatalogProduct {
  const { listing = {}, promotion = {}, support = {}, regions = {}, terms = {} } = s.document;
  const { item } = projectEntry({
    ...s,
    publisher: s.publisher.slug,
    publisherName: s.publisher.displayName,
    versions: s.packaged,
  });
  const limited = s.slot === 'preview';
  const eula = terms.eula ?? '';
  return {
    item: { ...item, limited, publishedAt: limited ? null : item.publishedAt },
    slot: s.slot,
    revision: s.revision,
    revisionSha256: s.revisionSha256,
    publisher: profileView(s.publisher),
    longDescription: listing.longDescription ?? '',
    highlights: listing.highlights ?? [],
    promotion,
    support,
    regions: regions.mode === 'selected' ? (regions.selected ?? []) : [...everyRegion],
    versions: versionViews(s, limited),
    sunset: s.sunset,
    plans: [...s.plans],
    eula: { text: eula, sha256: sha256Of(eula) },
    refundPolicy: terms.refundPolicy ?? '',
    statement: {
      keyId: s.statementKeyId ?? '',
      signedAt: (s.signedAt ?? s.createdAt).toISOString(),
      verified: s.statement !== null && verifyStatement(s.statement) && isOfThis(s, s.statement),
    },
    tried: s.tried,
    subscriptionId: s.subscriptionId,
    service: serviceView(s),
    callPath:
      s.type === 'web-service'
        ? `/data/${s.publisher.slug}/${s.slug}/${serviceVersion}`
        : `/call/${s.publisher.slug}/${s.slug}`,
    ownedByMe: s.ownedByMe,
    leaving: s.leaving && {
      ...s.leaving,
      endsAt: s.leaving.endsAt && new Date(s.leaving.endsAt).toISOString(),
    },
  };
}

/** A right signature says who signed; this says that what was signed is what is shown. */
function isOfThis(s: Shown, envelope: unknown): boolean {
  const { payload } = envelope as { payload?: unknown };
  if (typeof payload !== 'string') return false;
  const { subject = [] } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as {
    subject?: { name: string; digest: { sha256: string } }[];
  };
  const signed = new Map(subject.map((one) => [one.name, one.digest.sha256]));
  return (
    signed.get('document') === canonicalSha256(s.document) &&
    // A web service is nothing beside what its document says.
    (s.type === 'web-service' ||
      s.visible.every(
        (number) =>
          signed.get(`versions/${number}/package`) ===
          s.packaged.find((p) => p.number === number)?.packageSha256,
      ))
  );
}

/** What buyers call, and nothing of how the service behind it is asked. */
function serviceView(s: Shown): CatalogService | null {
  const { service } = s.document;
  if (s.type !== 'web-service' || !service) return null;
  const { operations: packaged = [], sampleRows = [] } =
    s.packaged.find((p) => p.number === serviceVersion)?.resource ?? {};
  return {
    isOData: service.isOData ?? false,
    operations: service.isOData ? [...packaged] : (service.operations ?? []).map(publicOperation),
    sample: service.sample ? { ...service.sample, rows: [...sampleRows] } : null,
    recordsPerTransaction: service.transactions?.recordsPerTransaction ?? 100,
    queryKeyAllowed: service.queryKeyAllowed ?? false,
    corsOrigins: service.corsOrigins ?? [],
  };
}

/** How a publisher's image or program is set up is nobody else's affair, and the image itself nobody can fetch. */
function shownTraining(training: Shown['packaged'][number]['resource']['training']) {
  if (!training) return null;
  const { container: _image, ...specification } = training.specification;
  return { trial: training.trial, specification };
}

/** As the document lists them; a version without a package (there is none in a slot) would not be shown. */
function versionViews(s: Shown, limited: boolean): CatalogVersion[] {
  return versionsIn(s.document).flatMap((details): CatalogVersion[] => {
    const packaged = s.packaged.find((p) => p.number === details.number);
    if (!packaged || !s.visible.includes(packaged.number)) return [];
    const inference = packaged.resource.inferenceSpecification;
    return [
      {
        number: packaged.number,
        latest: packaged.number === s.latest,
        limited,
        details,
        contentTypes: inference?.supportedContentTypes ?? [],
        responseTypes: inference?.supportedResponseMIMETypes ?? [],
        instanceTypes: {
          realtime: inference?.supportedRealtimeInferenceInstanceTypes ?? [],
          batch: inference?.supportedTransformInstanceTypes ?? [],
        },
        id: `${s.publisher.slug}/${s.slug}@${packaged.number}`,
        standing: packaged.standing,
        choosable: s.choosable.includes(packaged.number),
        modelName: packaged.modelName,
        training: shownTraining(packaged.resource.training),
        onnx: packaged.resource.onnx ?? null,
        packageSha256:
          s.type === 'web-service' ? canonicalSha256(s.document.service ?? {}) : packaged.packageSha256,
        sizeBytes: packaged.packageSizeBytes,
        measured: [...packaged.measured],
        evidence: [...packaged.evidence],
        state:
          s.type === 'web-service'
            ? 'ready'
            : packaged.resource.training
              ? 'not-served'
              : packaged.state === 'ready' || packaged.state === 'starting'
                ? packaged.state
                : 'down',
      },
    ];
  });
}
