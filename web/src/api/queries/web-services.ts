import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import { queryClient } from '../query-client.ts';

export const webServiceQueries = {
  all: () => ['web-services'] as const,
  list: () =>
    queryOptions({
      queryKey: ['web-services', 'list'],
      queryFn: () => take(api.GET('/api/web-services')),
      refetchInterval: 5000,
    }),
  service: (service: string) =>
    queryOptions({
      queryKey: ['web-services', service],
      queryFn: () => take(api.GET('/api/web-services/{service}', { params: { path: { service } } })),
      refetchInterval: ({ state: { data } }) => (data?.state === 'Provisioning' ? 1500 : 10_000),
    }),
  traffic: (service: string, minutes: number) =>
    queryOptions({
      queryKey: ['web-services', service, 'traffic', minutes],
      queryFn: () =>
        take(
          api.GET('/api/web-services/{service}/traffic', {
            params: { path: { service }, query: { minutes } },
          }),
        ),
      refetchInterval: 10_000,
      placeholderData: keepPreviousData,
    }),
  jobs: (service: string, endpoint: string) =>
    queryOptions({
      queryKey: ['web-services', service, 'jobs', endpoint],
      queryFn: () =>
        take(
          api.GET('/api/web-services/{service}/endpoints/{endpoint}/jobs', {
            params: { path: { service, endpoint } },
          }),
        ),
      refetchInterval: 5000,
    }),
  log: (service: string, endpoint: string) =>
    queryOptions({
      queryKey: ['web-services', service, 'log', endpoint],
      queryFn: () =>
        take(
          api.GET('/api/web-services/{service}/endpoints/{endpoint}/log', {
            params: { path: { service, endpoint } },
          }),
        ),
      refetchInterval: 5000,
    }),
};

export const webServiceChanged = (service: string) =>
  queryClient.invalidateQueries({ queryKey: webServiceQueries.service(service).queryKey });
