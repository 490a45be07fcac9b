import { fileURLToPath } from 'node:url';
import type { GatewaySettings } from './gateway.ts';

/** How the gateway is started as a process: by `serve`, by tests, by measurements. */
export function gatewayProcess(settings: GatewaySettings) {
  return {
    command: fileURLToPath(new URL('../../../../node_modules/.bin/bun', import.meta.url)),
    // Queries of OData may be long; the runtimes' own limit is 16 kB for all headers.
    args: [
      '--max-http-header-size=131072',
      fileURLToPath(new URL('../../gateway.main.ts', import.meta.url)),
      '--exit-with-parent',
    ],
    env: {
      SOUK_GATEWAY: JSON.stringify(settings),
      // Bun sends 256 requests at a time and lets the others wait: that many open pages with live status would stop all calls.
      BUN_CONFIG_MAX_HTTP_REQUESTS: '20000',
    },
  };
}
