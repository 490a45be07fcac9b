import { operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';

export function bucketCommands(files: Command, app: App): void {
  const buckets = group(files, 'buckets', 'Buckets of S3 or a server like it, for s3:// locations');
  leaf(buckets, 'list', 'Buckets that the account keeps credentials for', {
    examples: ['souk files buckets list'],
  }).action(async () => {
    const client = await app.client();
    app.output.list(
      (await client.call(operations.listBuckets)).items,
      [
        { title: 'BUCKET', value: (b) => b.bucket },
        { title: 'REGION', value: (b) => b.region },
        { title: 'ENDPOINT', value: (b) => b.endpoint ?? 'AWS' },
        { title: 'KEY', value: (b) => b.accessKeyId },
        { title: 'SINCE', value: (b) => time(b.createdAt) },
      ],
      'There are no buckets. Add one: souk files buckets add <bucket> --access-key-id …',
    );
  });
  leaf(buckets, 'add <bucket>', 'Keep credentials for a bucket; they are tried first', {
    examples: ['souk files buckets add flowers --region eu-central-1 --access-key-id AKIA… < secret.txt'],
    notes: 'The secret key is read from standard input, so that it stands in no history.',
  })
    .requiredOption('--access-key-id <id>', 'of a key that may list, read and write the bucket')
    .option('--region <region>', 'of the bucket', 'us-east-1')
    .option('--endpoint <url>', 'of a server other than AWS')
    .action(async (bucket: string, o: { accessKeyId: string; region: string; endpoint?: string }) => {
      const client = await app.client();
      let secretAccessKey = '';
      for await (const chunk of app.host.stdin) secretAccessKey += String(chunk);
      await client.call(operations.putBucket, {
        params: { bucket },
        body: {
          region: o.region,
          accessKeyId: o.accessKeyId,
          secretAccessKey: secretAccessKey.trim(),
          ...given({ endpoint: o.endpoint }),
        },
      });
      app.output.done(`s3://${bucket}/ can be read and written.`);
    });
  leaf(buckets, 'remove <bucket>', 'Forget the credentials of a bucket', {
    examples: ['souk files buckets remove flowers'],
  }).action(async (bucket: string) => {
    const client = await app.client();
    await client.call(operations.removeBucket, { params: { bucket } });
    app.output.done(`Forgot the credentials of ${bucket}.`);
  });
}
