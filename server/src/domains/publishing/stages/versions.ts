import type { Evidence, ProductDocument, Version } from '@souk/contract';
import { publicOperation } from '../../services/index.ts';
import type { SubmissionRow } from '../publishing.ts';
import type { Resource, StageNeeds } from './needs.ts';

export interface SubmittedVersion {
  readonly pointer: string;
  /** Where the version names its resource. */
  readonly arnPointer: string;
  readonly number: string;
  readonly details: Version;
  readonly resource: Resource;
}

/** The versions of the submitted revision with their resources. Prerequisites has made sure that they exist; a resource that was deleted since is our fault to notice, not to guess about. */
export async function versionsOf(submission: SubmissionRow, needs: StageNeeds): Promise<SubmittedVersion[]> {
  const list: SubmittedVersion[] = [];
  for (const [i, details] of (submission.document.versions ?? []).entries()) {
    const arn = details.algorithmArn ?? details.modelPackageArn ?? '';
    const resource = await needs.resource(submission.accountId, arn);
    if (!resource) throw new Error(`the resource ${arn} is gone`);
    const arnPointer = `/versions/${i}/${resource.kind === 'algorithm' ? 'algorithmArn' : 'modelPackageArn'}`;
    list.push({ arnPointer, pointer: `/versions/${i}`, number: details.number ?? '', details, resource });
  }
  return list;
}

/** Buyers read on the product's page what nobody here has looked at; for the stages, beside what each of them found. */
export const elsewhereEvidence = ({ served }: Pick<Resource, 'served'>): Evidence[] =>
  served.kind === 'remote'
    ? [{ name: 'Weights', value: 'not scanned: they are on a server outside of this marketplace' }]
    : [];

/** What decides how a version behaves: its bytes and what it is tried with. */
export const behaviour = (v: SubmittedVersion) => ({
  number: v.number,
  package: v.resource.archiveSha256,
  served: v.resource.served,
  ...(v.resource.training ? { training: v.resource.training } : {}),
  inference: v.resource.inferenceSpecification,
  validation: v.resource.validationProfile,
  recommended: v.details.recommendedInstanceTypes ?? {},
  sample: v.details.input?.samples ?? {},
  answer: v.details.output?.samples ?? {},
  formats: [v.details.input?.formats ?? [], v.details.output?.formats ?? []],
});

/** Texts, links, media and sample files that a reader meets. Plans are not among them: a new price scans nothing again. */
export const texts = ({ listing, promotion, support, terms, versions = [], service }: ProductDocument) => ({
  listing,
  promotion,
  support,
  terms,
  ...(service ? { operations: (service.operations ?? []).map(publicOperation) } : {}),
  versions: versions.map((v) => ({
    number: v.number,
    releaseNotes: v.releaseNotes,
    usageInstructions: v.usageInstructions,
    notebookUrl: v.notebookUrl,
    repositoryUrl: v.repositoryUrl,
    input: v.input,
    output: v.output,
  })),
});
