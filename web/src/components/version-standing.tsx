import type { components } from '../api/schema.gen.ts';
import { formatDate } from '../format/format.ts';
import { Notice } from './states.tsx';
import { Badge, StatusBadge } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

type Standing = components['schemas']['VersionStanding'];
type Sunset = components['schemas']['Sunset'];

/** What became of a version, in a word and with its date. */
export function StandingBadges({ standing, restricted }: { standing: Standing; restricted?: boolean }) {
  const { withdrawn, sunset } = standing;
  return (
    <>
      {withdrawn ? <StatusBadge state="withdrawn" /> : null}
      {!withdrawn && sunset?.ended ? <StatusBadge state="ended" /> : null}
      {!withdrawn && sunset && !sunset.ended ? (
        <Badge tone="warn" shape="pause">
          Ends {formatDate(sunset.endsAt)}
        </Badge>
      ) : null}
      {restricted || standing.restrictedAt ? <StatusBadge state="restricted" /> : null}
    </>
  );
}

/** Why, until when, and what to use instead; nothing where nothing happened. */
export function StandingNotice({ number, standing }: { number: string; standing: Standing }) {
  const { withdrawn, sunset } = standing;
  if (withdrawn)
    return (
      <Notice tone="bad" title={`Version ${number} was withdrawn`}>
        {withdrawn.reason} The {withdrawn.by} withdrew it <RelativeTime at={withdrawn.at} />. Calls of it are
        refused; no other version answers in its place.
        {withdrawn.replacement ? ` Use ${withdrawn.replacement}.` : ''}
      </Notice>
    );
  if (sunset) return <SunsetNotice what={`Version ${number}`} sunset={sunset} />;
  return null;
}

export function SunsetNotice({ what, sunset }: { what: string; sunset: Sunset }) {
  const next = sunset.replacement ? ` After it comes ${sunset.replacement}.` : '';
  return (
    <Notice
      tone={sunset.ended ? 'bad' : 'warn'}
      title={`${what} ${sunset.ended ? 'ended' : 'ends'} on ${formatDate(sunset.endsAt)}`}
    >
      {sunset.reason}{' '}
      {sunset.ended ? (
        'Calls of it are refused.'
      ) : (
        <>
          <RelativeTime at={sunset.endsAt} prefix="Calls of it are refused" />.
        </>
      )}
      {next}
    </Notice>
  );
}
