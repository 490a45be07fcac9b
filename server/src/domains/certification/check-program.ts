import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import type { PackageFile } from './archive/extract.ts';
import { isText, kindByName } from './content/file-kind.ts';
import { found } from './rules.ts';

/** What is started of a training program, and by what. */
export type ProgramEntry = {
  readonly entry: string;
  readonly interpreter: string;
  readonly args: readonly string[];
};

/** `serve`: what answers calls of what it has trained, where that is no ONNX model. Verdicts of before it was looked for do not have it. */
export type TrainingProgram = ProgramEntry & { readonly serve?: ProgramEntry | null };

export type CheckedProgram = {
  readonly findings: Finding[];
  readonly program: TrainingProgram | null;
};

const interpreters: Readonly<Record<string, string>> = {
  python: 'python3',
  python3: 'python3',
  node: 'node',
  nodejs: 'node',
  bash: 'bash',
  sh: 'sh',
  dash: 'sh',
};
const scriptBytesMax = 1024 * 1024;
const networkFindingsMax = 10;

/** The file that is started: train at the top, or the only file of that name. */
export function entryOf(paths: readonly string[]): string | null {
  const entries = paths.filter((path) => path.split('/').at(-1) === 'train');
  if (entries.includes('train')) return 'train';
  return entries.length === 1 ? (entries[0] ?? null) : null;
}

/** Without a word about it: only a program has a beginning and no model. */
export const looksLikeProgram = (paths: readonly string[]): boolean =>
  entryOf(paths) !== null && !paths.some((path) => path.toLowerCase().endsWith('.onnx'));

/** The beginning of an unpacked training program, and what will not work in a sandbox without network. */
export async function checkProgram(options: {
  readonly dir: string;
  readonly files: readonly Pick<PackageFile, 'path' | 'sizeBytes'>[];
}): Promise<CheckedProgram> {
  const { dir, files } = options;
  const paths = files.map((f) => f.path);
  const entry = entryOf(paths);
  const findings: Finding[] = [];
  let program: TrainingProgram | null = null;
  if (entry === null) {
    const several = paths.some((path) => path.split('/').at(-1) === 'train');
    findings.push(
      several
        ? found('training.entry_ambiguous', {
            message: 'Several files are named train, none of them at the top.',
          })
        : found('training.entry_missing', { message: 'There is no program named train in the archive.' }),
    );
  } else {
    const begun = beginningOf(entry, await readStart(join(dir, entry), 512));
    if ('code' in begun) findings.push(begun);
    else {
      const served = await servedBy(dir, entry, paths);
      program = { ...begun, serve: served && 'code' in served ? null : served };
      // Most models need none: it matters only where the training makes no ONNX model.
      if (served && 'code' in served) findings.push({ ...served, severity: 'warning' });
    }
  }
  for (const { path, sizeBytes } of files)
    if (
      findings.length < networkFindingsMax &&
      sizeBytes <= scriptBytesMax &&
      (path === entry || isScript(path))
    )
      findings.push(...networkFindings(path, await readStart(join(dir, path), sizeBytes)));
  return { findings, program };
}

/** The script `serve` beside `train`. */
async function servedBy(
  dir: string,
  entry: string,
  paths: readonly string[],
): Promise<ProgramEntry | Finding | null> {
  const serve = entry.replace(/train$/, 'serve');
  return paths.includes(serve) ? beginningOf(serve, await readStart(join(dir, serve), 512)) : null;
}

function beginningOf(entry: string, head: Buffer): ProgramEntry | Finding {
  const [line = ''] = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split('\n');
  if (!line.startsWith('#!') || !isText(head))
    return found('training.entry_not_script', {
      file: entry,
      message: `“${entry}” does not begin with #! and an interpreter.`,
    });
  if (line.endsWith('\r'))
    return found('training.line_endings', {
      file: entry,
      line: 1,
      message: `The first line of “${entry}” ends with a carriage return.`,
    });
  const words = line.slice(2).trim().split(/\s+/);
  const viaEnv = words[0]?.split('/').at(-1) === 'env';
  const [command = '', ...args] = viaEnv ? words.slice(words[1] === '-S' ? 2 : 1) : words;
  const name = (command.split('/').at(-1) ?? '').replace(/^python3\.\d+$/, 'python3');
  const interpreter = Object.hasOwn(interpreters, name) ? interpreters[name] : undefined;
  if (interpreter === undefined || args.some((arg) => !/^-{1,2}[A-Za-z][\w=-]*$/.test(arg)))
    return found('training.interpreter_unknown', {
      file: entry,
      line: 1,
      message: `“${entry}” asks for ${[command, ...args].join(' ').slice(0, 100) || 'nothing'}.`,
    });
  return { entry, interpreter, args };
}

const isScript = (path: string) => kindByName(path)?.kind === 'script';

const fetches: readonly RegExp[] = [
  /\bpip3?\s+install\b|["']pip3?["']\s*,\s*["']install["']/,
  /\bapt(?:-get)?\s+(?:-y\s+)?install\b/,
  /\bnpm\s+(?:i|install|ci)\b/,
  /(?:^|[\s;&|(`])(?:curl|wget)\s+[-'"h]/,
  /\burllib\.request\b|\brequests\.(?:get|post|put)\(|\burlopen\(/,
  /\bfetch\(\s*['"`]https?:/,
];

function networkFindings(file: string, content: Buffer): Finding[] {
  if (!isText(content.subarray(0, 4096))) return [];
  const at = content
    .toString('utf8')
    .split('\n')
    .findIndex(
      (line) => line.length < 2000 && !/^\s*(?:#|\/\/)/.test(line) && fetches.some((f) => f.test(line)),
    );
  return at < 0
    ? []
    : [
        found('training.network', {
          file,
          line: at + 1,
          message: `“${file}” fetches something from the network in line ${at + 1}, which a training does not reach.`,
        }),
      ];
}

async function readStart(path: string, bytes: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What refuses a model package is often the very thing here: scripts are what a training program is made of. */
export function asProgram(findings: readonly Finding[]): Finding[] {
  return findings
    .filter((f) => f.code !== 'unsafe.script')
    .map((f) =>
      f.code === 'unsafe.executable'
        ? {
            ...f,
            remedy:
              'Leave it out: only scripts that people can read are run here. Compiled parts belong into a container image.',
          }
        : f.code === 'unsafe.pickle'
          ? {
              ...f,
              remedy: 'Keep data and weights as CSV, JSON, raw arrays or ONNX, and leave the pickle out.',
            }
          : f,
    );
}
