import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Algorithm, Finding, ModelPackage, ValidationProfile } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { modelParts, tarOf } from '../../../test/models.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { folders } from '../../platform/config.ts';
import { row, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import {
  ensureUnpackedContents,
  modelRoutes,
  newCheck as newModelCheck,
  newModelsService,
  newVerdicts,
} from '../models/index.ts';
import { defaultPolicies } from '../operator/index.ts';
import { containerBackend } from '../runtime/container/container-backend.ts';
import { containerTraining } from '../runtime/container/container-training.ts';
import { echoImage, podmanForTests } from '../runtime/container/testing.ts';
import { newTrials, startServables } from '../runtime/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { algorithmRoutes, newAlgorithmsService, newCheck, newSampleTraining } from './index.ts';

const found = await podmanForTests();

if ('skip' in found) test('packages and algorithms in containers', { skip: found.skip }, () => undefined);
else
  suite('what is registered with a container image', async () => {
    const database = await testDatabase();
    const { db } = database;
    const platform = testPlatform(database);
    const { loader } = await modelParts(platform);
    after(() => found.close());
    const image = await echoImage(found);
    const podman = async () => found.podman;
    const archive = () => Promise.reject(new Error('it is loaded'));
    const start = startServables([
      containerBackend({
        podman,
        archive,
        packagePath: (sha256) => ensureUnpackedContents(platform, sha256),
        socketDir: folders(platform.config.dataDir).sockets,
        limits: { startTimeoutMs: 20_000, stopGraceMs: 5000 },
      }),
    ]);
    const training = containerTraining({ podman, archive });
    const uploads = newUploadsService(platform);
    const trials = newTrials(start);
    let missing: string | null = null;
    const shared = {
      secondChanceMs: 4000,
      verdicts: newVerdicts(platform, loader),
      start,
      trials,
      image: async (_db: unknown, accountId: string, digest: string) =>
        accountId === publisher.accountId && digest === image ? { sizeBytes: 1 } : undefined,
      server: async () => undefined,
      containersMissing: async () => missing,
      policies: async () => ({ ...defaultPolicies, scannerMissing: 'record' as const }),
      lift: async (_accountId: string, _sha256: string, findings: readonly Finding[]) => findings,
      productNaming: async () => undefined,
    };
    const publisher = await testMember(db);
    const other = await testMember(db);
    const models = newModelsService(platform, {
      ...shared,
      finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
    });
    const checkModel = newModelCheck(platform, shared);
    const algorithms = newAlgorithmsService(platform, {
      ...shared,
      finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
    });
    const backend = () => training;
    const checkAlgorithm = newCheck(platform, {
      ...shared,
      backend,
      train: newSampleTraining(platform, { backend }),
      signal: new AbortController().signal,
    });
    const { send } = testServer(platform, [...modelRoutes(models), ...algorithmRoutes(algorithms)]);
    const first =
      (
        await row<{ name: string }>(
          db,
          sql`select name from instance_types where enabled order by memory_mb desc limit 1`,
        )
      )?.name ?? '';

    async function uploaded(content: Buffer): Promise<string> {
      const { sha256, sizeBytes } = await platform.blobs.put(content);
      const id = newId('upl');
      await sql`insert into uploads (id, account_id, file_name, purpose, size_bytes, offset_bytes, state, sha256, expires_at)
        values (${id}, ${publisher.accountId}, 'model.tar.gz', 'model', ${sizeBytes}, ${sizeBytes}, 'complete', ${sha256}, now() + interval '7 days')`.execute(
        db,
      );
      return id;
    }
    const profile: ValidationProfile = {
      profileName: 'sample',
      input: { contentType: 'application/json', body: '{"instances":[[1,2]]}' },
      expected: { contentType: 'application/json', body: '{"predictions":[[1,2]]}' },
    };
    const inference = (container: object) => ({
      supportedContentTypes: ['application/json', 'text/csv'],
      supportedResponseMIMETypes: ['application/json', 'text/csv'],
      supportedRealtimeInferenceInstanceTypes: [first],
      supportedTransformInstanceTypes: [first],
      container,
    });
    let names = 0;
    async function post(given: { container?: object; archive?: Buffer; caller?: typeof publisher }) {
      return send(given.caller ?? publisher, {
        method: 'POST',
        url: '/api/model-packages',
        payload: {
          name: `package-${++names}`,
          ...(given.archive ? { uploadId: await uploaded(given.archive) } : {}),
          ...(given.container ? { inferenceSpecification: inference(given.container) } : {}),
          validationSpecification: { validationProfiles: [profile] },
        },
      });
    }
    const get = async (name: string) =>
      (await send(publisher, { method: 'GET', url: `/api/model-packages/${name}` })).json<ModelPackage>();
    async function checked(environment: Record<string, string>, archive?: Buffer): Promise<ModelPackage> {
      const answer = await post({ container: { image, environment }, ...(archive ? { archive } : {}) });
      assert.equal(answer.statusCode, 201, answer.body);
      const { id, name } = answer.json<ModelPackage>();
      await checkModel(id);
      return get(name);
    }
    const codes = ({ findings }: { findings: Finding[] }, severity = 'error') =>
      findings.filter((f) => f.severity === severity).map((f) => f.code);
    const refusal = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;

    test('serves its model, in real time and batch, and is Completed; nothing wrong is found', async () => {
      const done = await checked(
        { NEEDS_MODEL: '1' },
        await tarOf({ 'weights.json': '{}', 'inference.py': 'print(1)' }),
      );
      assert.equal(done.status, 'Completed', JSON.stringify(done.findings));
      assert.deepEqual(done.findings, []);
      const resource = await models.resource(publisher.accountId, done.arn);
      assert.deepEqual(resource?.served, {
        kind: 'container',
        imageDigest: image,
        packageSha256: done.archive.sha256,
        environment: { NEEDS_MODEL: '1' },
      });
    });

    test('needs no upload when the model is in the image; what it did beside answering is reported', async () => {
      const done = await checked({ CALLS_HOME: '1' });
      assert.equal(done.status, 'Completed', JSON.stringify(done.findings));
      assert.deepEqual(codes(done, 'warning'), ['container.network_tried']);
      assert.equal(done.archive.fileName, 'container.json');
      const resource = await models.resource(publisher.accountId, done.arn);
      assert.equal(resource?.served.kind === 'container' && resource.served.packageSha256, null);
    });

    test('fails with a code of its own for each thing that is wrong, and words for its publisher', async () => {
      const wrong = await Promise.all([
        checked({ NEEDS_MODEL: '1' }),
        checked({ FAILS: '1' }),
        checked({ LATE: '1' }),
        checked({ NO_BATCH: '1' }),
        checked({ PARAMETERS: 'often' }),
      ]);
      assert.deepEqual(
        wrong.map((m) => [m.status, ...codes(m)]),
        [
          ['Failed', 'container.not_ready'],
          ['Failed', 'container.sample_refused'],
          ['Failed', 'container.ping_dishonest'],
          ['Failed', 'container.batch_refused'],
          ['Failed', 'container.execution_parameters'],
        ],
      );
      assert.match(
        wrong[0]?.failureReason ?? '',
        /ended with code 4 before it answered GET \/ping.*there is no model/,
      );
      assert.match(wrong[1]?.failureReason ?? '', /answered the sample input with status 500.*not for this/);
      assert.match(wrong[3]?.failureReason ?? '', /SAGEMAKER_BATCH=true.*status 500.*not for this/);
    });

    test('a model that is no archive, and one whose pickle would run something, are refused before anything is started', async () => {
      const noise = await checked({}, Buffer.from('no archive at all, whatever it is called'));
      assert.deepEqual([noise.status, noise.validationStatuses[0]?.status], ['Failed', 'NotStarted']);
      assert.deepEqual(codes(noise), ['archive.kind_unknown']);
      const harmful = await checked(
        {},
        await tarOf({ 'model.pkl': Buffer.from("\x80\x04cposix\nsystem\n(S'id'\ntR.", 'latin1') }),
      );
      assert.deepEqual(codes(harmful), ['image.pickle_import']);
      const plain = await checked({}, await tarOf({ 'weights.pkl': Buffer.from('\x80\x04}.', 'latin1') }));
      assert.equal(plain.status, 'Completed', JSON.stringify(plain.findings));
    });

    test('waits, and says for what, where no container can be run', async () => {
      missing = 'podman is not installed: sh scripts/system-deps.sh containers';
      const waiting = await checked({});
      missing = null;
      assert.equal(waiting.status, 'InProgress');
      assert.match(
        waiting.validationStatuses[0]?.failureReason ?? '',
        /podman is not installed: sh scripts.*goes on by itself/,
      );
      await checkModel(waiting.id);
      assert.equal((await get(waiting.name)).status, 'Completed');
    });

    test('an image of another account, none at all, and a variable that is not theirs are refused', async () => {
      assert.equal(refusal(await post({ container: { image }, caller: other })), 'container.image_missing');
      assert.equal(refusal(await post({})), 'container.nothing_to_run');
      const lying = await post({ container: { image, environment: { SAGEMAKER_BATCH: 'true' } } });
      assert.equal(refusal(lying), 'container.environment_invalid');
      assert.equal((await post({ container: { image: 'sha256:1' } })).statusCode, 400);
    });

    test('an algorithm trains its sample, its metrics appear, and the model is served by the same image', async () => {
      const answer = await send(publisher, {
        method: 'POST',
        url: '/api/algorithms',
        payload: {
          name: 'trainer',
          trainingSpecification: {
            trainingChannels: [
              { name: 'train', supportedContentTypes: ['text/csv'], supportedInputModes: ['File'] },
            ],
            metricDefinitions: [{ name: 'loss', regex: 'loss=([0-9.]+);' }],
            container: { image, environment: { NEEDS_MODEL: '1' } },
          },
          validationSpecification: {
            validationProfiles: [
              {
                ...profile,
                training: {
                  channels: [{ channelName: 'train', files: [{ name: 'rows.csv', text: '1,2\n3,4\n' }] }],
                },
              },
            ],
          },
        },
      });
      assert.equal(answer.statusCode, 201, answer.body);
      const { id, name } = answer.json<Algorithm>();
      await checkAlgorithm(id);
      const a = (await send(publisher, { method: 'GET', url: `/api/algorithms/${name}` })).json<Algorithm>();
      assert.equal(a.status, 'Completed', JSON.stringify([a.findings, a.log, a.validationStatuses]));
      assert.deepEqual(
        a.trial?.metrics.map((m) => [m.name, m.last]),
        [['loss', 0.25]],
      );
      assert.match(a.trial?.sandbox ?? '', /^podman/);
      assert.ok((a.trial?.measured[0]?.calls ?? 0) > 0);
      const resource = await algorithms.resource(publisher.accountId, a.arn);
      assert.deepEqual(
        resource?.served?.kind === 'container' && [
          resource.served.imageDigest,
          resource.served.packageSha256,
        ],
        [image, a.trial?.model.sha256],
      );
    });
  });
