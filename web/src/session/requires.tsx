import { Navigate, Outlet, useLocation } from 'react-router';
import { Page } from '../components/page.tsx';
import { ErrorState, LoadingLines } from '../components/states.tsx';
import { ForbiddenPage } from '../shell/forbidden-page.tsx';
import { type Action, useSession } from './session.ts';

/** Lets members with the permission through; asks visitors to sign in and brings them back afterwards. */
export function Requires({ anyOf }: { anyOf: readonly Action[] | null }) {
  const { isPending, error, signedIn, may } = useSession();
  const location = useLocation();
  if (isPending) return <LoadingLines />;
  if (error)
    return (
      <Page title="Not reachable">
        <ErrorState error={error} />
      </Page>
    );
  if (!signedIn) {
    const returnTo = location.pathname + location.search + location.hash;
    return <Navigate to={`/sign-in?returnTo=${encodeURIComponent(returnTo)}`} replace />;
  }
  if (anyOf && !anyOf.some(may)) return <ForbiddenPage actions={anyOf} />;
  return <Outlet />;
}
