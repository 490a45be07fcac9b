import type { FastifyInstance } from 'fastify';
import { composeAlgorithms } from './compose-algorithms.ts';
import { composeBackends } from './compose-backends.ts';
import { composeData } from './compose-data.ts';
import { composeEndpoints } from './compose-endpoints.ts';
import { composeFiles } from './compose-files.ts';
import { governanceNeeds } from './compose-governance.ts';
import { composeImages } from './compose-images.ts';
import { composeInstances } from './compose-instances.ts';
import { composeLeaving } from './compose-leaving.ts';
import { type ComposedModels, composeModels } from './compose-models.ts';
import {
  feedbackNeeds,
  meteringNeeds,
  reviewNeeds,
  subscriptionOffer,
  withPublisher,
} from './compose-needs.ts';
import { composePlans } from './compose-plans.ts';
import { composeResources } from './compose-resources.ts';
import { composeServices } from './compose-services.ts';
import { stageNeeds } from './compose-stages.ts';
import { composeTraining } from './compose-training.ts';
import { composeTransforms, transformsWorkload } from './compose-transforms.ts';
import { composeVersions } from './compose-versions.ts';
import { composeWebServices } from './compose-webservices.ts';
import { accessRoutes, placeOf } from './domains/access/index.ts';
import { accountRoutes, newAccounts } from './domains/accounts/index.ts';
import { algorithmJobs, algorithmRoutes } from './domains/algorithms/index.ts';
import { audienceRoutes, newAudiences } from './domains/audiences/index.ts';
import { auditRoutes, newAudit } from './domains/audit/index.ts';
import { billingRoutes, newBilling } from './domains/billing/index.ts';
import { catalogJobs, catalogRoutes, newCatalog } from './domains/catalog/index.ts';
import { listingFindings, verifyEnvelope } from './domains/certification/index.ts';
import { feedbackRoutes, feedbackSubscribers, newFeedback } from './domains/feedback/index.ts';
import {
  type GovernanceService,
  governanceJobs,
  governanceRoutes,
  governanceSubscribers,
  newGovernance,
} from './domains/governance/index.ts';
import { leakRoutes, newLeaks } from './domains/leaks/index.ts';
import { meteringRoutes, newMetering } from './domains/metering/index.ts';
import { modelJobs, modelRoutes } from './domains/models/index.ts';
import { newNotificationsService, notificationRoutes } from './domains/notifications/index.ts';
import { newOperator, operatorRoutes } from './domains/operator/index.ts';
import { newPrices } from './domains/prices/index.ts';
import { newProducts, productRoutes } from './domains/products/index.ts';
import {
  newPublishersService,
  publisherJobs,
  publisherRoutes,
  publisherSubscribers,
} from './domains/publishers/index.ts';
import {
  newPublishing,
  newStages,
  publishingJobs,
  publishingRoutes,
  publishingSubscribers,
} from './domains/publishing/index.ts';
import {
  newReview,
  packageThing,
  reviewJobs,
  reviewRoutes,
  reviewSubscribers,
} from './domains/review/index.ts';
import { callModel, findDeployment, modelMetrics, stopUnusedDeployments } from './domains/runtime/index.ts';
import {
  newServedVersions,
  newServers,
  serverJobs,
  serverRoutes,
  serverSubscribers,
} from './domains/servers/index.ts';
import {
  newSubscriptions,
  subscriptionRoutes,
  subscriptionSubscribers,
} from './domains/subscriptions/index.ts';
import { newUploadsService, uploadJobs, uploadRoutes } from './domains/uploads/index.ts';
import { newEndpointKeyRevoker } from './domains/webservices/index.ts';
import { newAuthorizer } from './platform/authorize.ts';
import { openBlobs } from './platform/blobs-open.ts';
import { systemClock } from './platform/clock.ts';
import { type Config, folders } from './platform/config.ts';
import { openDatabase } from './platform/db.ts';
import { newEvents } from './platform/events.ts';
import type { Route } from './platform/http.ts';
import { type JobDefinition, type JobRunner, runJobs } from './platform/jobs.ts';
import { newLog } from './platform/log.ts';
import { newMailer } from './platform/mail.ts';
import { newMetrics } from './platform/metrics.ts';
import { openNotifications } from './platform/notify.ts';
import { addPages } from './platform/pages.ts';
import type { Platform } from './platform/platform.ts';
import { newSealer, ownKeys } from './platform/seal.ts';
import { buildServer } from './platform/server.ts';

export interface Souk {
  readonly app: FastifyInstance;
  readonly routes: readonly Route[];
  readonly platform: Platform;
  runJobs(processName: string): Promise<JobRunner>;
  createOperator(
    given: { email: string; password: string; name: string; accountName: string },
    onlyIfEmpty: boolean,
  ): Promise<{ accountId: string } | undefined>;
  close(): Promise<void>;
}

/** The only place where things are built and given to each other. Production and tests call the same. */
export async function compose(
  config: Config,
  databaseUrl: string,
  overrides: Partial<Pick<Platform, 'clock'>> = {},
): Promise<Souk> {
  const log = newLog('control', config.logLevel);
  const database = openDatabase(databaseUrl, log);
  const { db, pool } = database;
  const notifications = openNotifications(databaseUrl, log);
  const keys = ownKeys(config.dataDir, config.sealKeyHex);
  const metrics = newMetrics();
  const platform: Platform = {
    config,
    db,
    log,
    notifications,
    keys,
    metrics,
    clock: overrides.clock ?? systemClock,
    events: newEvents(),
    blobs: await openBlobs(config, 'blobs'),
    accountFiles: await openBlobs(config, 'files'),
    imageParts: await openBlobs(config, 'images'),
    authorizer: newAuthorizer(folders(config.dataDir).policies),
    sealer: newSealer(keys.seal),
  };

  const uploads = newUploadsService(platform);
  const policies = () => operator.policies();
  const lift: ComposedModels['lift'] = async (accountId, sha256, findings) =>
    (await review.lift(accountId, findings, (f) => packageThing(sha256, f.file))).findings;
  const images = await composeImages(platform, uploads, { lift }, policies);
  const servers = newServers(platform);
  const models = await composeModels(platform, uploads, images.service.find, policies, lift, servers);
  const algorithms = composeAlgorithms(platform, uploads, models, images.service.find, policies);
  const resources = composeResources(models, algorithms);
  const operator = newOperator(platform, models.scannerVersion);
  const files = composeFiles(platform, { uploads, operator });
  const publishers = newPublishersService(platform, {
    missingMedia: uploads.missingMedia,
    policies: operator.policies,
  });
  const documentContext = withPublisher(resources.documentContext, publishers.readiness, config);
  const hasPublisherProfile = async (accountId: string) =>
    (await publishers.find(db, accountId)) !== undefined;
  const products = newProducts(platform, {
    documentContext,
    hasPublisherProfile,
    listingFindings: listingFindings(uploads, db),
  });
  const appealNeeds = reviewNeeds(platform, models, algorithms, operator);
  const review = newReview(platform, appealNeeds);
  const publishing = newPublishing(platform, {
    ...products,
    review,
    isMember: appealNeeds.isMember,
    documentContext,
    stopUnused: stopUnusedDeployments,
  });
  const services = composeServices(platform);
  const stages = newStages(
    stageNeeds({
      platform,
      models,
      resources,
      operator,
      products,
      uploads,
      review,
      services: services.service,
      insideImage: images.service.inside,
      hasPublisherProfile,
      documentContext,
      goesLive: (...going) => leaving.goesLive(...going),
    }),
  );
  const catalog = newCatalog(platform, {
    policies: operator.policies,
    verifyStatement: (envelope) => verifyEnvelope(envelope, keys.signing.publicKeyPem).ok,
    callDeployment: async ({ productId, version, ...call }) => {
      const address = (await findDeployment(db, productId, version))?.addresses[0];
      if (!address) return null;
      const answer = await callModel(address, call);
      return {
        status: answer.status,
        contentType: answer.contentType,
        body: answer.body.toString('utf8'),
        durationMs: answer.durationMs,
      };
    },
  });
  const running = composeInstances(platform);
  const news = newNotificationsService(platform);
  const training = composeTraining(platform, {
    locations: files.locations,
    models: models.service,
    news,
    policies: operator.policies,
  });
  running.workloads.push(...training.workloads);
  running.workloads.push(transformsWorkload(platform));
  const endpoints = composeEndpoints(platform, { operator, locations: files.locations });
  running.workloads.push(endpoints.workload);
  const webServices = composeWebServices(platform, {
    endpoints: endpoints.service,
    locations: files.locations,
  });
  const plans = composePlans(platform, {
    catalog,
    admit: (...wanted) => governance.policy.admit(...wanted),
    news,
  });
  const subscriptions = newSubscriptions(platform, {
    offer: subscriptionOffer(catalog),
    ownsProduct: products.owns,
    running: running.instances.ofSubscription,
    admit: (...wanted) => governance.policy.admit(...wanted),
    ...plans.ofSubscriptions,
  });
  const metering = newMetering(platform, meteringNeeds(subscriptions, products));
  const prices = newPrices(platform, { policies: operator.policies });
  const billing = newBilling(platform, metering, {
    subscriptions: subscriptions.billed,
    prices: prices.ofAccount,
    terms: plans.plans.ofAccount,
  });
  const governance: GovernanceService = newGovernance(platform, governanceNeeds(catalog, billing));
  const feedback = newFeedback(platform, feedbackNeeds(catalog, products));
  const accounts = newAccounts(platform, { signUpPolicy: async () => (await operator.policies()).signUp });
  // Every domain that makes keys revokes them when somebody finds one: its revoker stands here.
  const leaks = newLeaks(platform, [
    accounts.keyRevoker(news.notify),
    newEndpointKeyRevoker(platform, news.notify),
  ]);
  const mailer = newMailer(platform);
  const transforms = composeTransforms(platform, {
    operator,
    locations: files.locations,
    meter: running.meter,
    metering,
    start: models.start,
    news,
  });
  const leaving = composeLeaving(platform, { operator, publishing, catalog, billing, prices, news });
  const versions = composeVersions(platform, { operator, news, subscriptions });

  const data = composeData(platform, { catalog, services: services.service, news });

  for (const subscriber of [
    catalog.subscriber,
    ...publishingSubscribers(platform, news.notify),
    ...reviewSubscribers(platform, news.notify, appealNeeds),
    ...publisherSubscribers(platform, news.notify),
    ...subscriptionSubscribers(platform, news.notify),
    ...versions.subscribers,
    ...running.subscribers,
    ...transforms.subscribers,
    ...feedbackSubscribers(platform, news.notify),
    ...leaving.subscribers,
    ...plans.subscribers,
    ...serverSubscribers(platform, news.notify),
    ...governanceSubscribers(platform, news.notify),
  ])
    platform.events.subscribe(subscriber);

  const routes: Route[] = [
    ...accountRoutes(accounts),
    ...leakRoutes(leaks),
    ...accessRoutes(platform.authorizer, () => routes),
    ...uploadRoutes(uploads, platform.blobs),
    ...files.routes,
    ...modelRoutes(models.service),
    ...algorithmRoutes(algorithms.service),
    ...images.routes,
    ...publisherRoutes(publishers),
    ...productRoutes(products),
    ...versions.routes,
    ...endpoints.routes,
    ...webServices.routes,
    ...audienceRoutes(newAudiences(platform)),
    ...publishingRoutes(publishing, products.owns, notifications),
    ...reviewRoutes(review),
    ...catalogRoutes(catalog),
    ...subscriptionRoutes(subscriptions),
    ...training.routes,
    ...running.routes,
    ...transforms.routes,
    ...plans.routes,
    ...meteringRoutes(metering),
    ...billingRoutes(billing),
    ...feedbackRoutes(feedback),
    ...leaving.routes,
    ...governanceRoutes(governance),
    ...operatorRoutes(operator),
    ...services.routes,
    ...data.routes,
    ...serverRoutes(servers, newServedVersions(platform, servers, models), composeBackends(platform)),
    ...auditRoutes(newAudit(platform)),
    ...notificationRoutes(news),
  ];
  const jobs: JobDefinition[] = [
    ...accounts.jobs,
    ...mailer.jobs,
    ...news.jobs,
    ...uploadJobs(uploads),
    ...files.jobs,
    ...publisherJobs(platform, news.notify),
    ...modelJobs(platform, models.check),
    ...algorithmJobs(platform, algorithms.check),
    ...images.jobs,
    ...publishingJobs(platform, { stages, arrivals: publishing.arrivals }),
    ...reviewJobs(platform, news.notify),
    ...catalogJobs(catalog),
    ...leaving.jobs,
    ...plans.jobs,
    ...governanceJobs(governance, log),
    ...versions.jobs,
    ...running.jobs,
    ...serverJobs(servers, log),
    ...endpoints.jobs,
    ...webServices.jobs,
    ...platform.events.jobs(db),
  ];

  const app = buildServer({
    routes,
    log,
    metrics,
    authorizer: platform.authorizer,
    placeOf: (caller, named) => placeOf(db, caller, named),
    authenticate: accounts.authenticate,
    bodySizeBytesMax: 4 * 1024 * 1024,
    origins: [new URL(config.publicUrl).origin],
    checkAnswers: config.checkAnswers,
  });
  addHealth(app, pool, metrics, () => modelMetrics(db));
  await webServices.addTo(app, accounts.authenticate);
  await addPages(app, config.publicUrl);

  return {
    app,
    routes,
    platform,
    runJobs: async (processName) => {
      await models.removeLeftovers();
      const runner = await runJobs(pool, { definitions: jobs, log, processName });
      const trainings = training.run(running.meter);
      const batches = transforms.run();
      const inferences = endpoints.run();
      const webServiceBatches = webServices.run();
      const watch = data.watch.run();
      return {
        stop: async () => {
          // A sample training takes minutes, and begins anew elsewhere: nobody waits for its end.
          algorithms.close();
          images.close();
          await Promise.all([
            webServiceBatches.stop(),
            batches.stop(),
            inferences.stop(),
            trainings.stop(),
            watch.stop(),
            runner.stop(),
          ]);
        },
      };
    },
    createOperator: (given, onlyIfEmpty) => accounts.createOperator(given, onlyIfEmpty),
    async close() {
      algorithms.close();
      images.close();
      models.close();
      await notifications.close();
      await database.close();
    },
  };
}

/** `/healthz`: this process is alive. `/readyz`: and it can do its work. */
function addHealth(
  app: FastifyInstance,
  pool: { query(text: string): Promise<unknown> },
  metrics: ReturnType<typeof newMetrics>,
  ofModels: () => Promise<string>,
) {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await pool.query('select 1');
      return { ok: true };
    } catch {
      return reply.code(503).send({ ok: false, part: 'database' });
    }
  });
  app.get('/metrics', async (_request, reply) =>
    reply
      .type('text/plain; version=0.0.4')
      .send(`${await metrics.registry.metrics()}\n${await ofModels().catch(() => '')}\n`),
  );
}
