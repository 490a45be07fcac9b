import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import {
  DoubleArrowLeftIcon,
  DoubleArrowRightIcon,
  HamburgerMenuIcon,
  MagnifyingGlassIcon,
} from '@radix-ui/react-icons';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { LoadingLines } from '../components/states.tsx';
import { useSession } from '../session/session.ts';
import { rememberMember, wasMember } from '../session/was-member.ts';
import { Brand } from './brand.tsx';
import { type Room, roomOf, rooms } from './rooms.ts';
import { SearchBox } from './search-box.tsx';
import styles from './shell.module.css';
import { SideNav } from './side-nav.tsx';

// Menus, dialogs and what positions them: for those who signed in, and for the narrow screen's drawer.
const MemberTools = lazy(async () => ({ default: (await import('./member-tools.tsx')).MemberTools }));
const SessionEnded = lazy(async () => ({ default: (await import('./member-tools.tsx')).SessionEnded }));
const PhoneDrawer = lazy(async () => ({ default: (await import('./phone-drawer.tsx')).PhoneDrawer }));

/** One shell for three rooms: header, navigation of the room, the page. */
export function Shell() {
  const { pathname } = useLocation();
  const { session, signedIn, isPending } = useSession();
  const room = roomOf(pathname);
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (signedIn && !wasSignedIn) setWasSignedIn(true);
  useEffect(() => {
    if (!isPending) rememberMember(signedIn);
  }, [isPending, signedIn]);
  const market = room.id === 'market';
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.header}>
        <HeaderBar room={room} />
        {market && (signedIn || (isPending && wasMember())) ? <MarketTabs room={room} /> : null}
      </header>
      <div className={styles.body}>
        {market ? null : <Side room={room} />}
        <Main />
      </div>
      {market ? <Footer demo={session.demo} /> : null}
      {signedIn || wasSignedIn ? (
        <Suspense fallback={null}>
          <SessionEnded />
        </Suspense>
      ) : null}
      <ScrollRestoration />
    </div>
  );
}

/** Takes the focus when the page changes, so that the keyboard and screen readers begin where the news is. */
function Main() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <main id="main" ref={main} className={styles.main} tabIndex={-1}>
      <Suspense fallback={<LoadingLines />}>
        <Outlet />
      </Suspense>
    </main>
  );
}

function HeaderBar({ room }: { room: Room }) {
  const { pathname } = useLocation();
  const { signedIn, isPending } = useSession();
  return (
    <div className={styles.bar}>
      <PhoneMenu room={room} />
      <Link to="/" className={styles.brand} aria-label="Souk, home">
        <Brand />
        Souk
      </Link>
      <RoomSwitcher room={room} />
      <div className={styles.search}>
        {pathname === '/' || pathname === '/products' ? null : <SearchBox />}
      </div>
      <div className={styles.tools}>
        <Link to="/products" className={`${styles.tool} ${styles.searchLink}`} aria-label="Search products">
          <MagnifyingGlassIcon aria-hidden="true" />
        </Link>
        {signedIn ? (
          <Suspense fallback={<span className={styles.toolsSpace} aria-busy="true" />}>
            <MemberTools />
          </Suspense>
        ) : isPending ? (
          <span className={wasMember() ? styles.toolsSpace : undefined} />
        ) : (
          <>
            <Button component={Link} to="/sign-in" variant="subtle" size="compact-md">
              Sign in
            </Button>
            <Button component={Link} to="/sign-up" size="compact-md">
              Sign up
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

/** Folds away for those who want the width; the choice stays on the device. */
function Side({ room }: { room: Room }) {
  const [folded, setFolded] = useLocalStorage({ key: 'souk-nav-folded', defaultValue: false });
  return (
    <div className={styles.side} data-folded={folded || undefined}>
      {folded ? null : <SideNav room={room} />}
      <button
        type="button"
        className={`${styles.tool} ${styles.fold}`}
        aria-expanded={!folded}
        aria-label={folded ? 'Unfold the navigation' : 'Fold the navigation'}
        onClick={() => setFolded(!folded)}
      >
        {folded ? <DoubleArrowRightIcon aria-hidden="true" /> : <DoubleArrowLeftIcon aria-hidden="true" />}
      </button>
    </div>
  );
}

function useOpenRooms() {
  const { may } = useSession();
  return rooms.filter((r) => r.needs === null || r.needs.some(may));
}

function RoomSwitcher({ room }: { room: Room }) {
  const open = useOpenRooms();
  if (open.length < 2) return null;
  return (
    <nav aria-label="Rooms" className={styles.rooms}>
      {open.map((r) => (
        <Link
          key={r.id}
          to={r.to}
          className={styles.room}
          aria-current={r.id === room.id ? 'true' : undefined}
        >
          {r.label}
        </Link>
      ))}
    </nav>
  );
}

function MarketTabs({ room }: { room: Room }) {
  const { may } = useSession();
  return (
    <nav aria-label="Market" className={styles.tabs}>
      {room.nav
        .flatMap((group) => group.items)
        .filter((item) => !item.needs || may(item.needs))
        .map((item) => (
          <NavLink key={item.to} to={item.to} end={item.exact ?? false} className={`${styles.tab}`}>
            {item.label}
          </NavLink>
        ))}
    </nav>
  );
}

function PhoneMenu({ room }: { room: Room }) {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const open = useOpenRooms();
  // The drawer is loaded by its first opening, so it does not know that the focus was here.
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  return (
    <div className={styles.burger}>
      <button
        ref={button}
        type="button"
        className={styles.tool}
        aria-label="Menu"
        aria-expanded={opened}
        onClick={() => {
          setWanted(true);
          setOpened(true);
        }}
      >
        <HamburgerMenuIcon aria-hidden="true" />
      </button>
      {wanted ? (
        <Suspense fallback={null}>
          <PhoneDrawer room={room} rooms={open} opened={opened} onClose={close} />
        </Suspense>
      ) : null}
    </div>
  );
}

function Footer({ demo }: { demo: boolean }) {
  return (
    <footer className={styles.footer}>
      <span>Souk</span>
      <a href="/docs">API reference</a>
      <a href="/openapi.json">OpenAPI</a>
      <Link to="/products">All products</Link>
      <Link to="/leaked-keys">Report a leaked key</Link>
      {demo ? (
        <span>
          A demonstration: its three sign-ins are in <span className="mono">demo.json</span> of the data
          folder
        </span>
      ) : null}
    </footer>
  );
}
