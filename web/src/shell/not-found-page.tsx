import { Button } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { Page } from '../components/page.tsx';
import { EmptyState } from '../components/states.tsx';

export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <Page title="Page not found">
      <EmptyState
        title="There is no page at this address"
        actions={
          <>
            <Button component={Link} to="/">
              Go to the catalogue
            </Button>
            <Button component={Link} to="/products" variant="default">
              Search products
            </Button>
          </>
        }
      >
        <span className="mono break">{pathname}</span>
      </EmptyState>
    </Page>
  );
}
