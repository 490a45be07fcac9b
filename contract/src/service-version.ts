import type { ProductDocument, Version } from './document.ts';

/** A web service is sold as it is: its one version stands in the addresses of calls, and in no document. */
export const serviceVersion = 'v1';

/** The versions of a product, whatever its type. */
export const versionsIn = ({ versions = [], service }: ProductDocument): readonly Version[] =>
  versions.length === 0 && service ? [{ number: serviceVersion, state: 'listed' }] : versions;
