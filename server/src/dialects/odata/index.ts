export { newODataFace } from './face.ts';
export type {
  Execute,
  FaceAddress,
  FaceAnswer,
  FaceOperation,
  FaceSettings,
  ODataFace,
  Wanted,
} from './odata.ts';
