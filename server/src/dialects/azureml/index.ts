export { newRrsPlane } from './azureml.plane.ts';
