import { Menu } from '@mantine/core';
import { CaretSortIcon, CheckIcon } from '@radix-ui/react-icons';
import { Link } from 'react-router';
import { initials } from '../components/product-logo.tsx';
import { toast } from '../components/toast.ts';
import { roleWords } from '../pages/account/roles.ts';
import { useSignOut, useSwitchAccount } from '../session/actions.ts';
import { useSession } from '../session/session.ts';
import { SchemeSwitch } from './scheme-switch.tsx';
import styles from './shell.module.css';

/** Which of the person's accounts is acted for. The address of the page stays the same. */
export function AccountSwitcher() {
  const { session } = useSession();
  const switching = useSwitchAccount();
  const current = session.account;
  if (!current) return null;
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <button type="button" className={styles.account} aria-label={`Account ${current.name}, switch`}>
          <span className={styles.ellipsis}>{current.name}</span>
          <CaretSortIcon aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Act for</Menu.Label>
        {session.memberships.map(({ account, roles }) => (
          <Menu.Item
            key={account.id}
            disabled={switching.isPending}
            rightSection={account.id === current.id ? <CheckIcon aria-label="current" /> : null}
            onClick={() => {
              if (account.id !== current.id) switching.mutate(account.id, { onError: toast.failed });
            }}
          >
            {account.name}
            <span className="tiny faint" style={{ display: 'block' }}>
              {account.id} · {roles.map((role) => roleWords[role].name).join(', ')}
            </span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/account">
          Account settings
        </Menu.Item>
        <Menu.Item component={Link} to="/account/new">
          Create another account
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function UserMenu() {
  const { session } = useSession();
  const signOut = useSignOut();
  const { person } = session;
  if (!person) return null;
  return (
    <Menu position="bottom-end" width={260} closeOnItemClick>
      <Menu.Target>
        <button type="button" className={styles.tool} aria-label={`${person.name}: menu`}>
          <span className={styles.avatar} aria-hidden="true">
            {initials(person.name || person.email)}
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {person.name}
          <span style={{ display: 'block', fontWeight: 400 }}>{person.email}</span>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account/keys">
          API keys
        </Menu.Item>
        <Menu.Item component={Link} to="/notifications">
          Notifications
        </Menu.Item>
        <Menu.Item component="a" href="/docs">
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        <div style={{ padding: '0 8px 8px' }}>
          <SchemeSwitch />
        </div>
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate(undefined, { onError: toast.failed })}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
