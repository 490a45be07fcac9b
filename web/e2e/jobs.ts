import { operations } from '@souk/contract';
import { trainer } from '../../server/test/algorithms.ts';
import {
  goLive,
  registerTrainer,
  settled,
  submit,
  subscribe,
  trainerDocument,
} from '../../test/journeys/publish.ts';
import { type Client, type Person, until } from '../../test/journeys/souk.ts';

/** A live algorithm of the publisher, and what a buyer did with it: one training, and one tuning of two trials. */
export async function train(publisher: Person, buyer: Person): Promise<void> {
  const { arn } = await registerTrainer(publisher.client, 'trainer-1');
  const { id } = await publisher.client.ok(operations.createProduct, {
    body: { type: 'algorithm', slug: 'trainer', document: await trainerDocument(publisher.client, arn) },
  });
  await goLive(publisher.client, await settled(publisher.client, await submit(publisher.client, id)));
  const { client } = buyer;
  const { id: subscriptionId } = await subscribe(client, 'flowers', 'free', 'live', 'trainer');
  const { uri } = await writeFile(client, 'iris/train.csv', trainer.table);
  const job = {
    subscriptionId,
    inputDataConfig: ['train', 'validation'].map((channelName) => ({ channelName, uri })),
    resourceConfig: { instanceType: 'ml.t3.medium' },
  };
  await client.ok(operations.createTrainingJob, {
    body: { name: 'trees', ...job, hyperParameters: { epochs: '30' } },
  });
  await client.ok(operations.createTuningJob, {
    body: {
      name: 'rates',
      config: {
        strategy: 'Random',
        objective: { type: 'Maximize', metricName: 'validation:accuracy' },
        maxJobs: 2,
        maxParallelJobs: 2,
        ranges: [{ name: 'learning_rate' }],
      },
      training: { ...job, staticHyperParameters: { epochs: '30' } },
    },
  });
  await until(
    'the training is over',
    () => client.ok(operations.getTrainingJob, { params: { name: 'trees' } }),
    ({ status }) => status !== 'InProgress',
  );
  await until(
    'the tuning is over',
    () => client.ok(operations.getTuningJob, { params: { name: 'rates' } }),
    ({ endedAt }) => endedAt !== null,
  );
}

const writeFile = (client: Client, path: string, text: string) =>
  client.ok(operations.writeFile, { query: { path }, raw: Buffer.from(text) });

/** The flowers in batch: a file with an answer, and one that the model refuses. */
export async function transform({ client }: Person, subscriptionId: string): Promise<void> {
  await writeFile(client, 'batch/in/flowers.csv', '5.1,3.5,1.4,0.2\n6.2,2.9,4.3,1.3\n');
  const { uri } = await writeFile(client, 'batch/in/notes.csv', 'not,a,flower\n');
  await client.ok(operations.createTransformJob, {
    body: {
      name: 'flowers',
      model: { subscriptionId },
      transformInput: { uri: uri.replace(/notes\.csv$/, ''), contentType: 'text/csv', splitType: 'Line' },
      transformOutput: { uri: uri.replace('in/notes.csv', 'out/') },
      transformResources: { instanceType: 'ml.t3.medium' },
    },
  });
  await until(
    'the batch is over',
    () => client.ok(operations.getTransformJob, { params: { transformJob: 'flowers' } }),
    ({ endedAt }) => endedAt !== null,
  );
}
