import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const endpointQueries = {
  all: () => ['endpoints'] as const,
  list: () =>
    queryOptions({
      queryKey: ['endpoints', 'list'],
      queryFn: () => take(api.GET('/api/endpoints')),
      refetchInterval: 5000,
    }),
  endpoint: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', name],
      queryFn: () => take(api.GET('/api/endpoints/{name}', { params: { path: { name } } })),
      // What changes is watched closely.
      refetchInterval: ({ state: { data } }) =>
        data && (data.coming || data.state !== 'InService') ? 1000 : 4000,
    }),
  traffic: (name: string, minutes: number) =>
    queryOptions({
      queryKey: ['endpoints', name, 'traffic', minutes],
      queryFn: () =>
        take(api.GET('/api/endpoints/{name}/traffic', { params: { path: { name }, query: { minutes } } })),
      refetchInterval: 10_000,
      placeholderData: keepPreviousData,
    }),
  events: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', name, 'events'],
      queryFn: () => take(api.GET('/api/endpoints/{name}/events', { params: { path: { name } } })),
      refetchInterval: 5000,
    }),
  inferences: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', name, 'inferences'],
      queryFn: () => take(api.GET('/api/endpoints/{name}/inferences', { params: { path: { name } } })),
      refetchInterval: 5000,
    }),
  logs: (name: string) =>
    queryOptions({
      queryKey: ['endpoints', name, 'logs'],
      queryFn: () =>
        take(api.GET('/api/endpoints/{name}/logs', { params: { path: { name }, query: { limit: 300 } } })),
      refetchInterval: 3000,
    }),
};
