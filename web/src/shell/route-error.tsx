import { Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import { Page } from '../components/page.tsx';
import { EmptyState, ErrorState } from '../components/states.tsx';

/** A page that broke takes only itself down: header and navigation stay. */
export function RouteError() {
  const error = useRouteError();
  // After an upgrade of the server the files that this tab knows are gone.
  if (error instanceof TypeError && /dynamically imported module|Importing a module/i.test(error.message))
    return (
      <Page title="New version">
        <EmptyState
          title="Souk was upgraded since this page was opened"
          actions={<Button onClick={() => window.location.reload()}>Load the new version</Button>}
        />
      </Page>
    );
  return (
    <Page title="This page broke">
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    </Page>
  );
}
