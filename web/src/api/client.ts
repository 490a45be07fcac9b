import createClient from 'openapi-fetch';
import { toApiError } from './errors.ts';
import type { paths } from './schema.gen.ts';

/** Typed by the server's OpenAPI document; `npm run generate` draws it anew. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });

type Answer<T> = Promise<
  { data: T; error?: never; response: Response } | { data?: never; error: unknown; response: Response }
>;

/** The answer's content, or an ApiError. */
export async function take<T>(answer: Answer<T>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw toApiError(response.status, error);
  return data as T;
}
