import type { Finding } from '@souk/contract/findings';
import { limits } from '@souk/contract/limits';
import { type FindingCode, found } from '../rules.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';

export type PictureOptions = {
  /** The name that the file was given; may mislead. */
  readonly fileName?: string | undefined;
  readonly pointer?: string | undefined;
};

const extensions = { png: ['png'], jpeg: ['jpg', 'jpeg'], gif: ['gif'] } as const;
/** A pixel more or less in a ratio is rounding. */
const ratioSlack = 0.01;

export type ReadPicture = { readonly image: ImageHeader | null; readonly findings: Finding[] };

/**
 * What keeps a file from being any picture of a listing, read from its structure alone: nothing is unpacked before its stated
 * size is known to be small. Said when a file is sent, and by `souk check` on a desk.
 */
export function readPicture(bytes: Buffer, options: PictureOptions = {}): ReadPicture {
  const say = sayer(options);
  const refuse = (code: FindingCode, message: string) => ({ image: null, findings: [say(code, message)] });
  if (bytes.length > limits.mediaBytes)
    return refuse(
      'image.too_large',
      `The picture has ${(bytes.length / 2 ** 20).toFixed(1)} MB; at most ${limits.mediaBytes / 2 ** 20} MB are accepted.`,
    );
  const read = readImageHeader(bytes);
  if (!read.ok) {
    if (read.reason === 'damaged') return refuse('image.damaged', 'The picture is damaged or cut short.');
    if (read.reason === 'svg') return refuse('image.svg', 'The file is an SVG drawing.');
    return refuse('image.type_unsupported', 'The file’s content is not PNG, JPEG or GIF.');
  }
  const { type, width, height, animated, cmyk } = read.image;
  const { sideMax } = limits.images;
  if (width === 0 || height === 0) return refuse('image.damaged', 'The picture has no pixels.');
  if (width > sideMax || height > sideMax)
    return refuse(
      'image.too_many_pixels',
      `The picture states ${width} by ${height} pixels; a side may have ${sideMax} at most.`,
    );
  if (animated) return refuse('image.animated', `The ${type.toUpperCase()} is animated.`);
  if (cmyk) return refuse('image.cmyk', 'The JPEG’s colours are CMYK.');
  const extension = /\.([a-z0-9]+)$/i.exec(options.fileName ?? '')?.[1]?.toLowerCase();
  const misleads = extension !== undefined && !(extensions[type] as readonly string[]).includes(extension);
  return {
    image: read.image,
    findings: misleads
      ? [say('image.name_misleads', `The file is named .${extension} but holds a ${type.toUpperCase()}.`)]
      : [],
  };
}

export type Shape = {
  readonly width: number;
  readonly height: number;
  /** Undecided where nobody unpacked it. */
  readonly ground: 'clear' | 'coloured' | 'undecided';
};

/** What a picture must be like to be a logo. */
export function logoShapeFindings({ width, height, ground }: Shape, options: PictureOptions): Finding[] {
  const say = sayer(options);
  const { sideMin, sideMax } = limits.logo;
  const findings: Finding[] = [];
  if (!fitsLogo({ width, height }))
    findings.push(
      say(
        'logo.dimensions',
        `The logo is ${width} by ${height} pixels; each side must have ${sideMin} to ${sideMax}.`,
      ),
    );
  const ratio = width / height;
  if (Math.abs(ratio - 1) > ratioSlack && Math.abs(ratio - 2) > 2 * ratioSlack)
    findings.push(say('logo.ratio', `The logo is ${width} by ${height} pixels, neither 1:1 nor 2:1.`));
  if (findings.some((f) => f.code === 'logo.dimensions')) return findings;
  if (ground === 'coloured')
    findings.push(say('logo.background', 'The logo’s outer edge is neither transparent nor white.'));
  if (ground === 'undecided')
    findings.push(
      say(
        'logo.background_undecided',
        'Whether the ground is white or transparent is decided when the picture is sent.',
      ),
    );
  return findings;
}

export const fitsLogo = ({ width, height }: Pick<Shape, 'width' | 'height'>) =>
  [width, height].every((side) => side >= limits.logo.sideMin && side <= limits.logo.sideMax);

/** What a picture must be like to be shown large on the product page. */
export function imageShapeFindings(
  { width, height }: Pick<Shape, 'width' | 'height'>,
  options: PictureOptions,
): Finding[] {
  const { sideMin } = limits.images;
  if (Math.min(width, height) >= sideMin) return [];
  const message = `The picture is ${width} by ${height} pixels; each side must have at least ${sideMin}.`;
  return [sayer(options)('image.dimensions', message)];
}

const sayer =
  ({ fileName, pointer }: PictureOptions) =>
  (code: FindingCode, message: string): Finding =>
    found(code, { message, file: fileName ?? null, pointer: pointer ?? null });
