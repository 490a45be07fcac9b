import type { ProductDocument, Version } from '@souk/contract';
import type { Finding } from '@souk/contract/findings';
import { type ListingText, linkFindings, textFindings } from './listing-text.ts';

type Side = NonNullable<Version['input']>;

/** Every text and address of a listing that people read or follow, each in its form. Those of plans are with the document’s rules. */
export function listingTextFindings(document: ProductDocument): Finding[] {
  const texts: ListingText[] = [];
  const links: { url: string; pointer: string }[] = [];
  const add = (pointer: string, text: string | undefined | null, form: ListingText['form']) => {
    if (text) texts.push({ pointer, text, form });
  };
  const follow = (pointer: string, url: string | undefined | null) => {
    if (url) links.push({ pointer, url });
  };
  const { listing = {}, promotion = {}, support = {}, terms = {}, versions = [] } = document;
  add('/listing/title', listing.title, 'plain');
  add('/listing/shortDescription', listing.shortDescription, 'plain');
  add('/listing/longDescription', listing.longDescription, 'markdown');
  for (const [i, h] of (listing.highlights ?? []).entries()) add(`/listing/highlights/${i}`, h, 'plain');
  for (const [i, k] of (promotion.keywords ?? []).entries()) add(`/promotion/keywords/${i}`, k, 'plain');
  for (const [i, p] of (promotion.images ?? []).entries()) add(`/promotion/images/${i}/alt`, p.alt, 'plain');
  for (const [i, l] of (promotion.links ?? []).entries()) {
    add(`/promotion/links/${i}/text`, l.text, 'plain');
    follow(`/promotion/links/${i}/url`, l.url);
  }
  follow('/promotion/videoUrl', promotion.videoUrl);
  add('/support/description', support.description, 'markdown');
  follow('/support/url', support.url);
  add('/terms/eula', terms.eula, 'document');
  add('/terms/refundPolicy', terms.refundPolicy, 'plain');
  const side = (at: string, s: Side = {}) => {
    add(`${at}/description`, s.description, 'markdown');
    add(`${at}/limitations`, s.limitations, 'markdown');
    for (const [i, f] of (s.formats ?? []).entries())
      add(`${at}/formats/${i}/description`, f.description, 'markdown');
    for (const list of ['parameters', 'customAttributes'] as const)
      for (const [i, p] of (s[list] ?? []).entries()) {
        add(`${at}/${list}/${i}/name`, p.name, 'plain');
        add(`${at}/${list}/${i}/description`, p.description, 'plain');
        add(`${at}/${list}/${i}/constraints`, p.constraints, 'plain');
      }
  };
  for (const [i, v] of versions.entries()) {
    const at = `/versions/${i}`;
    add(`${at}/releaseNotes`, v.releaseNotes, 'markdown');
    add(`${at}/usageInstructions`, v.usageInstructions, 'markdown');
    side(`${at}/input`, v.input);
    side(`${at}/output`, v.output);
    follow(`${at}/notebookUrl`, v.notebookUrl);
    follow(`${at}/repositoryUrl`, v.repositoryUrl);
  }
  return [...textFindings(texts), ...linkFindings(links)];
}
