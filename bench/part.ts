// One part of the benchmark as a process of its own: `node bench/part.ts NAME` prints its rows as one line of JSON.
import { parts } from './parts.ts';

const part = parts.find((p) => p.name === process.argv[2]);
if (!part) throw new Error(`parts: ${parts.map((p) => p.name).join(', ')}`);
const rows = await (await part.load()).run();
process.stdout.write(`${JSON.stringify(rows)}\n`, () => process.exit(0));
