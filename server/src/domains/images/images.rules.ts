import type { Image, ImageSummary, ImageUse, Policies } from '@souk/contract';
import type { ImageRow, ImageVerdict, KeptImage } from './images.ts';

export const pendingMax = 20;
const packagesShownMax = 1000;

export const bytesMaxOf = ({ imageMegabytes }: Policies): number => imageMegabytes * 1_000_000;

export const accountBytesMaxOf = ({ accountImageGigabytes }: Policies): number => accountImageGigabytes * 1e9;

/** Where an image is fetched from. */
export interface Reference {
  /** With the port, where it states one. */
  readonly host: string;
  readonly scheme: 'https' | 'http';
  readonly repository: string;
  /** A tag, or a digest. */
  readonly version: string;
}

/** The parts of `registry.example.com:5000/team/name@sha256:…`, or why it has none. */
export function readReference(text: string): Reference | { readonly problem: string } {
  const plain = text.startsWith('http://');
  const rest = text.replace(/^(?:https?|docker|oci):\/\//, '');
  if (/[\s?#\\]|:\/\//.test(rest))
    return { problem: 'it has blanks or signs that no address of an image has' };
  const slash = rest.indexOf('/');
  const host = rest.slice(0, Math.max(slash, 0));
  if (slash < 0 || !(host.includes('.') || host.includes(':') || host === 'localhost'))
    return { problem: 'it does not begin with the name of a registry' };
  if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(host))
    return { problem: 'the name of its registry is not a host name' };
  const path = rest.slice(slash + 1);
  const [, repository = '', digest, tag] =
    /^([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?:@(sha256:[0-9a-f]{64})|:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))$/.exec(
      path,
    ) ?? [];
  if (repository === '') return { problem: 'it does not end with @sha256: and a digest, or with a tag' };
  const hub = host === 'docker.io' || host === 'index.docker.io';
  return {
    host: hub ? 'registry-1.docker.io' : host,
    scheme: plain ? 'http' : 'https',
    repository: hub && !repository.includes('/') ? `library/${repository}` : repository,
    version: digest ?? tag ?? '',
  };
}

const platformOf = (os: string | null | undefined, architecture: string | null | undefined) =>
  os && architecture ? `${os}/${architecture}` : null;

export const summaryOf = (
  i: ImageRow,
  about: { sizeBytes: number | null; os: string | null; architecture: string | null },
): ImageSummary => ({
  id: i.id,
  accountId: i.accountId,
  name: i.name,
  digest: i.digest,
  status: i.status,
  statusMessage: i.statusMessage,
  failureReason: i.failureReason,
  source: i.source as ImageSummary['source'],
  platform: platformOf(about.os, about.architecture),
  sizeBytes: about.sizeBytes,
  createdAt: i.createdAt.toISOString(),
  updatedAt: i.updatedAt.toISOString(),
});

export function view(
  i: ImageRow,
  verdict: ImageVerdict | undefined,
  sizeBytes: number | null,
  usedBy: readonly ImageUse[],
): Image {
  const examined = verdict?.examined;
  const config = examined?.config ?? null;
  const about = { sizeBytes, os: config?.os ?? null, architecture: config?.architecture ?? null };
  return {
    ...summaryOf(i, about),
    run: config && {
      entrypoint: [...config.entrypoint],
      cmd: [...config.cmd],
      environment: [...config.environment],
      user: config.user,
      workingDir: config.workingDir,
      exposedPorts: [...config.exposedPorts],
      labels: { ...config.labels },
    },
    builtAt: config?.created ?? null,
    layers: (examined?.layers ?? []).map((l) => ({ ...l })),
    distribution: examined?.distribution?.name ?? null,
    packages: (examined?.packages ?? []).slice(0, packagesShownMax).map((p) => ({ ...p })),
    packagesCount: examined?.packages.length ?? 0,
    findings: i.findings,
    malwareScan:
      examined === undefined
        ? null
        : `${examined.malware.state}${examined.malware.reason ? `: ${examined.malware.reason}` : ''}`,
    ruleSet: examined?.ruleSet ?? null,
    usedBy: [...usedBy],
    pushedBy: i.createdBy,
  };
}

export function keptOf(i: ImageRow, verdict: ImageVerdict, sizeBytes: number): KeptImage | undefined {
  const { config } = verdict.examined;
  if (i.status !== 'Completed' || i.digest === null || config === null) return undefined;
  const { entrypoint, cmd, environment, user, exposedPorts, labels } = config;
  const platform = `${config.os}/${config.architecture}`;
  return {
    digest: i.digest,
    name: i.name,
    sizeBytes,
    platform,
    entrypoint,
    cmd,
    environment,
    user,
    exposedPorts,
    labels,
  };
}
