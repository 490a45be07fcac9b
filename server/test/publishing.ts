import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Policies, Product, ProductDocument, Role, StageName, Submission } from '@souk/contract';
import { irisDocument } from '../../test/iris-document.ts';
import { isMember } from '../src/domains/accounts/index.ts';
import { listingTextFindings } from '../src/domains/certification/index.ts';
import { newModelsService } from '../src/domains/models/index.ts';
import { defaultPolicies } from '../src/domains/operator/index.ts';
import { findProductNaming, newProducts } from '../src/domains/products/index.ts';
import { newPublishersService } from '../src/domains/publishers/index.ts';
import { newPublishing, publishingJobs, reviewedSubmission } from '../src/domains/publishing/index.ts';
import type { StageDefinition } from '../src/domains/publishing/pipeline.ts';
import type { Stage } from '../src/domains/publishing/stages/stage.ts';
import { newReview } from '../src/domains/review/index.ts';
import { stopUnusedDeployments } from '../src/domains/runtime/index.ts';
import { newUploadsService } from '../src/domains/uploads/index.ts';
import type { Member } from '../src/platform/authorize.ts';
import { inTx, json, row, rows, sql, type Tx } from '../src/platform/db.ts';
import { newId } from '../src/platform/ids.ts';
import { testDatabase } from './database.ts';
import { iris, tarOf } from './models.ts';
import { testMember, testPlatform } from './platform.ts';

/** Publishing over the real products and models, with publishers, packages and drafts that are ready to submit. */
export async function testPublishing() {
  const database = await testDatabase();
  const { db } = database;
  const platform = testPlatform(database);
  const uploads = newUploadsService(platform);
  const policy = { current: defaultPolicies as Policies };
  const publishers = newPublishersService(platform, {
    missingMedia: uploads.missingMedia,
    policies: async () => policy.current,
  });
  const models = newModelsService(platform, {
    finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
    productNaming: findProductNaming,
    image: async () => undefined,
    server: async () => undefined,
  });
  const products = newProducts(platform, {
    documentContext: models.documentContext,
    hasPublisherProfile: async (accountId) => (await publishers.find(db, accountId)) !== undefined,
    // Pictures and sample files are rows of other domains, which most of these tests do without.
    listingFindings: async (_accountId, document) => listingTextFindings(document),
  });
  const retired: string[] = [];
  const reviewNeeds = {
    policies: async () => policy.current,
    submission: (id: string) => reviewedSubmission(db, id),
    modelPackage: models.checked,
    algorithm: async () => undefined,
    packageOf: async (accountId: string, arn: string) =>
      (await models.resource(accountId, arn))?.archiveSha256,
    isMember: (personId: string, accountId: string) => isMember(db, personId, accountId),
    forgetVerdicts: async (_tx: Tx, sha256: string) => void retired.push(sha256),
  };
  const review = newReview(platform, reviewNeeds);
  const newService = () =>
    newPublishing(platform, {
      ...products,
      review,
      isMember: reviewNeeds.isMember,
      documentContext: models.documentContext,
      stopUnused: stopUnusedDeployments,
    });
  const publishing = newService();
  let names = 0;

  /** A member with the rows that belong to one, so that news reach them. */
  async function member(roles: readonly Role[] = ['admin'], operator = false): Promise<Member> {
    const made = await testMember(db, roles);
    await sql`update accounts set operator = ${operator} where id = ${made.accountId}`.execute(db);
    await sql`insert into auth_users (id, name, email) values (${made.personId}, 'Somebody', ${made.email})`.execute(
      db,
    );
    await sql`insert into members (account_id, person_id, roles) values (${made.accountId}, ${made.personId}, ${[...roles]}::text[])`.execute(
      db,
    );
    return made;
  }

  async function publisher(): Promise<Member> {
    const made = await member(['admin']);
    await publishers.put(made, { slug: `publisher-${++names}`, displayName: 'A publisher' });
    return made;
  }

  /** A model package that was examined and found good, as a row; its bytes are those of the iris example. */
  async function modelPackage(
    { accountId }: Member,
    archive?: Buffer,
  ): Promise<{ arn: string; sha256: string }> {
    const content =
      archive ?? (await tarOf({ 'model.onnx': iris.model, 'note.txt': randomBytes(8).toString('hex') }));
    const { sha256, sizeBytes } = await platform.blobs.put(content);
    const name = `iris-${++names}`;
    const arn = `arn:aws:sagemaker:souk-home-1:${accountId}:model-package/${name}`;
    const types = ['ml.m5.large'];
    const inference = {
      supportedContentTypes: ['application/json', 'text/csv'],
      supportedResponseMIMETypes: ['application/json', 'text/csv'],
      supportedRealtimeInferenceInstanceTypes: types,
      supportedTransformInstanceTypes: types,
    };
    const validation = { validationProfiles: [{ profileName: 'sample', ...iris.json }] };
    await sql`insert into model_packages (id, account_id, region, name, arn, status, archive_sha256, archive_size_bytes, archive_file_name,
        inference_specification, validation_specification, certify_for_marketplace, created_by)
      values (${newId('mpk')}, ${accountId}, 'souk-home-1', ${name}, ${arn}, 'Completed', ${sha256}, ${sizeBytes}, 'model.tar', ${json(inference)},
        ${json(validation)}, true, 'test')`.execute(db);
    return { arn, sha256 };
  }

  async function product(
    caller: Member,
    change: (d: ProductDocument) => ProductDocument = (d) => d,
  ): Promise<Product> {
    const { arn } = await modelPackage(caller);
    const document = change(irisDocument(arn, createHash('sha256').update('logo').digest('hex')));
    return products.create(caller, { type: 'model-package', slug: `product-${++names}`, document });
  }

  /** Saves a changed draft. */
  async function edit(caller: Member, { id }: Product, change: (d: ProductDocument) => ProductDocument) {
    const draft = await products.draft(caller.accountId, id);
    await products.saveDraft(caller, id, draft.version, change(draft.document));
  }

  /** The runner of these stages, told by hand which job to take. */
  function runner(
    stages: Readonly<Partial<Record<StageName, Stage>>>,
    definition?: (stage: StageName) => StageDefinition,
  ) {
    const [job] = publishingJobs(platform, {
      stages,
      arrivals: publishing.arrivals,
      ...(definition ? { definition } : {}),
    });
    assert.ok(job);
    const run = (submissionId: string, stage: StageName) =>
      job.run({ submissionId, stage }, { attempt: 1, attemptsMax: 25, signal: new AbortController().signal });
    /** Takes one job after the other until the submission waits for somebody, or is over. */
    async function drive(submissionId: string): Promise<Submission> {
      for (;;) {
        const now = await publishing.view(submissionId);
        if (now.state !== 'running' || now.stage === null) return now;
        const before = now.stages.find((s) => s.stage === now.stage)?.attempt;
        await run(submissionId, now.stage);
        const next = await publishing.view(submissionId);
        const stage = next.stages.find((s) => s.stage === now.stage);
        // A stage that failed on our side is tried again after its pause, which nobody waits for here.
        if (next.stage === now.stage && next.state === 'running' && stage?.attempt === before) return next;
        if (stage?.state === 'pending') return next;
      }
    }
    return { run, drive };
  }

  return {
    ...database,
    platform,
    policy,
    products,
    models,
    uploads,
    publishers,
    publishing,
    review,
    reviewNeeds,
    /** Packages whose verdicts were asked to be forgotten. */
    retired,
    newService,
    member,
    publisher,
    modelPackage,
    product,
    edit,
    runner,
    stage: async (s: Pick<Submission, 'id'>, name: StageName) => {
      const found = (await publishing.view(s.id)).stages.find((x) => x.stage === name);
      assert.ok(found, `no stage ${name}`);
      return found;
    },
    /** Jobs that wait for a stage, with the pauses before them. */
    jobsOf: (submissionId: string) =>
      rows<{ stage: string; pauseMs: number }>(
        db,
        sql`select payload ->> 'stage' as stage, extract(epoch from run_at - created_at)::float8 * 1000 as "pauseMs"
          from graphile_worker._private_jobs where payload ->> 'submissionId' = ${submissionId} order by id`,
      ),
    eventsOf: async (subject: string) =>
      (
        await rows<{ type: string }>(db, sql`select type from outbox where subject = ${subject} order by id`)
      ).map((e) => e.type),
    historyOf: async (id: string) =>
      (
        await rows<{ event: string }>(
          db,
          sql`select event from submission_history where submission_id = ${id} order by id`,
        )
      ).map((h) => h.event),
    slotsOf: async (productId: string) => {
      const found = await row<{ preview: number | null; live: number | null }>(
        db,
        sql`select preview.number as preview, live.number as live from products p left join revisions preview on preview.id = p.preview_revision_id
          left join revisions live on live.id = p.live_revision_id where p.id = ${productId}`,
      );
      return [found?.preview ?? null, found?.live ?? null];
    },
    inTx: <T>(work: Parameters<typeof inTx<T>>[1]) => inTx(db, work),
  };
}

/** Something that a test opens when it wants the other side to go on. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
