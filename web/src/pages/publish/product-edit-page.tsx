import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ComponentType, useEffect, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { productQueries } from '../../api/queries/publish.ts';
import type { Draft, Product, SectionName } from '../../api/types.ts';
import { Autosave } from '../../components/autosave.tsx';
import { fieldId } from '../../components/form-field.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusShape } from '../../components/status-badge.tsx';
import { plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { AudienceForm } from './editor/audience-form.tsx';
import { BuyersView } from './editor/buyers-view.tsx';
import styles from './editor/editor.module.css';
import { EditorProvider, type EditorView } from './editor/editor-context.tsx';
import { ListingForm } from './editor/listing-form.tsx';
import { PlansForm } from './editor/plans-form.tsx';
import { PromotionForm } from './editor/promotion-form.tsx';
import { useRefusal } from './editor/refusal.ts';
import { RegionsForm } from './editor/regions-form.tsx';
import { isSection, sectionNotes, sectionsOf, sectionTitles } from './editor/sections.ts';
import { ServiceForm } from './editor/service-form.tsx';
import { SupportForm } from './editor/support-form.tsx';
import { TermsForm } from './editor/terms-form.tsx';
import { type DraftEditor, useDraft } from './editor/use-draft.ts';
import { VersionsForm } from './editor/versions-form.tsx';
import { ProductFrame } from './product-frame.tsx';
import { SubmitDialog } from './submit-dialog.tsx';

const forms: Record<SectionName, ComponentType> = {
  listing: ListingForm,
  promotion: PromotionForm,
  support: SupportForm,
  regions: RegionsForm,
  versions: VersionsForm,
  service: ServiceForm,
  plans: PlansForm,
  terms: TermsForm,
  audience: AudienceForm,
};

export function ProductEditPage() {
  const { productId = '' } = useParams();
  const product = useQuery(productQueries.product(productId));
  const draft = useQuery(productQueries.draft(productId));
  return (
    <PageQuery query={product} title="Listing">
      {(foundProduct) => (
        <PageQuery query={draft} title="Listing">
          {(foundDraft) => <Editor key={productId} product={foundProduct} loaded={foundDraft} />}
        </PageQuery>
      )}
    </PageQuery>
  );
}

function Editor({ product, loaded }: { product: Product; loaded: Draft }) {
  const { may } = useSession();
  const editor = useDraft(loaded);
  const [parameters] = useSearchParams();
  const [submitting, setSubmitting] = useState(false);
  const aimed = parameters.get('at');
  const asked = aimed?.split('/')[1] ?? parameters.get('section');
  const section: SectionName =
    isSection(asked) && sectionsOf(product.type).includes(asked) ? asked : 'listing';
  const editable = may('product:edit');
  const { document, findings, change } = editor;
  // The product as it was when the editor was opened: later it differs by what is typed here.
  const [opened] = useState(product);
  const refusal = useRefusal(opened, loaded.document, document);
  const view: EditorView = {
    product,
    document,
    findings: [...refusal, ...findings],
    change,
    aimed,
    editable,
    save: editor.save,
    reload: editor.takeTheirs,
  };
  useAim(aimed);
  const Form = forms[section];
  const errors = editor.draft.findings.filter((f) => f.severity === 'error').length;
  const submit = async () => {
    await editor.save();
    setSubmitting(true);
  };
  return (
    <ProductFrame
      product={product}
      page="Listing"
      wide
      actions={
        <>
          <Autosave state={editor.saveState} />
          {may('product:submit') ? (
            <Button disabled={product.state === 'in-pipeline'} onClick={() => void submit()}>
              Submit
            </Button>
          ) : null}
        </>
      }
    >
      {editor.conflict ? <Conflict editor={editor} /> : null}
      <div className={styles.editor}>
        <Sections editor={editor} current={section} product={product} />
        <Panel title={sectionTitles[section]} note={sectionNotes[section]}>
          <EditorProvider value={view}>
            <div className={styles.form}>
              <Form />
            </div>
          </EditorProvider>
          <NextSection section={section} product={product} errors={errors} />
        </Panel>
        <div className={styles.view}>
          <Panel title="The buyer’s view">
            <BuyersView document={document} section={section} publisher={product.publisher} />
          </Panel>
        </div>
      </div>
      <SubmitDialog product={product} opened={submitting} onClose={() => setSubmitting(false)} />
    </ProductFrame>
  );
}

/** Brings the field that a finding or a mail names into view, and the cursor into it. */
function useAim(aimed: string | null) {
  useEffect(() => {
    if (!aimed) return;
    const frame = requestAnimationFrame(() => {
      const target = window.document.getElementById(fieldId(aimed));
      target?.scrollIntoView({ block: 'center' });
      target?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [aimed]);
}

interface SectionsProps {
  readonly editor: DraftEditor;
  readonly current: SectionName;
  readonly product: Product;
}

function Sections({ editor, current, product }: SectionsProps) {
  const states = editor.draft.completeness;
  return (
    <nav aria-label="Sections">
      <ul className={styles.sections}>
        {sectionsOf(product.type).map((name) => {
          const state = states.find((s) => s.section === name);
          const shape = state?.complete ? 'passed' : (state?.errors ?? 0) > 0 ? 'error' : 'pending';
          return (
            <li key={name}>
              <Link
                to={`/publish/products/${product.id}/edit?section=${name}`}
                className={styles.section}
                aria-current={name === current ? 'true' : undefined}
                preventScrollReset
              >
                <StatusShape state={shape} />
                {sectionTitles[name]}
                {state && state.errors > 0 ? (
                  <span className={styles.count}>
                    {state.errors}
                    <span className="visually-hidden"> errors</span>
                  </span>
                ) : (
                  <span className="visually-hidden">{state?.complete ? 'complete' : ''}</span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function NextSection({
  section,
  product,
  errors,
}: {
  section: SectionName;
  product: Product;
  errors: number;
}) {
  const all = sectionsOf(product.type);
  const next = all[all.indexOf(section) + 1];
  return (
    <div className="row spread" style={{ paddingTop: 20 }}>
      <span className="small faint">
        {errors === 0
          ? 'Everything that is needed is here.'
          : `${plural(errors, 'thing')} still to do in all sections`}
      </span>
      {next ? (
        <Button
          component={Link}
          to={`/publish/products/${product.id}/edit?section=${next}`}
          variant="default"
        >
          {sectionTitles[next]}
        </Button>
      ) : null}
    </div>
  );
}

function Conflict({ editor }: { editor: DraftEditor }) {
  return (
    <Notice
      tone="warn"
      title="Somebody else saved this draft"
      actions={
        <div className="row">
          <Button variant="default" onClick={() => void editor.takeTheirs()}>
            Take theirs
          </Button>
          <Button onClick={() => void editor.keepMine()}>Keep mine</Button>
        </div>
      }
    >
      Nothing of yours is lost until you choose. Theirs replaces what is on this page; yours replaces what
      they saved.
    </Notice>
  );
}
