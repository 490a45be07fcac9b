import type { Image } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatBytes, formatCount } from '../../format/format.ts';

type Layer = Image['layers'][number] & { readonly number: number };
type Package = Image['packages'][number];

const layerColumns: readonly Column<Layer>[] = [
  { key: 'number', header: 'Layer', align: 'end', value: (l) => l.number, cell: (l) => l.number },
  {
    key: 'made',
    header: 'Made by',
    value: (l) => l.createdBy,
    cell: (l) => (
      <span className="mono tiny break" title={l.createdBy ?? undefined}>
        {(l.createdBy ?? 'not told').slice(0, 160)}
      </span>
    ),
  },
  {
    key: 'digest',
    header: 'Digest',
    value: (l) => l.digest,
    cell: (l) => <CopyableId id={l.digest} what={`digest of layer ${l.number}`} short />,
  },
  { key: 'files', header: 'Files', align: 'end', value: (l) => l.files, cell: (l) => formatCount(l.files) },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (l) => l.sizeBytes,
    cell: (l) => <span style={{ whiteSpace: 'nowrap' }}>{formatBytes(l.sizeBytes)}</span>,
  },
  {
    key: 'unpacked',
    header: 'Unpacked',
    align: 'end',
    value: (l) => l.unpackedBytes,
    cell: (l) => <span style={{ whiteSpace: 'nowrap' }}>{formatBytes(l.unpackedBytes)}</span>,
  },
];

const kinds = { deb: 'Debian', apk: 'Alpine', pypi: 'Python', npm: 'npm' } as const;
const packageColumns: readonly Column<Package>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (p) => p.name,
    cell: (p) => (
      <span className="break" title={`/${p.path}`}>
        {p.name}
      </span>
    ),
  },
  {
    key: 'version',
    header: 'Version',
    value: (p) => p.version,
    cell: (p) => <span className="break">{p.version}</span>,
  },
  { key: 'kind', header: 'Kind', value: (p) => kinds[p.kind], cell: (p) => kinds[p.kind] },
  { key: 'licence', header: 'Licence', value: (p) => p.licence, cell: (p) => p.licence ?? '–' },
];

export function ImageLayers({ image }: { image: Image }) {
  const rows = image.layers.map((layer, i) => ({ ...layer, number: i + 1 }));
  return (
    <Panel title="Layers" note="Lowest first" flush>
      <DataTable
        label="Layers"
        columns={layerColumns}
        rows={rows}
        rowKey={(l) => String(l.number)}
        empty={null}
      />
    </Panel>
  );
}

export function ImagePackages({ image }: { image: Image }) {
  const { packages, packagesCount } = image;
  const more = packagesCount - packages.length;
  return (
    <Panel
      title="Packages"
      note={more > 0 ? `The first ${formatCount(packages.length)}; the bill of materials has all` : undefined}
      flush
    >
      <DataTable
        label="Packages"
        columns={packageColumns}
        rows={packages}
        rowKey={(p) => `${p.kind} ${p.name} ${p.version} ${p.path}`}
        exportName={`packages-${image.name}`}
        empty={
          <p className="small muted" style={{ padding: 16 }}>
            No package of Debian, Alpine, Python or npm was found in it.
          </p>
        }
      />
    </Panel>
  );
}
