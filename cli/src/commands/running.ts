import { type Deployment, type InstanceType, instanceBackends, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf } from '../command.ts';
import { misuse } from '../failure.ts';
import { count } from '../output/format.ts';
import { state } from '../output/style.ts';

export function instanceTypeCommands(program: Command, app: App): void {
  const types = group(program, 'instance-types', 'Instance types of this marketplace');
  leaf(types, 'list', 'Instance types', { examples: ['souk instance-types list'] }).action(async () => {
    const client = await app.client();
    printTypes(app, (await client.call(operations.listInstanceTypes)).items);
  });
  leaf(types, 'set <name>', 'Add or change an instance type', {
    examples: [
      'souk instance-types set ml.c5.large --cpus 2 --memory-mb 4096 --price-per-hour 0.10 --as operator',
      'souk instance-types set ml.c5.large --disable --as operator',
      'souk instance-types set ml.cluster.large --cpus 16 --memory-mb 65536 --backend slurm --as operator',
    ],
    notes: 'What is not given stays; a new one needs --cpus and --memory-mb.',
  })
    .option('--cpus <n>', 'processors', Number)
    .option('--memory-mb <n>', 'memory in megabytes', Number)
    .option('--price-per-hour <amount>', 'as 0.10')
    .option('--currency <code>', 'ISO 4217')
    .addOption(choice('--backend <backend>', 'where it is: onnx is this computer', instanceBackends))
    .option('--enable', 'may be chosen')
    .option('--disable', 'may no longer be chosen; running deployments keep it')
    .action((name: string, options: TypeOptions) => setType(app, name, options));
  leaf(program, 'regions', 'Regions of this marketplace', { examples: ['souk regions'] }).action(async () => {
    const client = await app.client();
    const { items } = await client.call(operations.listRegions);
    app.output.list(items, [{ title: 'REGION', value: (r) => r.name }], 'There are no regions.');
  });
}

export function deploymentCommands(program: Command, app: App): void {
  const deployments = group(program, 'deployments', 'What runs, where, and how it is');
  leaf(deployments, 'list', 'Deployments', { examples: ['souk deployments list --as operator'] }).action(
    async () => {
      const client = await app.client();
      printDeployments(app, (await client.call(operations.listDeployments)).items);
    },
  );
  leaf(deployments, 'restart <id>', 'Restart a deployment', {
    examples: ['souk deployments restart dep_… --as operator'],
  }).action(async (deploymentId: string) => {
    const client = await app.client();
    printDeployments(app, [await client.call(operations.restartDeployment, { params: { deploymentId } })]);
  });
}

interface TypeOptions {
  cpus?: number;
  memoryMb?: number;
  pricePerHour?: string;
  currency?: string;
  backend?: InstanceType['backend'];
  enable?: boolean;
  disable?: boolean;
}
function printTypes(app: App, types: readonly InstanceType[]): void {
  app.output.list(
    types,
    [
      { title: 'NAME', value: (t) => t.name },
      { title: 'CPUS', value: (t) => t.cpus, align: 'right' },
      { title: 'MEMORY', value: (t) => `${count(t.memoryMb)} MB`, align: 'right' },
      { title: 'BACKEND', value: (t) => t.backend },
      { title: 'PER HOUR', value: (t) => `${t.pricePerHour} ${t.currency}`, align: 'right' },
      { title: '', value: (t) => (t.enabled ? '' : 'disabled') },
    ],
    'There are no instance types.',
  );
}

async function setType(app: App, name: string, options: TypeOptions): Promise<void> {
  if (options.enable && options.disable)
    throw misuse('--enable and --disable exclude each other.', 'Give one.');
  const client = await app.client();
  const now = (await client.call(operations.listInstanceTypes)).items.find((t) => t.name === name);
  const cpus = options.cpus ?? now?.cpus;
  const memoryMb = options.memoryMb ?? now?.memoryMb;
  if (cpus === undefined || memoryMb === undefined)
    throw misuse(`${name} is new.`, 'Give --cpus and --memory-mb.');
  const body = {
    cpus,
    memoryMb,
    backend: options.backend ?? now?.backend ?? 'onnx',
    pricePerHour: options.pricePerHour ?? now?.pricePerHour ?? '0',
    currency: options.currency ?? now?.currency ?? 'USD',
    enabled: options.disable ? false : options.enable ? true : (now?.enabled ?? true),
  };
  printTypes(app, [await client.call(operations.putInstanceType, { params: { name }, body })]);
}

function printDeployments(app: App, deployments: readonly Deployment[]): void {
  app.output.list(
    deployments,
    [
      { title: 'PRODUCT', value: (d) => d.product },
      { title: 'VERSION', value: (d) => d.version },
      { title: 'STATE', value: (d) => d.state, paint: (t) => state(app.output.style, t) },
      { title: 'ON', value: (d) => `${d.backend}, ${d.instanceType}` },
      { title: 'SANDBOX', value: (d) => d.sandbox, flexible: true, optional: true },
      { title: 'RESTARTS', value: (d) => d.restarts, align: 'right' },
      { title: 'LAST FAILURE', value: (d) => d.lastFailure ?? '', flexible: true, optional: true },
      { title: 'ID', value: (d) => d.id },
    ],
    'Nothing runs.',
  );
}
