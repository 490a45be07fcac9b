import type {
  CatalogItem,
  Evidence,
  InferenceSpecification,
  MeasuredLatency,
  OnnxDescription,
  ProductDocument,
  ProductType,
  PublicOperation,
  TrainingSpecification,
  TrainingTrial,
} from '@souk/contract';

/** Who looks: everything that a caller may see follows from its account alone. */
export interface Viewer {
  readonly accountId: string | null;
}

export type Slot = 'preview' | 'live';

/** A version as packaging left it in `product_versions`. */
export interface PackagedVersion {
  readonly number: string;
  readonly modelName: string;
  readonly packageSha256: string;
  readonly packageSizeBytes: number;
  readonly resource: {
    readonly inferenceSpecification?: InferenceSpecification;
    readonly onnx?: OnnxDescription | null;
    /** Of a web service. */
    readonly operations?: readonly PublicOperation[];
    /** Of a web service: what its sample call was answered with. */
    readonly sampleRows?: readonly Record<string, unknown>[];
    readonly training?: {
      specification: TrainingSpecification;
      trial: TrainingTrial;
      serve?: unknown;
    } | null;
  };
  readonly measured: readonly MeasuredLatency[];
  readonly evidence: readonly Evidence[];
}

/** What one slot of one product shows, with everything that an entry of the catalogue is drawn from. */
export interface ShownProduct {
  readonly productId: string;
  readonly revisionId: string;
  readonly publisher: string;
  readonly publisherName: string;
  readonly slug: string;
  readonly type: ProductType;
  readonly document: ProductDocument;
  readonly publishedAt: Date;
  readonly versions: readonly PackagedVersion[];
  /** Versions that were restricted, withdrawn or ended beside the document; `*` stands for all. */
  readonly aside: readonly string[];
  /** What its visible reviews add up to; null without any. */
  readonly rated: { readonly reviews: number; readonly points: number } | null;
}

/** A row of `catalog_entries`, with the texts from which the database makes its search vectors. */
export interface CatalogEntry {
  readonly productId: string;
  readonly revisionId: string;
  readonly publisher: string;
  readonly slug: string;
  readonly private: boolean;
  readonly publishedAt: string;
  readonly titleSort: string;
  readonly p99Ms: number | null;
  readonly ratingScore: number;
  /** What is counted beside the results. */
  readonly facets: readonly string[];
  /** What can be filtered by: the facets, publisher and regions. */
  readonly filters: readonly string[];
  readonly words: readonly string[];
  readonly item: CatalogItem;
  readonly texts: {
    readonly title: string;
    readonly keywords: string;
    readonly short: string;
    readonly long: string;
  };
}
