import type { Question } from '../../api/types.ts';
import { Badge } from '../../components/status-badge.tsx';

/** Whom a question waits for; a word of its own, since an open one waits for the publisher. */
export function questionState(q: Question, received: boolean) {
  if (q.hidden) return <Badge tone="warn">Hidden</Badge>;
  if (q.state === 'closed') return <Badge tone="neutral">Closed</Badge>;
  if (q.state === 'open') return <Badge tone="warn">Waits for {received ? 'you' : 'the publisher'}</Badge>;
  return <Badge tone="good">{q.public ? 'Answered, public' : 'Answered'}</Badge>;
}
