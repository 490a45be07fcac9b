import { Button, FileButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { plural } from '../../../format/format.ts';
import { useEditor, useSection } from './editor-context.tsx';

/** Operations out of a file that the service has already: shown first, taken on the publisher's word. */
export function ServiceImport() {
  const { section, set } = useSection('service');
  const { editable, product } = useEditor();
  const read = useMutation({
    mutationFn: async (file: File) =>
      take(
        api.POST('/api/products/{productId}/service-import', {
          params: { path: { productId: product.id } },
          body: { text: await file.text() },
        }),
      ),
  });
  const found = read.data;
  return (
    <div className="stack" style={{ '--gap': '10px' }}>
      <div>
        <FileButton accept=".json,.yaml,.yml,.xml,.edmx" onChange={(file) => file && read.mutate(file)}>
          {(props) => (
            <Button {...props} variant="default" disabled={!editable} loading={read.isPending}>
              Import OpenAPI, Swagger or CSDL mapping
            </Button>
          )}
        </FileButton>
      </div>
      <ErrorNotice error={read.error} />
      {found ? (
        <Notice
          tone={found.operations.length > 0 ? 'info' : 'warn'}
          title={`${plural(found.operations.length, 'operation')} read${found.title ? ` from ${found.title}` : ''}`}
          actions={
            <div className="row">
              <Button variant="default" onClick={() => read.reset()}>
                Leave it
              </Button>
              {found.operations.length > 0 ? (
                <Button
                  onClick={() => {
                    set({
                      operations: found.operations,
                      ...(section.url || !found.url ? {} : { url: found.url }),
                    });
                    read.reset();
                  }}
                >
                  {(section.operations ?? []).length > 0 ? 'Replace the operations' : 'Take them'}
                </Button>
              ) : null}
            </div>
          }
        >
          <ul className="small" style={{ margin: 0, paddingLeft: 18 }}>
            {found.operations.map((o) => (
              <li key={o.name} className="break">
                <strong>{o.name}</strong> {o.request.method} {o.request.path}
              </li>
            ))}
            {found.notes.map((n) => (
              <li key={`${n.place} ${n.message}`} className="break muted">
                {n.place ? `${n.place}: ` : ''}
                {n.message}
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </div>
  );
}
