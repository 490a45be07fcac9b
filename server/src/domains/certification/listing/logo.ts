import type { Finding } from '@souk/contract/findings';
import { type FindingCode, found } from '../rules.ts';
import { readImageHeader } from './image-header.ts';
import { pngGround } from './png-border.ts';

/** Limits for product logos; reference, section 1.2. */
export const logoBytesMax = 5 * 2 ** 20;
const sideMin = 120;
const sideMax = 640;
/** A pixel more or less in a ratio is rounding. */
const ratioSlack = 0.01;

export type LogoOptions = {
  /** The name that the file was given; may mislead. */
  readonly fileName?: string;
  readonly pointer?: string;
};

const extensions = { png: ['png'], jpeg: ['jpg', 'jpeg'], gif: ['gif'] } as const;

/** Everything that is wrong with a logo. The picture is unpacked only when its stated size is within the limits. */
export function logoFindings(bytes: Buffer, options: LogoOptions = {}): Finding[] {
  const say = (code: FindingCode, message: string): Finding =>
    found(code, { message, file: options.fileName ?? null, pointer: options.pointer ?? null });
  if (bytes.length > logoBytesMax)
    return [
      say(
        'logo.too_large',
        `The logo has ${(bytes.length / 2 ** 20).toFixed(1)} MB; at most 5 MB are accepted.`,
      ),
    ];
  const read = readImageHeader(bytes);
  if (!read.ok)
    return read.reason === 'damaged'
      ? [say('logo.damaged', 'The logo is damaged or cut short.')]
      : [say('logo.type_unsupported', 'The logo’s content is not PNG, JPEG or GIF.')];
  const { type, width, height } = read.image;
  const findings: Finding[] = [];
  const extension = /\.([a-z0-9]+)$/i.exec(options.fileName ?? '')?.[1]?.toLowerCase();
  if (extension !== undefined && !(extensions[type] as readonly string[]).includes(extension))
    findings.push(
      say('logo.name_misleads', `The file is named .${extension} but holds a ${type.toUpperCase()}.`),
    );
  const fits = [width, height].every((side) => side >= sideMin && side <= sideMax);
  if (!fits)
    findings.push(
      say(
        'logo.dimensions',
        `The logo is ${width} by ${height} pixels; each side must have ${sideMin} to ${sideMax}.`,
      ),
    );
  const ratio = height === 0 ? 0 : width / height;
  if (Math.abs(ratio - 1) > ratioSlack && Math.abs(ratio - 2) > 2 * ratioSlack)
    findings.push(say('logo.ratio', `The logo is ${width} by ${height} pixels, neither 1:1 nor 2:1.`));
  if (!fits) return findings;
  if (type !== 'png') {
    const message = `Whether the ground of this ${type.toUpperCase()} is white or transparent is left to a person.`;
    return [...findings, say('logo.background_undecided', message)];
  }
  const ground = pngGround(bytes);
  if (ground === 'damaged') findings.push(say('logo.damaged', 'The logo’s picture data are damaged.'));
  if (ground === 'coloured')
    findings.push(say('logo.background', 'The logo’s outer edge is neither transparent nor white.'));
  if (ground === 'undecided')
    findings.push(say('logo.background_undecided', 'The ground of this kind of PNG is left to a person.'));
  return findings;
}
