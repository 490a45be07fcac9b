import { useSearchParams } from 'react-router';
import { safeReturnTo } from './safe-path.ts';

export function useReturnTo(): string {
  const [parameters] = useSearchParams();
  return safeReturnTo(parameters.get('returnTo'));
}
