// Runs on whatever Node started npm (20 or later): installs what is missing, so that a clean clone needs no other step.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');
const bin = join(root, 'node_modules', '.bin');

/** The environment in which npm's tools and ours find the pinned Node first. */
export const environment = () => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  // onnxruntime reports to its maker from Linux by default, and reads this only from the environment it starts in.
  ORT_DISABLE_TELEMETRY: '1',
});

export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment(), ...options });
    child.once('error', (error) => resolve({ code: 127, error }));
    child.once('exit', (code, signal) => resolve({ code: code ?? 1, signal }));
  });
}

function capture(command, args, env = environment()) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (d) => (output += d));
    child.stderr.on('data', (d) => (output += d));
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('exit', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** `npm ci` when the lock file differs from the one that was installed. Development tools only where asked for. */
export async function installPackages(withDevelopment) {
  const wanted = `${createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')}`;
  const stamp = join(root, 'node_modules', '.souk-installed');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim().split(' ') : [];
  if (have[0] === wanted && (have[1] === 'all' || !withDevelopment) && existsSync(pinnedNode)) return false;
  say('installing packages (once; about a minute)');
  // onnxruntime-node's script would fetch CUDA libraries, which nothing here uses; its CPU binary is in the package.
  const env = {
    ...process.env,
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_loglevel: 'error',
  };
  // An environment that says "production" must not decide what the tests get.
  env.NODE_ENV = '';
  const args = ['ci', '--prefer-offline', ...(withDevelopment ? ['--include=dev'] : ['--omit=dev'])];
  const { code, output } = await capture('npm', args, env);
  if (code !== 0) {
    process.stderr.write(output);
    throw new Error(`npm ${args.join(' ')} failed; see above.`);
  }
  writeFileSync(stamp, `${wanted} ${withDevelopment ? 'all' : 'run'}\n`);
  return true;
}

/** Builds the web application when its sources are newer than what was built. */
export async function buildWeb() {
  const stamp = join(root, 'web', 'dist', '.built');
  const sources = digestOf([
    'web/src',
    'web/public',
    'web/index.html',
    'web/vite.config.ts',
    'web/package.json',
    'contract/src',
    'package-lock.json',
  ]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  say('building the web application');
  const { code, output } = await capture('npm', ['run', '--silent', 'build', '-w', 'web']);
  if (code !== 0) {
    process.stderr.write(output);
    throw new Error('the web application could not be built; see above.');
  }
  compressAssets(join(root, 'web', 'dist', 'assets'));
  writeFileSync(stamp, sources);
}

/** Beside each asset its compressed forms: they are compressed once here, not at each request. */
function compressAssets(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    const content = readFileSync(join(folder, name));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
    writeFileSync(
      join(folder, `${name}.br`),
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    );
  }
}

/** Tries to install the system parts; answers what is missing, in words with the command, or nothing. */
export async function systemParts(group) {
  const { code, output } = await capture('sh', ['scripts/system-deps.sh', group]);
  return code === 0 ? '' : output.trim();
}

export const say = (text) => process.stderr.write(`souk: ${text}\n`);

function digestOf(paths) {
  const hash = createHash('sha256');
  const walk = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) walk(join(path, name));
    else hash.update(path.slice(root.length)).update(readFileSync(path));
  };
  for (const path of paths) walk(join(root, path));
  return hash.digest('hex');
}
