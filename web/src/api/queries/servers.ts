import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const serverQueries = {
  all: () =>
    queryOptions({
      queryKey: ['operate', 'servers'],
      queryFn: () => take(api.GET('/api/operator/servers')),
      refetchInterval: 15_000,
    }),
  backends: () =>
    queryOptions({
      queryKey: ['operate', 'backends'],
      queryFn: () => take(api.GET('/api/operator/backends')),
    }),
};
