import { newRrsPlane } from './dialects/azureml/index.ts';
import { type GatewaySettings, type NewDataPlane, newDataServices } from './domains/gateway/index.ts';

/** What the gateway answers beside calls of products, in the order in which it asks them. The only wiring of its process. */
export function dataPlanes(_settings: GatewaySettings): NewDataPlane[] {
  return [newDataServices, newRrsPlane()];
}
