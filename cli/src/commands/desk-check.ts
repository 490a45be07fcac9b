import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Finding, hasNoErrors } from '@souk/contract';
import { readOnDesk } from '../desk.ts';
import { checkSoukYaml } from '../document/check.ts';
import { findSoukYaml, readSoukYaml, type SoukYaml } from '../document/souk-yaml.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import { tally } from '../output/findings.ts';
import { Output } from '../output/output.ts';

/** The souk.yaml that an argument of `check` means; undefined for models, archives and other folders. */
export function productFile(host: Host, path: string): string | undefined {
  const found = path.startsWith('-') ? undefined : findSoukYaml(host.cwd, path);
  return found && /\.ya?ml$/.test(found) ? found : undefined;
}

interface Checked {
  readonly path: string;
  readonly ruleSet: string;
  readonly findings: readonly Finding[];
}

/** Documents are read here and handed to the server's rules, which look at everything together: one line for each path. */
export async function checkProducts(host: Host, args: readonly string[]): Promise<number> {
  const { paths, options } = taken(args);
  const output = new Output(host, host.argv.includes('--json'));
  const read = new Map(
    paths.flatMap((path) => {
      const file = productFile(host, path);
      return file ? [[path, documentOf(host, file)] as const] : [];
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'souk-documents-'));
  try {
    const documents = join(folder, 'documents.json');
    writeFileSync(
      documents,
      JSON.stringify(Object.fromEntries([...read.values()].map((r) => [r.folder, r.handed]))),
    );
    const passed = paths.map((path) => read.get(path)?.folder ?? path);
    const { code, stdout } = await readOnDesk(
      'check',
      ['--json', '--documents', documents, ...options, ...passed],
      host.cwd,
      host.env,
    );
    const lines = stdout.split('\n').filter(Boolean);
    for (const [i, line] of lines.entries()) {
      const checked = JSON.parse(line) as Checked;
      const path = paths[i] ?? checked.path;
      say(output, {
        ...checked,
        path,
        findings: read.get(path)?.located(checked.findings) ?? checked.findings,
      });
    }
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the paths are can be said; all other options are ours. */
function taken(args: readonly string[]): { paths: string[]; options: string[] } {
  const at = args.indexOf('--as');
  const options = at < 0 ? args.filter((a) => a.startsWith('--as=')) : args.slice(at, at + 2);
  return { options, paths: args.filter((a, i) => !a.startsWith('-') && (at < 0 || i !== at + 1)) };
}

function documentOf(host: Host, path: string) {
  const folder = dirname(path);
  try {
    const file = readSoukYaml(path, host.cwd);
    return {
      folder,
      handed: handed(file),
      located: (f: readonly Finding[]) => file.lines.locate(f, file.shownAs),
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { findings } = error;
    return {
      folder,
      handed: { document: {}, findings, models: [], logo: null },
      located: (f: readonly Finding[]) => [...f],
    };
  }
}

const handed = (file: SoukYaml) => ({
  document: file.document,
  findings: checkSoukYaml(file),
  models: [...file.models.values()]
    // What a container makes of its files is its own affair.
    .flatMap((model) => (model.path === undefined || model.container ? [] : [model.path]))
    .filter((model) => existsSync(resolve(file.folder, model))),
  logo: file.media[0]?.path ?? null,
});

function say(output: Output, checked: Checked): void {
  if (output.json) {
    output.line(JSON.stringify(checked));
    return;
  }
  output.findings(checked.findings);
  output.note(
    `${checked.path}: ${hasNoErrors(checked.findings) && checked.findings.length === 0 ? 'nothing to mend' : tally(checked.findings)}`,
  );
}
