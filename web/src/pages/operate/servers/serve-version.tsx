import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import type { ModelServer } from '../../../api/types.ts';
import { ErrorNotice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';

interface Props {
  readonly server: ModelServer;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Has a version served by a server instead of here, and takes it back. */
export function ServeVersion({ server, onDone, onClose }: Props) {
  const [product, setProduct] = useState('');
  const [version, setVersion] = useState('');
  const path = { name: server.name };
  const change = useMutation({
    mutationFn: (here: boolean) =>
      here
        ? take(
            api.DELETE('/api/operator/servers/{name}/versions', {
              params: { path, query: { product, version } },
            }),
          )
        : take(
            api.PUT('/api/operator/servers/{name}/versions', {
              params: { path },
              body: { product, version },
            }),
          ),
    onSuccess: (_saved, here) => {
      toast.done(`${product} ${version} is served ${here ? 'here again' : `by ${server.name}`}.`);
      onDone();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Serve a version by ${server.name}`}>
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(false);
        }}
      >
        <p className="muted">
          The server must answer the sample with which the package was certified. Calls, endpoints and batch
          go over without a gap. Now: {server.serves.join(', ') || 'nothing'}.
        </p>
        <TextInput
          label="Product"
          placeholder="publisher/product"
          required
          withAsterisk={false}
          pattern="[a-z0-9\-]{1,63}/[a-z0-9\-]{1,63}"
          title="As in its address: publisher/product"
          value={product}
          onChange={(event) => setProduct(event.currentTarget.value.trim())}
        />
        <TextInput
          label="Version"
          placeholder="1.0.0"
          required
          withAsterisk={false}
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value.trim())}
        />
        <ErrorNotice error={change.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button
            variant="default"
            disabled={!product || !version}
            loading={change.isPending && change.variables}
            onClick={() => change.mutate(true)}
          >
            Serve here again
          </Button>
          <Button type="submit" loading={change.isPending && !change.variables}>
            Serve by this server
          </Button>
        </div>
      </form>
    </Modal>
  );
}
