import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import type { ImageConfig, Platform } from './manifest.ts';
import type { RootTree } from './root-tree.ts';

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const shells = new Set(['sh', 'bash', 'dash', 'ash']);

/** What of the image’s own words would keep it from running here as `IMAGE serve` or `IMAGE train`. */
export function lintImage(
  config: ImageConfig,
  tree: RootTree,
  texts: ReadonlyMap<string, Buffer>,
  platform: Platform,
): Finding[] {
  const here = platformFindings(config, platform);
  // What a program of another platform needs to start is not asked.
  if (here.length > 0) return here;
  return [...startFindings(config, tree, texts), ...userFindings(config, texts), ...portFindings(config)];
}

export function platformFindings(config: ImageConfig, platform: Platform): Finding[] {
  const { os, architecture } = config;
  if (os !== platform.os)
    return [
      found('image.os', {
        message: `The image is for ${os || 'no operating system'}; it must be for ${platform.os}.`,
      }),
    ];
  if (architecture === platform.architecture) return [];
  return [
    found('image.architecture', {
      message: `The image is for ${os}/${architecture || 'no processor'}; this marketplace runs ${platform.os}/${platform.architecture}.`,
      remedy: `Build it with \`--platform ${platform.os}/${platform.architecture}\`.`,
    }),
  ];
}

function startFindings(config: ImageConfig, tree: RootTree, texts: ReadonlyMap<string, Buffer>): Finding[] {
  const { entrypoint } = config;
  const [program, second, script] = entrypoint;
  if (program === undefined) {
    if (['serve', 'train'].some((name) => programOf(name, config, tree))) return [];
    return [
      found('image.serve_missing', {
        message: 'The image has no ENTRYPOINT, and neither serve nor train is on its PATH.',
      }),
    ];
  }
  if (shells.has(program.split('/').at(-1) ?? '') && second === '-c')
    return [
      found('image.entrypoint_shell', {
        message: `The ENTRYPOINT is in shell form: ${JSON.stringify(script ?? '').slice(0, 200)} runs below ${program}, which hears neither serve nor SIGTERM.`,
      }),
    ];
  const at = programOf(program, config, tree);
  if (at === null)
    return [
      found('image.program_missing', {
        message: `The ENTRYPOINT names “${program.slice(0, 200)}”, which is not in the image or may not be executed.`,
      }),
    ];
  return interpreterFindings(at, tree, texts.get(at));
}

/** An executable by its path, or by its name on the image’s PATH. */
function programOf(name: string, config: ImageConfig, tree: RootTree): string | null {
  const search = config.environment.find((v) => v.startsWith('PATH='))?.slice(5) || usualPath;
  const places = name.includes('/')
    ? [name.startsWith('/') ? name : `${config.workingDir || '/'}/${name}`]
    : search.split(':').map((folder) => `${folder}/${name}`);
  for (const place of places) {
    const hit = tree.resolve(place);
    if (hit?.node.kind === 'file' && (hit.node.mode & 0o111) !== 0) return hit.path;
  }
  return null;
}

function interpreterFindings(path: string, tree: RootTree, start: Buffer | undefined): Finding[] {
  const line = start?.toString('latin1').split('\n', 1)[0] ?? '';
  if (!line.startsWith('#!')) return [];
  const [interpreter = ''] = line.slice(2).trim().split(/\s+/);
  if (!line.endsWith('\r') && tree.resolve(interpreter)?.node.kind === 'file') return [];
  const ending = line.endsWith('\r') ? ', and its first line ends as on Windows' : '';
  return [
    found('image.interpreter_missing', {
      file: path,
      line: 1,
      message: `“/${path}” is run by “${interpreter.slice(0, 100)}”, which is not in the image${ending}.`,
    }),
  ];
}

function userFindings({ user }: ImageConfig, texts: ReadonlyMap<string, Buffer>): Finding[] {
  const [name = ''] = user.split(':');
  if (name === '' || name === '0' || name === 'root')
    return [found('image.user_root', { message: 'The image runs as root.' })];
  if (/^\d+$/.test(name)) return [];
  const known = (texts.get('etc/passwd')?.toString('utf8') ?? '')
    .split('\n')
    .some((l) => l.startsWith(`${name}:`));
  if (known) return [];
  return [
    found('image.user_unknown', {
      message: `The image runs as “${name.slice(0, 100)}”, which its /etc/passwd does not have.`,
    }),
  ];
}

function portFindings({ exposedPorts }: ImageConfig): Finding[] {
  if (exposedPorts.length === 0 || exposedPorts.some((port) => /^8080(?:\/tcp)?$/.test(port))) return [];
  const shown = exposedPorts.join(', ').slice(0, 200);
  return [
    found('image.port_other', { message: `The image exposes ${shown}; calls arrive at port 8080 only.` }),
  ];
}
