import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from './odata.failure.ts';

/**
 * Where the next page begins, as text that only this service can make: the place with a seal over it and over the query it belongs to. So
 * nothing is kept between pages, any gateway answers the next, and a token of another query is refused.
 */
export interface Paging {
  write(query: string, position: number): string;
  read(query: string, token: string): number;
}

const sealLength = 16;

export function newPaging(secret: string): Paging {
  const seal = (query: string, place: Buffer) =>
    createHmac('sha256', secret).update(place).update(query).digest().subarray(0, sealLength);
  return {
    write(query, position) {
      const place = Buffer.alloc(8);
      place.writeBigUInt64BE(BigInt(position));
      return Buffer.concat([place, seal(query, place)]).toString('base64url');
    },
    read(query, token) {
      const given = /^[\w-]{32}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
      const place = given.subarray(0, 8);
      if (given.length !== 8 + sealLength || !timingSafeEqual(given.subarray(8), seal(query, place)))
        refuse(
          'odata.skiptoken',
          'This $skiptoken was not made for this query; follow @odata.nextLink as it is',
          '$skiptoken',
        );
      return Number(place.readBigUInt64BE());
    },
  };
}
