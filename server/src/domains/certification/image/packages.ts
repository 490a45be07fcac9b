/** A package that somebody installed into an image, by the database of the tool that did. */
export type InstalledPackage = {
  readonly kind: 'deb' | 'apk' | 'pypi' | 'npm';
  readonly name: string;
  readonly version: string;
  readonly architecture: string | null;
  readonly licence: string | null;
  /** The file that says so. */
  readonly path: string;
};

/** Where the tools keep what they installed. Only these are read whole. */
const places: readonly {
  readonly pattern: RegExp;
  readonly read: (text: string, path: string) => InstalledPackage[];
}[] = [
  { pattern: /^var\/lib\/dpkg\/status$/, read: debian },
  // Images without a package manager have one file for each package.
  { pattern: /^var\/lib\/dpkg\/status\.d\/[^/]+$/, read: debian },
  { pattern: /^lib\/apk\/db\/installed$|^usr\/lib\/apk\/db\/installed$/, read: alpine },
  { pattern: /(?:^|\/)[^/]+\.dist-info\/METADATA$/, read: python },
  { pattern: /(?:^|\/)[^/]+\.egg-info\/PKG-INFO$|(?:^|\/)[^/]+\.egg-info$/, read: python },
  { pattern: /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/, read: npm },
];
export const osReleasePath = /^(?:etc|usr\/lib)\/os-release$/;

/** Bytes of one such file; the status of a full desktop has five million. */
export const packageFileBytesMax = 32 * 2 ** 20;
const packagesMax = 50_000;

export const tellsPackages = (path: string): boolean =>
  places.some(({ pattern }) => pattern.test(path) && !/\.md5sums$/.test(path));

export function packagesIn(files: ReadonlyMap<string, Buffer>): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  for (const [path, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const { pattern, read } of places) {
      if (!pattern.test(path)) continue;
      for (const one of read(content.toString('utf8'), path)) {
        const key = `${one.kind}:${one.name}@${one.version}`;
        if (!found.has(key) && found.size < packagesMax) found.set(key, one);
      }
      break;
    }
  return [...found.values()];
}

/** Paragraphs of `Name: value` lines; what goes on in further lines begins with a blank. */
function paragraphs(text: string): Map<string, string>[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const values = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name, value] = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined && !values.has(name)) values.set(name, (value ?? '').trim());
    }
    return values.size > 0 ? [values] : [];
  });
}

const text = (value: string | undefined, max = 200): string =>
  (value ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, max);
const orNull = (value: string): string | null => (value === '' ? null : value);

function debian(content: string, path: string): InstalledPackage[] {
  return paragraphs(content).flatMap((p) => {
    const status = p.get('Status') ?? 'install ok installed';
    const [name, version] = [text(p.get('Package')), text(p.get('Version'))];
    if (!/\binstalled$/.test(status) || name === '' || version === '') return [];
    return [
      { kind: 'deb', name, version, architecture: orNull(text(p.get('Architecture'))), licence: null, path },
    ];
  });
}

function alpine(content: string, path: string): InstalledPackage[] {
  return content.split(/\n\n+/).flatMap((block) => {
    const value = (letter: string) => text(new RegExp(`^${letter}:(.*)$`, 'm').exec(block)?.[1]);
    const [name, version] = [value('P'), value('V')];
    if (name === '' || version === '') return [];
    return [
      { kind: 'apk', name, version, architecture: orNull(value('A')), licence: orNull(value('L')), path },
    ];
  });
}

function python(content: string, path: string): InstalledPackage[] {
  // The headers end at the first empty line; a description with lines of its own follows.
  const [head] = paragraphs(content.split(/\r?\n\r?\n/, 1)[0]?.replaceAll('\r', '') ?? '');
  const [name, version] = [text(head?.get('Name')), text(head?.get('Version'))];
  if (name === '' || version === '') return [];
  const licence = text(head?.get('License-Expression')) || text(head?.get('License'), 100);
  return [{ kind: 'pypi', name, version, architecture: null, licence: orNull(licence), path }];
}

function npm(content: string, path: string): InstalledPackage[] {
  try {
    const { name, version, license } = JSON.parse(content) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof version !== 'string') return [];
    const licence = typeof license === 'string' ? text(license, 100) : '';
    return [
      {
        kind: 'npm',
        name: text(name),
        version: text(version),
        architecture: null,
        licence: orNull(licence),
        path,
      },
    ];
  } catch {
    return [];
  }
}

export type Distribution = { readonly id: string; readonly version: string; readonly name: string };

export function distributionOf(content: Buffer | undefined): Distribution | null {
  if (content === undefined) return null;
  const values = new Map(
    content
      .toString('utf8')
      .split('\n')
      .flatMap((line) => {
        const [, name, value] = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line.trim()) ?? [];
        return name === undefined ? [] : [[name, text(value)] as const];
      }),
  );
  const id = values.get('ID') ?? '';
  if (id === '') return null;
  return { id, version: values.get('VERSION_ID') ?? '', name: values.get('PRETTY_NAME') ?? id };
}

/** The package URL that vulnerability scanners know a package by. */
export function purlOf(one: InstalledPackage, distribution: Distribution | null): string {
  const part = encodeURIComponent;
  const version = part(one.version);
  const system =
    distribution && `${distribution.id}${distribution.version ? `-${distribution.version}` : ''}`;
  const qualifiers = [
    ...(one.architecture ? [`arch=${part(one.architecture)}`] : []),
    ...(system ? [`distro=${part(system)}`] : []),
  ].join('&');
  const more = qualifiers === '' ? '' : `?${qualifiers}`;
  if (one.kind === 'deb')
    return `pkg:deb/${part(distribution?.id ?? 'debian')}/${part(one.name)}@${version}${more}`;
  if (one.kind === 'apk')
    return `pkg:apk/${part(distribution?.id ?? 'alpine')}/${part(one.name)}@${version}${more}`;
  if (one.kind === 'pypi')
    return `pkg:pypi/${part(one.name.toLowerCase().replaceAll(/[-_.]+/g, '-'))}@${version}`;
  const [scope, bare] = one.name.startsWith('@') ? one.name.split('/') : [null, one.name];
  return `pkg:npm/${scope ? `${part(scope)}/` : ''}${part(bare ?? one.name)}@${version}`;
}
