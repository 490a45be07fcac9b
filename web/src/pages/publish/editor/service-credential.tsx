import { Button, Checkbox, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { ErrorNotice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

const labels = {
  header: 'Header value',
  query: 'Value of the parameter',
  basic: 'Password',
  none: '',
} as const;

/** What Souk signs in with: it goes to the server and never comes back. */
export function ServiceCredential() {
  const { section } = useSection('service');
  const { editable, product, save, reload } = useEditor();
  const [secret, setSecret] = useState('');
  const [draftOnly, setDraftOnly] = useState(false);
  const authentication = section.authentication;
  const seal = useMutation({
    mutationFn: async () => {
      await save();
      const made = await take(
        api.PUT('/api/products/{productId}/service-credential', {
          params: { path: { productId: product.id } },
          body: { secret, draftOnly },
        }),
      );
      await reload();
      return made;
    },
    onSuccess: (made) => {
      setSecret('');
      toast.done(`Sealed. It is sent to ${made.origin} only.`);
    },
  });
  const scheme = authentication?.scheme ?? 'none';
  if (scheme === 'none') return null;
  return (
    <DraftPlace at="/service/authentication/credentialId">
      <PasswordInput
        label={labels[scheme]}
        description={
          scheme === 'header'
            ? 'The whole value, such as Bearer, a blank and the key. It is sealed and never shown again.'
            : 'It is sealed and never shown again.'
        }
        placeholder={authentication?.credentialId ? 'Sealed; type to replace it' : ''}
        autoComplete="off"
        disabled={!editable}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      {product.liveRevision === null ? null : (
        <Checkbox
          label="For the draft only; what is live keeps its own until this is released"
          checked={draftOnly}
          disabled={!editable}
          onChange={(event) => setDraftOnly(event.currentTarget.checked)}
        />
      )}
      <ErrorNotice error={seal.error} />
      <div>
        <Button
          variant="default"
          disabled={!editable || secret === ''}
          loading={seal.isPending}
          onClick={() => seal.mutate()}
        >
          Seal the credential
        </Button>
      </div>
    </DraftPlace>
  );
}
