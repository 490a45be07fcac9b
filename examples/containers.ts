import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, cannotBuild, type ImageName } from './container-images/build.ts';
import { type Ask, registerForest, registerIris } from './container-images/register.ts';
import {
  call,
  type Demo,
  finished,
  type Offered,
  publish,
  publisherSlug,
  root,
  saveTo,
  send,
  show,
  souk,
  subscribe,
  url,
} from './demo-client.ts';

/**
 * npm run examples -- containers: builds the two examples that run in containers, and publishes them into the demonstration that
 * `npm start` runs, with the command line and the API like everybody. What is done already is not done again.
 */
const iris: Offered = {
  folder: 'examples/iris-container',
  slug: 'iris-container',
  plan: 'free',
  path: '/invocations',
  sample: 'sample-input.json',
  contentType: 'application/json',
};
const forest = { folder: 'examples/forest-algorithm', slug: 'forest-algorithm', plan: 'free' };

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const missing = whatIsMissing();
  if (missing) {
    say(missing);
    return 1;
  }
  if (!existsSync(finished)) {
    say(
      `There is no demonstration yet (${finished}). Run \`npm start\` in another terminal until it says that Souk is ready.`,
    );
    return 1;
  }
  if (!(await answers())) {
    say(`Souk does not answer at ${url}. Run \`npm start\` in another terminal, or set SOUK_URL.`);
    return 1;
  }
  const demo = JSON.parse(readFileSync(finished, 'utf8')) as Demo;
  const save = saveTo(finished);
  const ask = askAs(demo);

  await registerIris(ask, await pushed(demo, 'iris-container'));
  say('publishing iris-container');
  await publish(demo, iris);
  await call(demo, await subscribe(demo, iris), iris, save);

  await registerForest(ask, await pushed(demo, 'forest-algorithm'));
  say('publishing forest-algorithm');
  await publish(demo, forest);
  await subscribe(demo, forest);
  for (const job of jobs(demo, await instanceType(ask))) {
    await once(demo, job);
    demo.calls = [
      ...demo.calls.filter((c) => c.product !== job.product || c.type !== job.type),
      // A name of its own at each paste: a job is never done twice under one.
      { product: job.product, type: job.type, command: shown(job.args(`"${job.type}-$(date +%s)"`)) },
    ];
    save(demo);
  }
  show(demo);
  return 0;
}

interface Job {
  readonly product: string;
  readonly type: 'training' | 'batch';
  readonly file: readonly [path: string, target: string];
  readonly known: string;
  args(name: string): string[];
}

/** What a buyer does with them: trains a forest with a table, and has a file of flowers named. */
function jobs({ buyer }: Demo, type: string): Job[] {
  const files = `souk://${buyer.accountId}`;
  return [
    {
      product: `${publisherSlug}/forest-algorithm`,
      type: 'training',
      file: ['examples/forest-algorithm/sample-train.csv', 'forest/'],
      known: '/api/training-jobs/forest-demo',
      args: (name) => [
        ...['training', 'create', name, `${publisherSlug}/forest-algorithm`],
        ...['--channel', `train=${files}/forest/`, '--instance-type', type, '--set', 'n_estimators=60'],
      ],
    },
    {
      product: `${publisherSlug}/iris-container`,
      type: 'batch',
      file: ['examples/iris-container/sample-input.csv', 'iris/in/'],
      known: '/api/transform-jobs/iris-demo',
      args: (name) => [
        ...['transforms', 'create', `${publisherSlug}/iris-container`, '--name', name],
        ...['--input', 'iris/in/', '--output', 'iris/out/', '--content-type', 'text/csv'],
        ...['--instance-type', type, '--split', 'Line'],
      ],
    },
  ];
}

async function once({ buyer }: Demo, { type, file, known, args }: Job) {
  const done = await send('GET', known, undefined, { authorization: `Bearer ${buyer.apiKey}` });
  if (done.status === 200) return;
  say(type === 'training' ? 'training a forest, as the buyer' : 'running a batch, as the buyer');
  await souk(buyer, ['files', 'push', ...file, '--replace']);
  await souk(buyer, args(known.split('/').at(-1) ?? ''));
}

const shown = (args: readonly string[]) => `npx souk ${args.join(' ')} --as buyer`;

async function instanceType(ask: Ask): Promise<string> {
  const { body } = await ask('GET', '/api/instance-types');
  const enabled = (body as { items: { name: string; enabled: boolean }[] }).items.filter((t) => t.enabled);
  const [first] = enabled;
  if (!first) throw new Error('this marketplace has no instance type');
  return enabled.find((t) => t.name === 'ml.m5.large')?.name ?? first.name;
}

/** Everything at once, so that nobody installs one thing only to hear of the next. */
function whatIsMissing(): string | undefined {
  const has = (command: string) =>
    spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${command}`]).status === 0;
  const packages = [
    ...(has('debootstrap') ? [] : ['debootstrap']),
    ...(has('podman') ? [] : ['podman']),
    ...(has('runc') ? [] : ['runc']),
  ];
  if (packages.length > 0)
    return `${packages.join(' and ')} ${packages.length > 1 ? 'are' : 'is'} missing. Install: apt-get install --no-install-recommends ${packages.join(' ')}`;
  return cannotBuild();
}

const answers = () =>
  fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );

/** Builds the image and has the marketplace keep it; its digest there. */
async function pushed(demo: Demo, name: ImageName): Promise<string> {
  const { file, digest } = await buildImage(name, say);
  const known = await askAs(demo)('GET', `/api/images/${digest}`);
  if (known.status === 200 && (known.body as { status: string }).status === 'Completed') return digest;
  say(`pushing the image of ${name}; its layers are looked at`);
  await souk(demo.publisher, ['images', 'push', file, '--name', `${name}:1.0.0`]);
  return digest;
}

const askAs =
  ({ publisher }: Demo): Ask =>
  async (method, path, body) => {
    const headers = { authorization: `Bearer ${publisher.apiKey}` };
    if (!(body instanceof Uint8Array)) return send(method, path, body, headers);
    const answer = await fetch(url + path, {
      method,
      headers: { ...headers, origin: url, 'content-type': 'application/octet-stream' },
      body: Buffer.from(body),
    });
    return { status: answer.status, body: await answer.json() };
  };

try {
  process.exitCode = await main();
} catch (error) {
  say((error as Error).message);
  say(`What is done stays; run it again to go on (${join(root, 'examples/containers.ts')}).`);
  process.exitCode = 1;
}
