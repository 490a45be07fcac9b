import type { EdmType, PublicOperation } from '@souk/contract';

/** An operation as the face shows it. */
export type FaceOperation = PublicOperation & {
  /** True: its action also takes `{"rows":[…]}`, many sets of values in one call. */
  readonly batch?: boolean;
};

export type Row = Record<string, unknown>;

export interface Wanted {
  /** Rows before these are not wanted: the first row answered is the one after `skip` others. */
  readonly skip: number;
  /** So many are wanted; undefined is all there are. More may be answered: the face cuts them off. */
  readonly top: number | undefined;
  readonly signal: AbortSignal;
  /** The sets of values of a batch, where the operation takes one; `args` is empty then. */
  readonly batch?: readonly Record<string, unknown>[];
}

/**
 * Calls the service. Values of `args` are checked and converted: numbers for numeric types (text where a number would lose digits), text for
 * dates, GUIDs and strings, lists for collections, null where the parameter may be. Throws `ServiceFailure` for what a buyer should read.
 */
export type Execute = (
  operation: string,
  args: Record<string, unknown>,
  wanted: Wanted,
) => Promise<{ rows: readonly Row[]; more?: boolean }>;

export interface FaceLimits {
  /** Rows of a page unless the client prefers another number. */
  readonly pageSize: number;
  readonly pageSizeMax: number;
  /** Rows that are read to sort, filter or count: they are held in memory. */
  readonly rowsMax: number;
  /** Pages of the service that are read for it: each is a call of its own. */
  readonly pagesMax: number;
  readonly urlLengthMax: number;
  readonly bodyBytesMax: number;
}

export interface FaceSettings {
  /** Of the schema: identifiers joined by dots. */
  readonly namespace: string;
  readonly operations: readonly FaceOperation[];
  /**
   * Operations that are tables: read without calling anything, so spreadsheets list them. Absent: every function that answers a collection and
   * needs no values.
   */
  readonly entitySets?: readonly string[];
  readonly description?: string;
  readonly limits?: Partial<FaceLimits>;
  /** Seals where the next page begins; all gateways of an installation need the same. Absent: made of the model. */
  readonly pagingSecret?: string;
}

export interface FaceAnswer {
  readonly response: Response;
  /** Rows in the answer: what transactions are counted by. None for metadata, counts and errors. */
  readonly records: number;
  /** The operation that was executed; absent when nothing was asked of the service. */
  readonly operation?: string;
}

export interface FaceAddress {
  /** The absolute URL of the service root, as the client sees it. */
  readonly root: string;
  /** What stands behind the root, still percent-encoded, with its query. */
  readonly path: string;
}

export interface ODataFace {
  /** Never throws: what is wrong is an OData error in the response. */
  handle(request: Request, address: FaceAddress): Promise<FaceAnswer>;
}

/** A column or parameter with everything said that the description leaves open. */
export interface EdmField {
  readonly name: string;
  readonly type: EdmType;
  readonly collection: boolean;
  readonly nullable: boolean;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}
