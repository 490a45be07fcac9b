import { defineErrors } from './errors.ts';

/** What an operator's cluster refuses, and how it ends what runs there; to whoever asked for it, and on the pages of the operator. */
export const clusterErrors = defineErrors({
  'cluster.not_configured': {
    kind: 'precondition',
    message: 'The instance type runs on a cluster, and no cluster is configured here.',
    remedy: 'Choose another instance type; the operator turns a cluster on with SOUK_SLURM_FOLDER.',
  },
  'cluster.command_missing': {
    kind: 'unavailable',
    message: '{command} is not installed on the computer that Souk runs on.',
    remedy: 'The operator installs it there: apt-get install slurm-client.',
  },
  'cluster.unreachable': {
    kind: 'unavailable',
    message: 'The cluster does not answer: {problem}',
    remedy: 'Try again later; the operator asks it with: scontrol ping.',
  },
  'cluster.folder_unusable': {
    kind: 'unavailable',
    message: 'The shared folder {folder} cannot be written to.',
    remedy: 'The operator creates it, for Souk’s user, on every node under the same path.',
  },
  'cluster.partition_unknown': {
    kind: 'precondition',
    message: 'The cluster has no partition {partition}, but {partitions}.',
    remedy: 'The operator sets SOUK_SLURM_PARTITION to one that is there.',
  },
  'cluster.nodes_down': {
    kind: 'unavailable',
    message: 'No node of {partition} can work.',
    remedy: 'Try again later, or choose an instance type elsewhere; sinfo -R tells the operator why.',
  },
  'cluster.account_refused': {
    kind: 'precondition',
    message: 'The cluster does not take jobs of Souk: {problem}',
    remedy: 'The operator sets SOUK_SLURM_ACCOUNT to an account that Souk’s user may use there.',
  },
  'cluster.too_large': {
    kind: 'precondition',
    message: 'No node of the cluster has what {instanceType} asks for: {problem}',
    remedy: 'Choose a smaller instance type; the operator compares it with: sinfo --format="%n %c %m".',
  },
  'cluster.time_limit': {
    kind: 'precondition',
    message: 'The cluster gives it no more time: {problem}',
    remedy: 'Ask for less time; the operator may raise the MaxTime or DefaultTime of the partition.',
  },
  'cluster.refused': {
    kind: 'precondition',
    message: 'The cluster refused the job: {problem}',
    remedy: 'The words are those of the cluster; its operator knows what they ask for.',
  },
  'cluster.cancelled': {
    kind: 'conflict',
    message: 'It was cancelled on the cluster, and not through Souk.',
    remedy: 'Ask the operator why, and start it again; what was finished is kept.',
  },
  'cluster.node_unreachable': {
    kind: 'unavailable',
    message: 'The node {node} of the cluster serves the model, and cannot be reached from here: {problem}',
    remedy: 'The operator lets the control plane reach the ports of the nodes.',
  },
  'cluster.no_containers': {
    kind: 'precondition',
    message: 'The node {node} of the cluster cannot run container images: {problem}',
    remedy: 'Choose an instance type that is not of the cluster; the operator installs podman on every node.',
  },
  'cluster.no_sandbox': {
    kind: 'precondition',
    message: 'The node {node} of the cluster cannot confine what it runs: {problem}',
    remedy: 'The operator installs the package bubblewrap on every node.',
  },
  'cluster.model_elsewhere': {
    kind: 'invalid',
    message:
      '{model} is served by a server that already runs, so {instanceType} of the cluster has nothing to start.',
    remedy: 'Choose an instance type that is not of the cluster.',
  },
});
