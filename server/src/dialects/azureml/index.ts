import type { NewDataPlane } from '../../domains/gateway/index.ts';
import { newRrsPlane, Throttle } from './azureml.plane.ts';
import { newODataPlane } from './odata.plane.ts';

/** Calls of web services of one's own, over request-response and OData; both hold one throttle. */
export function azureMlPlanes(): NewDataPlane[] {
  const throttle = new Throttle();
  return [newRrsPlane(throttle), newODataPlane(throttle)];
}

export { type ControlNeeds, newAzureMlControl } from './azureml.control.ts';
export { addAzureMl } from './azureml.http.ts';
export { newBlobLinks } from './bes.blobs.ts';
