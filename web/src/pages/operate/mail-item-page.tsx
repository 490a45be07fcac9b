import { useQuery } from '@tanstack/react-query';
import { Children } from 'react';
import { useParams } from 'react-router';
import { operateQueries } from '../../api/queries/operate.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

export function MailItemPage() {
  const { mailId = '' } = useParams();
  const query = useQuery(operateQueries.mailItem(mailId));
  return (
    <PageQuery query={query} title="Mail">
      {(mail) => (
        <Page
          title={mail.subject}
          trail={[{ label: 'Mail', to: '/operate/mail' }]}
          beside={<StatusBadge state={mail.state} />}
          width="narrow"
        >
          {mail.failure ? <Notice tone="bad" title={mail.failure} /> : null}
          <Panel>
            <Facts>
              <Fact name="To">{mail.to}</Fact>
              <Fact name="Written">
                <RelativeTime at={mail.createdAt} />
              </Fact>
              <Fact name="Sent">{mail.sentAt ? <RelativeTime at={mail.sentAt} /> : null}</Fact>
            </Facts>
          </Panel>
          <Panel>
            <p style={{ whiteSpace: 'pre-wrap' }} className="break">
              {linked(mail.text)}
            </p>
          </Panel>
        </Page>
      )}
    </PageQuery>
  );
}

/** Addresses in the text become links, as a mail program would make them. */
const linked = (text: string) => Children.toArray(text.split(/(https?:\/\/[^\s<>"]+)/).map(part));

const part = (text: string) => (/^https?:/.test(text) ? <a href={text}>{text}</a> : text);
