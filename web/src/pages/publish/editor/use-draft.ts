import { useCallback, useEffect, useRef, useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { describeError, hasCode, isApiError } from '../../../api/errors.ts';
import { productQueries } from '../../../api/queries/publish.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Draft, Finding, ProductDocument } from '../../../api/types.ts';
import type { SaveState } from '../../../components/autosave.tsx';

const pauseMs = 700;

export interface DraftEditor {
  readonly document: ProductDocument;
  readonly draft: Draft;
  readonly saveState: SaveState;
  /** Findings of the saved draft, and those for which the last save was refused. */
  readonly findings: readonly Finding[];
  /** Somebody else saved in between; nothing is overwritten without being asked. */
  readonly conflict: boolean;
  readonly change: (edit: (document: ProductDocument) => ProductDocument) => void;
  readonly save: () => Promise<void>;
  readonly takeTheirs: () => Promise<void>;
  readonly keepMine: () => Promise<void>;
}

/**
 * The draft while it is edited. One save at a time, a moment after the last keystroke; what was typed during a save goes
 * with the next. Leaving the page saves what is left.
 */
export function useDraft(loaded: Draft): DraftEditor {
  const [draft, setDraft] = useState(loaded);
  const [document, setDocument] = useState(loaded.document);
  const [saveState, setSaveState] = useState<SaveState>({ kind: 'saved', at: loaded.savedAt });
  const [refusal, setRefusal] = useState<readonly Finding[]>([]);
  const [conflict, setConflict] = useState(false);
  const latest = useRef({ document: loaded.document, version: loaded.version, dirty: false });
  const saving = useRef<Promise<void> | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const { productId } = loaded;

  const adopt = useCallback(
    (saved: Draft) => {
      latest.current.version = saved.version;
      setDraft(saved);
      queryClient.setQueryData(productQueries.draft(productId).queryKey, saved);
    },
    [productId],
  );

  const save = useCallback(async () => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
    await saving.current;
    if (!latest.current.dirty) return;
    const run = async () => {
      latest.current.dirty = false;
      setSaveState({ kind: 'saving' });
      const { document: sent, version } = latest.current;
      try {
        const saved = await take(
          api.PUT('/api/products/{productId}/draft', {
            params: { path: { productId } },
            body: { version, document: sent },
          }),
        );
        adopt(saved);
        setRefusal([]);
        setSaveState(latest.current.dirty ? { kind: 'edited' } : { kind: 'saved', at: saved.savedAt });
        void queryClient.invalidateQueries({
          queryKey: productQueries.product(productId).queryKey,
          exact: true,
        });
      } catch (error) {
        latest.current.dirty = true;
        if (hasCode(error, 'product.draft_changed')) setConflict(true);
        setRefusal(isApiError(error) ? error.findings : []);
        setSaveState({ kind: 'failed', message: describeError(error).message });
      }
    };
    saving.current = run();
    await saving.current;
    saving.current = null;
  }, [productId, adopt]);

  const change = useCallback(
    (edit: (document: ProductDocument) => ProductDocument) => {
      latest.current.document = edit(latest.current.document);
      latest.current.dirty = true;
      setDocument(latest.current.document);
      setSaveState({ kind: 'edited' });
      if (timer.current) clearTimeout(timer.current);
      timer.current = setTimeout(() => void save(), pauseMs);
    },
    [save],
  );

  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (!latest.current.dirty) return;
      void save();
      event.preventDefault();
    };
    window.addEventListener('beforeunload', onLeave);
    return () => {
      window.removeEventListener('beforeunload', onLeave);
      void save();
    };
  }, [save]);

  const fetchTheirs = () =>
    take(api.GET('/api/products/{productId}/draft', { params: { path: { productId } } }));
  const takeTheirs = async () => {
    const theirs = await fetchTheirs();
    latest.current.document = theirs.document;
    latest.current.dirty = false;
    adopt(theirs);
    setDocument(theirs.document);
    setRefusal([]);
    setConflict(false);
    setSaveState({ kind: 'saved', at: theirs.savedAt });
  };
  const keepMine = async () => {
    const theirs = await fetchTheirs();
    latest.current.version = theirs.version;
    setConflict(false);
    await save();
  };

  return {
    document,
    draft,
    saveState,
    findings: [...refusal, ...draft.findings],
    conflict,
    change,
    save,
    takeTheirs,
    keepMine,
  };
}
