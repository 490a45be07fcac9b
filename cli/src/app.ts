import { Client } from './client.ts';
import { misuse } from './failure.ts';
import type { Host } from './host.ts';
import { Output } from './output/output.ts';
import { type Address, type GlobalOptions, readAddress, readSettings, type Settings } from './settings.ts';

/** What every command works with. Settings are read once the options are known, before the command runs. */
export class App {
  readonly host: Host;
  output: Output;
  #settings: Settings | undefined;
  #client: Client | undefined;
  options: GlobalOptions = {};
  /** Of a run that ends well: `plan` tells with it that something would change. */
  exitCode = 0;

  constructor(host: Host) {
    this.host = host;
    this.output = new Output(host, host.argv.includes('--json'));
  }

  configure(options: GlobalOptions): void {
    this.options = options;
    this.output = new Output(this.host, options.json === true);
  }

  /** Where, without asking as whom: signing in must work with a key that is no longer good. */
  address(): Promise<Address> {
    return readAddress(this.host, this.options);
  }

  async settings(): Promise<Settings> {
    this.#settings ??= await readSettings(this.host, this.options);
    return this.#settings;
  }

  async client(): Promise<Client> {
    const { url, key, cookie } = await this.settings();
    this.#client ??= new Client({ url, key, cookie, signal: this.host.signal });
    return this.#client;
  }
}

/** `publisher/product`, as in the product page's address. */
export function productAddress(text: string): { publisher: string; product: string } {
  const [publisher, product, ...rest] = text.replace(/^https?:\/\/[^/]+\/products\//, '').split('/');
  if (!publisher || !product || rest.length > 0)
    throw misuse(`${text} is not a product of the catalogue.`, 'Write it as publisher/product.');
  return { publisher, product };
}
