// Vendure's shop API over a database of its own: `node server.mjs DATABASE_URL PORT` makes the tables and what a shop starts with,
// says when it listens, and ends with its standard input.
import { bootstrap, DefaultLogger, LogLevel } from '@vendure/core';

const url = new URL(process.argv[2] ?? '');
const port = Number(process.argv[3]);
await bootstrap({
  apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: { tokenMethod: 'bearer' },
  dbConnectionOptions: {
    type: 'postgres',
    host: url.hostname,
    port: Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    synchronize: true,
    logging: false,
  },
  paymentOptions: { paymentMethodHandlers: [] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
});
process.stdout.write(`${JSON.stringify({ port })}\n`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
