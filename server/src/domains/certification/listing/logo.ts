import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import { fitsLogo, logoShapeFindings, type PictureOptions, readPicture } from './pictures.ts';
import { pngGround } from './png-border.ts';

/** Everything that is wrong with a logo's file. The picture is unpacked only when its stated size is within the limits. */
export function logoFindings(bytes: Buffer, options: PictureOptions = {}): Finding[] {
  const { image, findings } = readPicture(bytes, options);
  if (image === null) return findings;
  const ground = image.type === 'png' && fitsLogo(image) ? pngGround(bytes) : 'undecided';
  if (ground === 'damaged')
    return [
      ...findings,
      found('image.damaged', {
        message: 'The picture’s data are damaged.',
        file: options.fileName ?? null,
        pointer: options.pointer ?? null,
      }),
    ];
  return [...findings, ...logoShapeFindings({ ...image, ground }, options)];
}
