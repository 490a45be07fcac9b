import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { hasCode } from '../../api/errors.ts';
import { payeeQueries } from '../../api/queries/payee.ts';
import { publisherQuery } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { PublisherProfile } from '../../api/types.ts';
import { FileDrop } from '../../components/file-drop.tsx';
import { TextField } from '../../components/form-field.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { mediaUrl, ProductLogo } from '../../components/product-logo.tsx';
import { ErrorNotice, ErrorState, LoadingLines, QueryView } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { slugOf } from './new-product-dialog.tsx';
import { BankPanel } from './profile/bank-panel.tsx';
import { StandingPanel } from './profile/standing-panel.tsx';
import { TaxPanel } from './profile/tax-panel.tsx';

export function ProfilePage() {
  const query = useQuery({ ...publisherQuery(), retry: false });
  const { session } = useSession();
  const missing = hasCode(query.error, 'publisher.missing');
  return (
    <Page
      title="Publisher profile"
      lead="What buyers see about you, and what only the marketplace knows."
      width="narrow"
      actions={
        query.data ? (
          <Button component={Link} to={`/publishers/${query.data.slug}`} variant="default">
            As buyers see it
          </Button>
        ) : null
      }
    >
      {query.data ? (
        <Sections profile={query.data} />
      ) : missing ? (
        <ProfileForm profile={null} suggestion={session.account?.name ?? ''} />
      ) : query.error ? (
        <ErrorState error={query.error} />
      ) : (
        <LoadingLines />
      )}
    </Page>
  );
}

const sections = { profile: 'Profile', verification: 'Verification', tax: 'Tax', bank: 'Bank' } as const;
type Section = keyof typeof sections;

/** What buyers see first; what only paid plans need behind it. */
function Sections({ profile }: { profile: PublisherProfile }) {
  const { may } = useSession();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('section') ?? 'profile';
  const open = (Object.keys(sections) as Section[]).filter(
    (s) => may('payment-details:read') || (s !== 'tax' && s !== 'bank'),
  );
  const section = open.find((s) => s === wanted) ?? 'profile';
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      <SegmentedControl
        fullWidth
        aria-label="Section"
        data={open.map((value) => ({ value, label: sections[value] }))}
        value={section}
        onChange={(next) => setSearch(next === 'profile' ? {} : { section: next }, { replace: true })}
      />
      {section === 'profile' ? <ProfileForm key={profile.slug} profile={profile} /> : null}
      {section === 'verification' ? <Verification /> : null}
      {section === 'tax' ? <TaxPanel /> : null}
      {section === 'bank' ? <BankPanel /> : null}
    </div>
  );
}

function Verification() {
  const query = useQuery(payeeQueries.standing());
  return <QueryView query={query}>{(standing) => <StandingPanel standing={standing} />}</QueryView>;
}

function ProfileForm({
  profile,
  suggestion = '',
}: {
  profile: PublisherProfile | null;
  suggestion?: string;
}) {
  const { may } = useSession();
  const [form, setForm] = useState({
    slug: profile?.slug ?? slugOf(suggestion),
    displayName: profile?.displayName ?? suggestion,
    description: profile?.description ?? '',
    websiteUrl: profile?.websiteUrl ?? '',
    contactEmail: profile?.contactEmail ?? '',
    logoSha256: profile?.logoSha256 ?? null,
  });
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/publisher', {
          body: {
            slug: form.slug,
            displayName: form.displayName.trim(),
            description: form.description,
            websiteUrl: form.websiteUrl.trim() || null,
            contactEmail: form.contactEmail.trim() || null,
            logoSha256: form.logoSha256,
          },
        }),
      ),
    onSuccess: (saved) => {
      queryClient.setQueryData(publisherQuery().queryKey, saved);
      void queryClient.invalidateQueries({ queryKey: payeeQueries.standing().queryKey });
      toast.done('The profile is saved.');
    },
  });
  const set = (name: keyof typeof form) => (value: string) => setForm({ ...form, [name]: value });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Panel>
        <div className="stack" style={{ '--gap': '16px' }}>
          <TextField
            label="Display name"
            required
            charsMax={100}
            value={form.displayName}
            onChange={set('displayName')}
          />
          <TextInput
            label="Name in addresses"
            description={
              profile
                ? 'Buyers call your products by it, so it stays.'
                : 'Part of the address of every product; it stays.'
            }
            required
            withAsterisk={false}
            disabled={profile !== null}
            pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
            title="Lower-case letters, digits and inner hyphens"
            value={form.slug}
            onChange={(event) => setForm({ ...form, slug: event.currentTarget.value })}
          />
          <TextField
            label="Description"
            rows={4}
            charsMax={2000}
            value={form.description}
            onChange={set('description')}
          />
          <TextField
            label="Website"
            type="url"
            placeholder="https://"
            value={form.websiteUrl}
            onChange={set('websiteUrl')}
          />
          <TextField
            label="Contact e-mail"
            type="email"
            description="Shown to buyers."
            value={form.contactEmail}
            onChange={set('contactEmail')}
          />
          <div className="stack" style={{ '--gap': '8px' }}>
            <span className="small" style={{ fontWeight: 500 }}>
              Logo
            </span>
            <div className="row-nowrap" style={{ '--gap': '16px' }}>
              <ProductLogo
                url={form.logoSha256 ? mediaUrl(form.logoSha256) : null}
                title={form.displayName || '?'}
                size={64}
              />
              <div className="grow">
                <FileDrop
                  compact
                  label="Choose a logo"
                  hint="PNG, JPEG or GIF"
                  accept="image/png,image/jpeg,image/gif"
                  purpose="media"
                  onUploaded={(upload) => setForm({ ...form, logoSha256: upload.sha256 })}
                />
              </div>
            </div>
          </div>
          <ErrorNotice error={save.error} />
          <div className="row">
            <Button type="submit" loading={save.isPending} disabled={!may('publisher:update')}>
              {profile ? 'Save' : 'Become a publisher'}
            </Button>
          </div>
        </div>
      </Panel>
    </form>
  );
}
