import { azureMlPlanes } from './dialects/azureml/index.ts';
import { type GatewaySettings, type NewDataPlane, newDataServices } from './domains/gateway/index.ts';
import { newDescribedServices } from './gateway-described.ts';

/** What the gateway answers beside calls of products, in the order in which it asks them. The only wiring of its process. */
export function dataPlanes(settings: GatewaySettings): NewDataPlane[] {
  return [newDataServices(newDescribedServices(settings.sealKeyHex)), ...azureMlPlanes()];
}
