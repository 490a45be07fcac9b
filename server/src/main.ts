import { spawn } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from './platform/config.ts';

/** Reads the arguments and the environment, once; nothing else does. */
const usage = `usage: node server/src/main.ts <command>

  serve [--beside SCRIPT]... [--after SCRIPT]   PostgreSQL, gateway, control plane and models on this machine; the first SCRIPTs
                             run as long as it does, the last one before it says that it is ready
  migrate                    bring the database's schema up to date
  doctor                     compare this installation with what it should be
  backup FILE [--without-keys]   everything that cannot be made again, into one archive, while Souk runs
  restore FILE               a backup into the (new) data folder
  create-operator            make the account that runs the marketplace (password on standard input)
  check PATH... [--json]     the rules of certification, on your desk
  verify PATH                a package against its signed statement
  serve-model PATH...        the model server alone, on your desk
`;

// Without types and compiled, once: the next start takes half the time.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/souk', import.meta.url)));

const [command = '', ...rest] = process.argv.slice(2);

/** Commands that are processes of their own: another runtime, or no database. */
const separate: Readonly<Record<string, { runtime: 'node' | 'bun'; file: string }>> = {
  check: { runtime: 'node', file: './domains/certification/check.main.ts' },
  verify: { runtime: 'node', file: './domains/certification/verify.main.ts' },
  'serve-model': { runtime: 'bun', file: './domains/runtime/serve-model.main.ts' },
};

async function main(): Promise<number> {
  const other = separate[command];
  if (other) return passOn(other.runtime, other.file);
  const config = readConfig(process.env);
  switch (command) {
    case 'serve': {
      const { values } = parseArgs({
        args: rest,
        options: { after: { type: 'string' }, beside: { type: 'string', multiple: true } },
      });
      const { serve } = await import('./serve.ts');
      return serve(config, { env: process.env, after: values.after, beside: values.beside ?? [] });
    }
    case 'control': {
      const { serveControlPlane } = await import('./control-plane.ts');
      return serveControlPlane(config, Number(process.env.SOUK_CONTROL_PORT));
    }
    case 'migrate': {
      const { migrateCommand } = await import('./commands.ts');
      return migrateCommand(config);
    }
    case 'doctor': {
      const { doctorCommand } = await import('./commands.ts');
      return doctorCommand(config);
    }
    case 'backup': {
      const { values, positionals } = parseArgs({
        args: rest,
        options: { 'without-keys': { type: 'boolean' } },
        allowPositionals: true,
      });
      const { backupCommand } = await import('./commands.ts');
      return backupCommand(config, positionals[0], !values['without-keys']);
    }
    case 'restore': {
      const { restoreCommand } = await import('./commands.ts');
      return restoreCommand(config, rest[0]);
    }
    case 'create-operator': {
      const { values } = parseArgs({
        args: rest,
        options: {
          email: { type: 'string' },
          name: { type: 'string' },
          account: { type: 'string' },
          'if-empty': { type: 'boolean' },
        },
      });
      const { createOperatorCommand } = await import('./commands.ts');
      return createOperatorCommand(config, values);
    }
    default:
      process.stderr.write(usage);
      return command === '' || command === 'help' || command === '--help' ? 0 : 2;
  }
}

function passOn(runtime: 'node' | 'bun', file: string): Promise<number> {
  const bun = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url));
  const child = spawn(
    runtime === 'bun' ? bun : process.execPath,
    [fileURLToPath(new URL(file, import.meta.url)), ...rest],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main();
  // These two have ended everything in order; a library's forgotten timer must not keep them.
  if (command === 'serve' || command === 'control') process.exit();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`souk: ${error.message}\n`);
  process.exitCode = 2;
}
