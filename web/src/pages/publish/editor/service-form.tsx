import { Checkbox, Select } from '@mantine/core';
import type { ProductDocument } from '../../../api/types.ts';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { ServiceConnection } from './service-connection.tsx';
import { ServiceCredential } from './service-credential.tsx';
import { ServiceImport } from './service-import.tsx';
import { ServiceOperations } from './service-operations.tsx';
import { ServiceSample } from './service-sample.tsx';

type Authentication = NonNullable<NonNullable<ProductDocument['service']>['authentication']>;

const schemes: { value: Authentication['scheme']; label: string }[] = [
  { value: 'header', label: 'Header' },
  { value: 'query', label: 'Query parameter' },
  { value: 'basic', label: 'Basic' },
  { value: 'none', label: 'None' },
];

/** The service behind a web-service product: where it is, how Souk signs in, and whether it speaks OData. */
export function ServiceForm() {
  const { section, set } = useSection('service');
  const { editable } = useEditor();
  const authentication = section.authentication ?? { scheme: 'header' as const };
  const sign = (part: Partial<Authentication>) => set({ authentication: { ...authentication, ...part } });
  return (
    <>
      <DraftField
        at="/service/url"
        label="Service URL"
        type="url"
        placeholder="https://"
        description="The root that every call begins with; of an OData service, the address of its service document."
        value={section.url}
        onChange={(url) => set({ url })}
      />
      <DraftPlace at="/service/authentication/scheme">
        <Select
          label="Authentication scheme"
          data={schemes}
          value={section.authentication?.scheme ?? null}
          disabled={!editable}
          allowDeselect={false}
          onChange={(scheme) => scheme && sign({ scheme: scheme as Authentication['scheme'] })}
        />
      </DraftPlace>
      {authentication.scheme === 'header' ? (
        <DraftField
          at="/service/authentication/headerName"
          label="Header name"
          placeholder="Authorization"
          value={authentication.headerName}
          onChange={(headerName) => sign({ headerName })}
        />
      ) : null}
      {authentication.scheme === 'query' ? (
        <DraftField
          at="/service/authentication/parameterName"
          label="Parameter name"
          value={authentication.parameterName}
          onChange={(parameterName) => sign({ parameterName })}
        />
      ) : null}
      {authentication.scheme === 'basic' ? (
        <DraftField
          at="/service/authentication/userName"
          label="User name"
          value={authentication.userName}
          onChange={(userName) => sign({ userName })}
        />
      ) : null}
      <ServiceCredential />
      <DraftPlace at="/service/isOData">
        <Checkbox
          label="This service is OData"
          checked={section.isOData ?? false}
          disabled={!editable}
          onChange={(event) => set({ isOData: event.currentTarget.checked })}
        />
      </DraftPlace>
      {section.isOData ? null : (
        <>
          <ServiceImport />
          <ServiceOperations />
        </>
      )}
      <ServiceSample />
      <ServiceConnection />
    </>
  );
}
