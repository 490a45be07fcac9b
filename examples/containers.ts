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
  save(demo);
  show(demo);
  return 0;
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
