/** How this marketplace uses its cluster; from the operator's environment. */
export interface SlurmSettings {
  /** Seen under the same path by Souk and by every node. */
  readonly folder: string;
  readonly partition: string | null;
  readonly account: string | null;
  /**
   * `none`: what trains has no network, and so one host. `cluster`: the hosts of a training on several share the network of their nodes,
   * since they must reach each other; what else they reach there is for the cluster's firewall to decide.
   */
  readonly network: 'none' | 'cluster';
  readonly hostsMax: number;
  /** Where a node keeps the images that it has run, on a disk of its own. */
  readonly nodeFolder?: string;
  /** What Slurm's commands are given, and nothing else of Souk's own environment, which holds secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The files below a training's work folder by which Souk and its job on the cluster tell each other what happens. */
export const jobFiles = {
  folder: 'slurm',
  /** A folder that only one job can make: of two that were submitted for one training, the second ends at once. */
  claim: 'claim',
  /** Written by Souk: the training is to end. */
  stop: 'stop',
  /** Written by the last line of the job: every host's result is there. */
  ended: 'ended',
  /** Written by a node that has no podman: which, and why. */
  noContainers: 'no-containers',
  /** What Slurm itself and the job's own shell have to say. */
  jobLog: 'job.log',
  log: (host: number) => `log.${host}`,
  result: (host: number) => `result.${host}`,
  script: (host: number) => `host-${host}.sh`,
} as const;

/** The name under which a training is found on the cluster, and the only one that Souk looks for. */
export const jobName = (runId: string) => `souk-${runId}`;

export const nodeFolderOf = (s: SlurmSettings) =>
  s.nodeFolder ?? `/var/tmp/souk-node-${process.getuid?.() ?? 0}`;
