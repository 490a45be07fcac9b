import type { Format, Samples } from '@souk/contract';
import type { StageNeeds } from './needs.ts';
import type { SubmittedVersion } from './versions.ts';

export interface ListedSample {
  readonly pointer: string;
  readonly contentType: string;
  readonly accept: string;
  /** Null where the file is no text: nothing that a page or a snippet could send. */
  readonly body: string | null;
}

/**
 * The samples that the listing shows for one call, in each content type, where they are others than the profile's: what a visitor
 * tries first on the product page.
 */
export async function listedSamples(
  { details, resource, pointer }: SubmittedVersion,
  needs: Pick<StageNeeds, 'sampleFile'>,
): Promise<ListedSample[]> {
  const { input = {}, output = {} } = details;
  const answers = [output.samples?.contentType, ...(output.formats ?? []).map((f) => f.contentType)];
  const profile = resource.validationProfile.input;
  const given: readonly (readonly [at: string, samples: Samples | Format])[] = [
    [`${pointer}/input/samples`, input.samples ?? {}],
    ...(input.formats ?? []).map((f, i) => [`${pointer}/input/formats/${i}`, f] as const),
  ];
  const list: ListedSample[] = [];
  for (const [i, [at, samples]] of given.entries()) {
    const { contentType = 'application/json', realtime, realtimeFile } = samples;
    const body = realtimeFile ? textOf(await needs.sampleFile(realtimeFile.sha256)) : realtime;
    if (body === undefined || body === '') continue;
    if (body === profile.body && contentType === profile.contentType) continue;
    const accept =
      i > 0 && answers.includes(contentType) ? contentType : (output.samples?.contentType ?? contentType);
    list.push({ pointer: `${at}/${realtimeFile ? 'realtimeFile' : 'realtime'}`, contentType, accept, body });
  }
  return list;
}

function textOf(file: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return null;
  }
}
