import type {
  documentFindings,
  Evidence,
  Finding,
  InferenceSpecification,
  MeasuredLatency,
  OnnxDescription,
  ProductDocument,
  PublicOperation,
  ServiceSection,
  TrainingSpecification,
  TrainingTrial,
  ValidationProfile,
} from '@souk/contract';
import type { Tx } from '../../../platform/db.ts';
import type { Servable, ServingProgram } from '../../runtime/index.ts';
import type { Connection, ServiceTrial } from '../../services/index.ts';

/** A registered model package or algorithm as a submission needs it. */
export interface Resource {
  readonly kind: 'model-package' | 'algorithm';
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly inferenceSpecification: InferenceSpecification;
  readonly validationProfile: ValidationProfile;
  readonly onnx: OnnxDescription | null;
  /** What answers calls: the package itself, or the model that the sample training of an algorithm made. */
  readonly served: Servable;
  /** Of an algorithm. */
  readonly training: {
    readonly specification: TrainingSpecification;
    readonly trial: TrainingTrial;
    /** The program of its own that serves what it trains, where one does. */
    readonly serve?: ServingProgram | null;
  } | null;
}

export interface PackageVerdict {
  readonly key: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
  readonly reused: boolean;
}

export interface TrialInstanceType {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly backend: string;
}

/** What the stages need of the other domains; compose gives it. */
export interface StageNeeds {
  documentContext(
    accountId: string,
    document: ProductDocument,
  ): Promise<Parameters<typeof documentFindings>[1]>;
  hasPublisherProfile(accountId: string): Promise<boolean>;
  /** A resource of the account by its ARN. */
  resource(accountId: string, arn: string): Promise<Resource | undefined>;
  /** The rules and virus signatures in force; part of what certification reads, so that new ones look again. */
  rulesInForce(): Promise<string>;
  /** A package that was released before is not examined again for new signatures. */
  certify(
    resource: Resource,
    log: (line: string) => Promise<void>,
    released: boolean,
  ): Promise<PackageVerdict>;
  /** Digests of the packages that the product has released. */
  releasedPackages(productId: string): Promise<ReadonlySet<string>>;
  /** Exceptions that were granted to the account on appeal. */
  exceptionsInForce(accountId: string): Promise<readonly string[]>;
  liftPackage(
    accountId: string,
    packageSha256: string,
    findings: readonly Finding[],
  ): Promise<{ findings: Finding[]; evidence: Evidence[] }>;
  liftDocument(
    accountId: string,
    document: ProductDocument,
    findings: readonly Finding[],
  ): Promise<{ findings: Finding[]; evidence: Evidence[] }>;
  listingFindings(accountId: string, document: ProductDocument): Promise<Finding[]>;
  /** The bytes of a sample that the listing gives as a file. */
  sampleFile(sha256: string): Promise<Buffer>;
  instanceTypes(): Promise<TrialInstanceType[]>;
  /** Runs the model on an instance type; or what that gave when the package was checked a moment ago. */
  trial(
    model: { name: string; servable: Servable },
    instance: TrialInstanceType,
    sample: { contentType: string; accept: string; body: string },
    signal: AbortSignal,
  ): Promise<{
    answer: { status: number; contentType: string; body: Buffer };
    startMs: number;
    measured: MeasuredLatency;
    sandbox: string;
  }>;
  compareForm(
    expected: { contentType: string; body?: string | undefined },
    actual: { contentType: string; body: string },
  ): Finding[];
  bom(version: {
    number: string;
    product: string;
    resource: Resource;
    measured: readonly MeasuredLatency[];
    files: readonly PackageFile[];
    title: string;
    supplier: string;
  }): Promise<unknown>;
  packageFiles(resource: Resource): Promise<readonly PackageFile[]>;
  sign(
    subjects: readonly { name: string; sha256: string }[],
    predicate: Record<string, unknown>,
  ): { envelope: unknown; keyId: string };
  saveStatement(tx: Tx, revisionId: string, envelope: unknown, keyId: string): Promise<void>;
  saveVersion(tx: Tx, version: PackagedVersion): Promise<void>;
  deploy(
    tx: Tx,
    d: {
      productId: string;
      version: string;
      packageSha256: string;
      servable: Servable;
      modelName: string;
      backend: string;
      instanceType: string;
    },
  ): Promise<void>;
  setSlot(tx: Tx, productId: string, slot: 'preview' | 'live', revisionId: string | null): Promise<void>;
  /** Stops versions that were never released and are in no slot. */
  stopUnused(tx: Tx, productId: string): Promise<void>;
  markReleased(tx: Tx, productId: string, numbers: readonly string[]): Promise<void>;
  deploymentStates(productId: string): Promise<ReadonlyMap<string, string>>;
  /** Test Connection of a web service, and its sample sent several times. */
  connectService(productId: string, service: ServiceSection, signal: AbortSignal): Promise<Connection>;
  tryService(productId: string, service: ServiceSection, signal: AbortSignal): Promise<ServiceTrial>;
  serviceCredentialMadeAt(productId: string, service: ServiceSection): Promise<string | null>;
  /** The bill of materials of a product that is a service. */
  serviceBom(product: {
    product: string;
    title: string;
    supplier: string;
    operations: readonly PublicOperation[];
  }): unknown;
  readonly regions: readonly string[];
}

export interface PackageFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface PackagedVersion {
  readonly productId: string;
  readonly number: string;
  readonly modelPackageId: string;
  readonly packageSha256: string;
  readonly packageSizeBytes: number;
  readonly modelName: string;
  /** Null where the version itself answers no calls: of an algorithm. */
  readonly servable: Servable | null;
  readonly resource: Record<string, unknown>;
  readonly bom: unknown;
  readonly measured: readonly MeasuredLatency[];
  readonly evidence: readonly Evidence[];
}
