import { readFileSync } from 'node:fs';
import type { SlurmSettings } from '../../slurm/slurm.ts';
import { slurmCommands } from '../../slurm/slurm-commands.ts';
import type { TrainingRun } from '../training.ts';
import { slurmBackend } from './slurm-backend.ts';

/** A keeper that is killed between the submission of a job and whatever it would do next: the test's, and nobody else's. */
const { settings, job } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  settings: SlurmSettings;
  job: TrainingRun;
};
const cluster = slurmCommands(settings.environment);
const never = new Promise<never>(() => setInterval(() => undefined, 1000));
const backend = slurmBackend({
  settings,
  pollMs: 100,
  cluster: {
    ...cluster,
    async submit(args) {
      await cluster.submit(args);
      process.stdout.write('submitted\n');
      return never;
    },
  },
});
// A second keeper finds the job and waits for it.
const onStage = () => process.stdout.write('found\n');
await backend.run({ ...job, onLines: () => undefined, onStage, signal: new AbortController().signal });
