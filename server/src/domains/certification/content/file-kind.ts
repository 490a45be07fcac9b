/** What a file is: by content where content says it, by name where only the name can. */
export type FileKind =
  | { readonly kind: 'executable' | 'script' | 'macro' | 'pickle'; readonly what: string }
  | { readonly kind: 'archive'; readonly what: 'gzip' | 'zip' | 'tar' }
  | { readonly kind: 'packed'; readonly what: string }
  | { readonly kind: 'text' | 'binary'; readonly what: string };

const byExtension: Readonly<Record<string, readonly ['executable' | 'script' | 'pickle', string]>> = {
  ...same(['so', 'dll', 'dylib', 'pyd', 'node', 'ko'], 'executable', 'a shared library'),
  ...same(['exe', 'com', 'scr', 'msi', 'cpl', 'elf'], 'executable', 'a program'),
  ...same(['class', 'jar', 'war', 'dex', 'apk'], 'executable', 'Java bytecode'),
  ...same(['pyc', 'pyo', 'whl', 'egg'], 'executable', 'compiled Python'),
  ...same(['deb', 'rpm', 'snap', 'appimage'], 'executable', 'a software package'),
  wasm: ['executable', 'WebAssembly'],
  ...same(['py', 'pyw', 'pyx', 'ipynb'], 'script', 'Python code'),
  ...same(['sh', 'bash', 'zsh', 'ksh', 'csh', 'fish'], 'script', 'a shell script'),
  ...same(['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'], 'script', 'JavaScript code'),
  ...same(['bat', 'cmd', 'ps1', 'psm1', 'vbs', 'vbe', 'wsf', 'hta', 'lnk'], 'script', 'a Windows script'),
  ...same(['rb', 'pl', 'pm', 'php', 'phar', 'lua', 'tcl', 'awk', 'r', 'jl', 'scpt'], 'script', 'a script'),
  ...same(['pkl', 'pickle', 'joblib', 'dill', 'cloudpickle'], 'pickle', 'a Python pickle'),
};

function same<K extends 'executable' | 'script' | 'pickle'>(names: readonly string[], kind: K, what: string) {
  return Object.fromEntries(names.map((name) => [name, [kind, what] as const]));
}

/** By the last part of the name; `libcustom.so.1.2` is a library too. */
export function kindByName(path: string): FileKind | null {
  const name = (path.split('/').at(-1) ?? '').toLowerCase();
  if (/\.so(\.\d+)+$/.test(name)) return { kind: 'executable', what: 'a shared library' };
  const extension = /\.([^.]+)$/.exec(name)?.[1] ?? '';
  const known = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  return known === undefined ? null : { kind: known[0], what: known[1] };
}

/** By the first bytes of a file (as many as there are, up to some kilobytes). */
export function kindByContent(head: Buffer): FileKind | null {
  const start = head.toString('latin1', 0, 8);
  if (start.startsWith('\x7fELF')) return { kind: 'executable', what: 'a Linux program or library (ELF)' };
  if (start.startsWith('MZ') && isPortableExecutable(head))
    return { kind: 'executable', what: 'a Windows program or library' };
  const first = head.length >= 8 ? head.readUInt32BE(0) : 0;
  if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(first))
    return { kind: 'executable', what: 'a macOS program or library' };
  if (first === 0xcafebabe) {
    // The same mark starts Java classes (then a version from 45 on) and macOS universal programs (then a small count).
    const second = head.readUInt32BE(4);
    return {
      kind: 'executable',
      what: (second & 0xffff) >= 45 ? 'Java bytecode' : 'a macOS program or library',
    };
  }
  if (start.startsWith('\0asm')) return { kind: 'executable', what: 'WebAssembly' };
  if (start.startsWith('BC\xc0\xde')) return { kind: 'executable', what: 'LLVM bitcode' };
  if (start.startsWith('dex\n')) return { kind: 'executable', what: 'Android bytecode' };
  if (isPythonBytecode(head)) return { kind: 'executable', what: 'compiled Python' };
  if (/^(?:\xef\xbb\xbf)?#![ \t]*\//.test(head.toString('latin1', 0, 64)))
    return { kind: 'script', what: 'a script' };
  if (
    start.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') &&
    /_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T|M\0a\0c\0r\0o\0s/.test(head.toString('latin1'))
  )
    return { kind: 'macro', what: 'an Office document with macros' };
  if (start.startsWith('\x1f\x8b')) return { kind: 'archive', what: 'gzip' };
  if (start.startsWith('PK\x03\x04')) return { kind: 'archive', what: 'zip' };
  if (head.toString('latin1', 257, 262) === 'ustar') return { kind: 'archive', what: 'tar' };
  return packedKind(start);
}

/** Kinds of compression that Node cannot open: whatever is inside stays unseen. */
function packedKind(start: string): FileKind | null {
  if (start.startsWith('BZh') && /^[1-9]1AY&/.test(start.slice(3))) return { kind: 'packed', what: 'bzip2' };
  if (start.startsWith('\xfd7zXZ\0')) return { kind: 'packed', what: 'xz' };
  if (start.startsWith('7z\xbc\xaf\x27\x1c')) return { kind: 'packed', what: '7-Zip' };
  if (start.startsWith('Rar!\x1a\x07')) return { kind: 'packed', what: 'RAR' };
  if (start.startsWith('\x28\xb5\x2f\xfd')) return { kind: 'packed', what: 'Zstandard' };
  return null;
}

function isPortableExecutable(head: Buffer): boolean {
  if (head.length < 64) return false;
  const at = head.readUInt32LE(60);
  return at > head.length - 4 ? at < 0x10000 : head.toString('latin1', at, at + 4) === 'PE\0\0';
}

/** `.pyc`: a version number, CR LF, flags 0 to 3, then (after date and size) a marshalled code object. */
function isPythonBytecode(head: Buffer): boolean {
  if (head.length < 17 || head[2] !== 0x0d || head[3] !== 0x0a) return false;
  const flags = head.readUInt32LE(4);
  return flags <= 3 && ((head[16] ?? 0) & 0x7f) === 0x63;
}

/** Text if there is no zero byte and nearly nothing unprintable in the first kilobytes. */
export function isText(head: Buffer): boolean {
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) odd++;
  }
  return odd * 50 <= head.length;
}
