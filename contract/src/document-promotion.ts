import type { ProductDocument } from './document.ts';
import type { Findings } from './document-findings.ts';
import { limits } from './limits.ts';

export function promotion({ promotion: p = {} }: ProductDocument, found: Findings) {
  if (!p.logo)
    found.add(
      '/promotion/logo',
      'document.missing',
      'The logo is missing.',
      'Upload a PNG, JPEG or GIF, 120 to 640 pixels, 1:1 or 2:1.',
    );
  const keywords = p.keywords ?? [];
  found.count(keywords.length, '/promotion/keywords', 'keywords', limits.keywords);
  keywords.forEach((k, i) => {
    found.required(k, `/promotion/keywords/${i}`, 'The keyword');
    found.text(k, `/promotion/keywords/${i}`, 'The keyword', limits.keywords.chars);
  });
  const together = [...keywords.join('')].length;
  if (together > limits.keywords.charsTogether)
    found.add(
      '/promotion/keywords',
      'document.too_long',
      `The keywords have ${together} characters together; ${limits.keywords.charsTogether} are allowed.`,
      'Remove or shorten some.',
    );
  const links = p.links ?? [];
  found.count(links.length, '/promotion/links', 'links', limits.links);
  links.forEach((link, i) => {
    found.required(link.text, `/promotion/links/${i}/text`, 'The link’s text');
    found.text(link.text, `/promotion/links/${i}/text`, 'The link’s text', limits.links.textChars);
    found.required(link.url, `/promotion/links/${i}/url`, 'The link’s address');
    found.url(link.url, `/promotion/links/${i}/url`, 'The link’s address', limits.links.urlChars, false);
  });
  found.url(p.videoUrl, '/promotion/videoUrl', 'The video’s address', limits.urlChars);
  pictures(p, found);
}

function pictures(p: NonNullable<ProductDocument['promotion']>, found: Findings) {
  const images = p.images ?? [];
  found.count(images.length, '/promotion/images', 'images', limits.images);
  const seen = new Set(p.logo ? [p.logo.sha256] : []);
  images.forEach(({ image, alt }, i) => {
    const at = `/promotion/images/${i}`;
    if (!image)
      found.add(
        `${at}/image`,
        'document.missing',
        'The picture is missing.',
        'Upload a PNG, JPEG or GIF, or remove the entry.',
      );
    else if (seen.has(image.sha256))
      found.add(
        `${at}/image`,
        'document.duplicate_image',
        'The same picture is given twice.',
        'Remove one; the logo is shown anyway.',
      );
    if (image) seen.add(image.sha256);
    // Who cannot see a picture reads this; without it the picture says nothing to them.
    if (found.required(alt, `${at}/alt`, 'What the picture shows'))
      found.text(alt, `${at}/alt`, 'What the picture shows', limits.images.altChars);
  });
}
