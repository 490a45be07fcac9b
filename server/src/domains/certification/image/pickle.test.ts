import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { Budget } from '../archive/budget.ts';
import { zip } from '../archive/sample-archives.ts';
import { fromBytes } from '../onnx/byte-source.ts';
import { insideFindings, needsLookInside } from './inside.ts';
import { imageLimits } from './limits.ts';
import { pickleFindings } from './pickle-findings.ts';
import { harmful, harmless } from './sample-pickles.ts';

const workDir = mkdtempSync(join(tmpdir(), 'souk-pickle-test-'));
after(() => rmSync(workDir, { recursive: true, force: true }));
const opening = () => ({ budget: new Budget(imageLimits, 1e9), workDir });

async function codes(path: string, content: Buffer): Promise<string[]> {
  if (!needsLookInside(path, content)) return [];
  return (await insideFindings(path, content, opening() as never)).map((f) => f.code);
}
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const of = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64');
const evil = of(harmful.system4);

test('what NumPy, scikit-learn and joblib write is let pass, under any name', async () => {
  for (const [name, base64] of Object.entries(harmless))
    for (const path of ['opt/model.pkl', 'opt/weights.bin'])
      assert.deepEqual(await codes(path, of(base64)), ['image.pickle'], `${name} as ${path}`);
});

test('what runs a command is refused, under any name, and the name of what it calls is told', async () => {
  for (const [name, base64] of Object.entries(harmful))
    for (const path of ['opt/model.pkl', 'opt/weights.bin'])
      assert.deepEqual(await codes(path, of(base64)), ['image.pickle_import'], `${name} as ${path}`);
  const [finding] = await insideFindings('m.pkl', evil, opening() as never);
  assert.match(finding?.message ?? '', /posix\.system/);
});

test('the crafted files of scanner evasions are refused', async () => {
  const evasions: Record<string, Buffer> = {
    'broken behind the payload': Buffer.concat([evil.subarray(0, -1), latin1('\xff\xff')]),
    'cut behind the payload': evil.subarray(0, -1),
    'behind a harmless pickle': Buffer.concat([of(harmless.array4), evil]),
    'INST, which needs no REDUCE': latin1("(S'id'\nios\nsystem\n."),
    OBJ: latin1("(cos\nsystem\nS'id'\no."),
    'a name through the memo': latin1(
      '\x80\x04\x8c\x02os\x94\x8c\x06system\x940\x30h\x00h\x01\x93\x8c\x02id\x85R.',
    ),
    'a dotted name below an allowed module': latin1(
      '\x80\x04\x8c\x05numpy\x8c\x09os.system\x93\x8c\x02id\x85R.',
    ),
    'an allowed name by getattr': latin1("cbuiltins\ngetattr\n(cbuiltins\nint\nS'x'\ntR."),
    'a function of an installed package': latin1("cnumpy.f2py.crackfortran\ngetlincoef\n(S'1'\ntR."),
    'a runner of the standard library': latin1("ctimeit\ntimeit\n(S'1'\ntR."),
    'pip as a library': latin1("cpip\nmain\n(lS'x'\natR."),
    'a hidden import in torch': latin1("ctorch.hub\nload\n(S'x'\ntR."),
    'a module name that only looks allowed': latin1('csklearn.externals.joblib\nParallel\n(tR.'),
    'an unknown protocol announced': Buffer.concat([latin1('\x80\x05'), evil.subarray(2)]),
  };
  for (const [name, content] of Object.entries(evasions))
    assert.deepEqual(await codes('m.pkl', content), ['image.pickle_import'], name);
});

test('a pickle that hides what it calls cannot be followed, and is refused', async () => {
  const hidden: Record<string, Buffer> = {
    'a name that it computes': latin1('\x80\x04\x8c\x02os(lc__builtin__\nstr\n)R\x93.'),
    'a call of a result': latin1('cbuiltins\nset\n)R)R.'),
    'the registry of extensions': latin1('\x80\x02\x82\x01)R.'),
    'a protocol of the future': latin1('\x80\x09N.'),
    'nothing but its name': Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
    'packed so that nobody looks': Buffer.concat([latin1('7z\xbc\xaf\x27\x1c'), Buffer.alloc(100)]),
  };
  for (const [name, content] of Object.entries(hidden))
    assert.deepEqual(await codes('m.pkl', content), ['image.pickle_unclear'], name);
});

test('pickles are found in zip files as torch writes them, and compressed', async () => {
  const torch = (data: Buffer) =>
    zip({ path: 'archive/data.pkl', content: data }, { path: 'archive/version', content: '3' });
  assert.deepEqual(await codes('model.pt', torch(evil)), ['image.pickle_import']);
  assert.deepEqual(await codes('model.pt', torch(of(harmless.array4))), ['image.pickle']);
  assert.deepEqual(await codes('model.dat', zip({ path: 'anything', content: evil })), [
    'image.pickle_import',
  ]);
  const broken = torch(evil);
  broken.writeUInt32LE(0, broken.indexOf('PK\x01\x02') + 16);
  broken[broken.length - 30] = 0xff;
  assert.ok((await codes('model.pt', broken)).includes('image.pickle_unclear'), 'Python may still open it');
  assert.deepEqual(await codes('m.pkl.gz', gzipSync(evil)), ['image.pickle_import']);
  assert.deepEqual(await codes('m.pkl', deflateSync(evil)), ['image.pickle_import']);
  assert.deepEqual(await codes('a.npz', zip({ path: 'a.npy', content: of(harmless['objects.npy']) })), [
    'image.pickle',
  ]);
});

test('time and memory have an end: too many steps, too many values, lengths that lie', () => {
  const many = (unit: string, times: number) => fromBytes(latin1(`\x80\x04${unit.repeat(times)}.`));
  const said = (source: ReturnType<typeof fromBytes>) =>
    pickleFindings('m.pkl', source, 0, true).map((f) => f.code);
  assert.deepEqual(said(many('(', 1_100_000)), ['image.pickle_unclear']);
  assert.deepEqual(said(many('N', 1_100_000)), ['image.pickle_unclear']);
  assert.deepEqual(said(fromBytes(latin1('\x80\x04\x8e\xff\xff\xff\xff\xff\xff\x0f\x00.'))), [
    'image.pickle_unclear',
  ]);
  assert.deepEqual(said(fromBytes(latin1('\x80\x04X\xff\xff\xff\xff.'))), ['image.pickle_unclear']);
});

test('prose, programs and weights are no pickles', async () => {
  assert.deepEqual(await codes('README', Buffer.from('(A word on the model.\nAnd another.\n')), []);
  assert.deepEqual(await codes('bin/busybox', Buffer.concat([latin1('\x7fELF'), Buffer.alloc(5000)])), []);
  assert.deepEqual(
    await codes('w.bin', Buffer.from(new Float32Array(1000).map((_, i) => Math.sin(i)).buffer)),
    [],
  );
});
