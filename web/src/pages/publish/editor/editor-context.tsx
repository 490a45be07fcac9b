import { createContext, type ReactNode, useContext } from 'react';
import type { Finding, Product, ProductDocument } from '../../../api/types.ts';
import { type FieldProps, FieldTarget, Messages, TextField } from '../../../components/form-field.tsx';

export interface EditorView {
  readonly product: Product;
  readonly document: ProductDocument;
  readonly findings: readonly Finding[];
  /** The JSON pointer that a link led to. */
  readonly aimed: string | null;
  readonly editable: boolean;
  readonly change: (edit: (document: ProductDocument) => ProductDocument) => void;
  /** Sends what is typed, at once. */
  readonly save: () => Promise<void>;
  /** Shows the draft as the server has it now. */
  readonly reload: () => Promise<void>;
}

const Context = createContext<EditorView | null>(null);
export const EditorProvider = Context.Provider;

export function useEditor(): EditorView {
  const view = useContext(Context);
  if (!view) throw new Error('A field of the editor stands outside of the editor.');
  return view;
}

/** One section of the document and a way to change some of its fields. */
export function useSection<
  Name extends 'listing' | 'promotion' | 'support' | 'regions' | 'terms' | 'audience' | 'service',
>(name: Name) {
  const { document, change } = useEditor();
  type Section = NonNullable<ProductDocument[Name]>;
  const section = (document[name] ?? {}) as Section;
  const set = (part: Partial<Section>) =>
    change((before) => ({ ...before, [name]: { ...(before[name] ?? {}), ...part } }));
  return { section, set };
}

export function useFindingsAt(pointer: string): readonly Finding[] {
  const { findings } = useEditor();
  return findings.filter((f) => f.pointer === pointer);
}

type DraftFieldProps = Omit<FieldProps, 'value' | 'findings' | 'disabled'> & {
  readonly at: string;
  readonly value: string | undefined;
};

/** A text of the document: its place is its pointer, and what the server says about that place stands below it. */
export function DraftField({ at, value, ...rest }: DraftFieldProps) {
  const { aimed, editable } = useEditor();
  const findings = useFindingsAt(at);
  return (
    <FieldTarget pointer={at} aimed={aimed === at}>
      <TextField {...rest} value={value ?? ''} findings={findings} disabled={!editable} />
    </FieldTarget>
  );
}

/** The same for what is no text field: messages below whatever stands inside. */
export function DraftPlace({ at, children }: { at: string; children: ReactNode }) {
  const { aimed } = useEditor();
  const findings = useFindingsAt(at);
  return (
    <FieldTarget pointer={at} aimed={aimed === at}>
      <div className="stack" style={{ '--gap': '6px' }}>
        {children}
        <Messages findings={findings} />
      </div>
    </FieldTarget>
  );
}
