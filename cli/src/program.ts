import { Command, CommanderError, Option } from 'commander';
import { App } from './app.ts';
import { choice } from './command.ts';
import { accountCommands } from './commands/account.ts';
import { algorithmCommands } from './commands/algorithms.ts';
import { audienceCommands } from './commands/audience.ts';
import { auditCommands } from './commands/audit.ts';
import { callCommand } from './commands/call.ts';
import { catalogCommands } from './commands/catalog.ts';
import { codeCommands } from './commands/code.ts';
import { dataCommands } from './commands/data.ts';
import { deskCommandsIn } from './commands/desk.ts';
import { disputeCommands } from './commands/disputes.ts';
import { endpointCommands } from './commands/endpoints.ts';
import { feedbackCommands, moderationCommands } from './commands/feedback.ts';
import { fileCommands } from './commands/files.ts';
import { governanceCommands } from './commands/governance.ts';
import { imageCommands } from './commands/images.ts';
import { keyCommands } from './commands/keys.ts';
import { memberCommands } from './commands/members.ts';
import { modelCommands } from './commands/models.ts';
import { operatorCommands } from './commands/operator.ts';
import { planCodeCommands } from './commands/plans.ts';
import { priceCommands } from './commands/prices.ts';
import { productCommands } from './commands/products.ts';
import { publisherCommands } from './commands/publisher.ts';
import { removalCommands, takeDownCommands } from './commands/removals.ts';
import { roleCommands } from './commands/roles.ts';
import { runningCommands } from './commands/running-now.ts';
import { serverCommands } from './commands/servers.ts';
import { serviceCommands } from './commands/services.ts';
import { spendingCommands } from './commands/spending.ts';
import { submissionCommands } from './commands/submissions.ts';
import { subscriptionCommands } from './commands/subscriptions.ts';
import { trainingCommands } from './commands/training.ts';
import { transformCommands } from './commands/transforms.ts';
import { tuningCommands } from './commands/tuning.ts';
import { usageCommands } from './commands/usage.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { versionCommands } from './commands/versions.ts';
import { webServiceCommands } from './commands/webservices.ts';
import { demoRoles } from './credentials.ts';
import { asFailure, exitCodeOf, exitCodes } from './failure.ts';
import type { Host } from './host.ts';
import { styleFor } from './output/style.ts';
import type { GlobalOptions } from './settings.ts';

/** The whole tree; docs/cli.md is drawn from it too. */
export function buildProgram(app: App): Command {
  const program = new Command('souk')
    .description('Souk: a self-hosted marketplace for machine-learning products')
    .usage('<command> [options]')
    .addOption(new Option('--json', 'one JSON line per item on stdout'))
    .addOption(new Option('--url <url>', 'address of the Souk; else SOUK_URL, else where you signed in last'))
    .addOption(new Option('--key <key>', 'API key; else SOUK_API_KEY, else the one kept by sign-in'))
    .addOption(new Option('--account <id>', 'act as this one of the accounts you signed in to'))
    .addOption(choice('--as <role>', 'act as an account of the demo ($SOUK_DATA/demo.json)', demoRoles))
    .helpCommand('help [command]', 'Help for a command')
    .addHelpText('after', overview)
    .configureOutput({
      writeOut: (text) => void app.host.stdout.write(text),
      writeErr: (text) => void app.host.stderr.write(text),
      getOutHelpWidth: () => app.host.stdout.columns ?? 110,
      getErrHelpWidth: () => app.host.stderr.columns ?? 110,
      outputError: (text, write) => write(usageError(app, text)),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => styleFor(app.host.stdout, app.host.env)('bold', title),
    })
    .showHelpAfterError(app.host.argv.includes('--json') ? false : `  → ${usageRemedy}`)
    .exitOverride()
    .hook('preAction', (_, command) => app.configure(command.optsWithGlobals() as GlobalOptions));

  program.commandsGroup('Publish:');
  publisherCommands(program, app);
  modelCommands(program, app);
  imageCommands(program, app);
  algorithmCommands(program, app);
  productCommands(program, app);
  serviceCommands(program, app);
  submissionCommands(program, app);
  audienceCommands(program, app);
  planCodeCommands(program, app);
  priceCommands(program, app);
  removalCommands(program, app);
  disputeCommands(program, app);
  codeCommands(program, app);
  program.commandsGroup('Find and use:');
  catalogCommands(program, app);
  subscriptionCommands(program, app);
  versionCommands(program, app);
  runningCommands(program, app);
  trainingCommands(program, app);
  tuningCommands(program, app);
  dataCommands(program, app);
  usageCommands(program, app);
  callCommand(program, app);
  fileCommands(program, app);
  transformCommands(program, app);
  endpointCommands(program, app);
  webServiceCommands(program, app);
  verifyCommand(program, app);
  feedbackCommands(program, app);
  program.commandsGroup('Account:');
  accountCommands(program, app);
  keyCommands(program, app);
  memberCommands(program, app);
  governanceCommands(program, app);
  spendingCommands(program, app);
  auditCommands(program, app);
  roleCommands(program, app);
  program.commandsGroup('Operate:');
  operatorCommands(program, app);
  serverCommands(program, app);
  moderationCommands(program, app);
  takeDownCommands(program, app);
  program.commandsGroup('On your desk:');
  deskCommandsIn(program);
  versionCommand(program, app);
  return program;
}

const usageRemedy = 'Add --help for the options and examples.';

function usageError(app: App, text: string): string {
  const message = text.replace(/^error: /, '').trimEnd();
  if (!app.host.argv.includes('--json'))
    return `${styleFor(app.host.stderr, app.host.env)('red', 'error')} ${message}\n`;
  const said = {
    code: 'cli.usage',
    kind: 'invalid',
    message: message.replaceAll('\n', ' '),
    remedy: usageRemedy,
  };
  return `${JSON.stringify({ error: { ...said, findings: [], requestId: null } })}\n`;
}

const overview = `
Environment:
  SOUK_URL      address of the Souk (default http://127.0.0.1:4600)
  SOUK_DATA     folder that holds sign-ins and the demo's accounts (default: the nearest .souk above, else ./.souk)
  SOUK_API_KEY  key to act with

Exit codes:
  0 done   1 looked at and refused   ${Object.entries(exitCodes)
    .filter(([kind]) => kind !== 'refused')
    .map(([kind, code]) => `${code} ${kind}`)
    .join('   ')}

Examples:
  $ souk push examples/iris-classifier --as publisher && souk submit iris-classifier --as publisher
  $ souk search iris
  $ souk subscribe souk-examples/iris-classifier --plan free --accept-eula && souk call souk-examples/iris-classifier`;

/** For `plan` 2 says that something would change, so a mistake must not end with it. */
const codeOf = (host: Host, code: number) =>
  code === exitCodes.invalid && host.argv.includes('plan') ? exitCodes.refused : code;

/** One run from arguments to exit code. */
export async function run(host: Host): Promise<number> {
  const app = new App(host);
  const [first] = host.argv;
  // Not an option of the program: commands have a --version of their own.
  const argv = first === '--version' || first === '-V' ? ['version', ...host.argv.slice(1)] : host.argv;
  try {
    const program = buildProgram(app);
    await program.parseAsync([...(argv.length > 0 ? argv : ['--help'])], { from: 'user' });
    return app.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : codeOf(host, exitCodes.invalid);
    const failure = asFailure(error, host.signal);
    app.output.failure(failure);
    return codeOf(host, exitCodeOf(failure));
  }
}
