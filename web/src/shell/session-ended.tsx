import { Button, Modal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { leaving } from '../session/actions.ts';
import { useSession } from '../session/session.ts';

/** Says that the session is over without taking away what is on the page: somebody may want to copy a text first. */
export function SessionEnded() {
  const { session, isPending } = useSession();
  const location = useLocation();
  const navigate = useNavigate();
  const before = useRef<string | null>(null);
  const [opened, setOpened] = useState(false);
  const personId = session.person?.id ?? null;
  useEffect(() => {
    if (isPending) return;
    if (before.current && personId === null && !leaving.current) setOpened(true);
    if (personId !== null) setOpened(false);
    before.current = personId;
  }, [personId, isPending]);
  const returnTo = encodeURIComponent(location.pathname + location.search);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="Your session has ended">
      <div className="stack">
        <p className="muted">Sign in again to go on. You come back to this page.</p>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={() => setOpened(false)}>
            Stay here
          </Button>
          <Button
            onClick={() => {
              setOpened(false);
              void navigate(`/sign-in?returnTo=${returnTo}`);
            }}
          >
            Sign in
          </Button>
        </div>
      </div>
    </Modal>
  );
}
