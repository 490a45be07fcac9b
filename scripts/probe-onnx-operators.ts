/**
 * Asks the installed onnxruntime which operators it has, since it does not list them: offers it thousands of one-node
 * models and reads its answers. Writes server/src/domains/certification/onnx/operators.gen.ts. Run it again after each
 * change of onnxruntime-node's version: node scripts/probe-onnx-operators.ts
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { block, int, model, node } from '../examples/iris-classifier/onnx-writer.ts';

const require = createRequire(join(import.meta.dirname, '../server/package.json'));
const { InferenceSession } = require('onnxruntime-node') as typeof import('onnxruntime-node');
const runtimeRoot = dirname(dirname(require.resolve('onnxruntime-node')));
const runtimeVersion = String(JSON.parse(readFileSync(join(runtimeRoot, 'package.json'), 'utf8')).version);

/** Element types in the order in which they are tried; most operators take floats. Half floats are left out: the runtime
 *  casts them behind our back, and then speaks of the cast. */
const types = [1, 7, 6, 11, 8, 9, 2, 3, 13, 12, 4, 5];
const domains = ['', 'ai.onnx.ml', 'com.microsoft', 'com.microsoft.nchwc'];
const newestOpset = 40;

type Attempt = {
  domain: string;
  operator: string;
  version: number;
  inputs: number[];
  outputs: number;
  attributes: Uint8Array[];
};

const attributeKinds: ((name: string) => Uint8Array)[] = [
  (name) => attribute(name, 2, int(3, 1)),
  (name) => attribute(name, 7, int(8, 1)),
  (name) => attribute(name, 3, block(4, 'NONE')),
  (name) => attribute(name, 1, new Uint8Array([0x15, 0, 0, 0x80, 0x3f])),
  (name) => attribute(name, 4, block(5, [int(1, 1), int(2, 1), block(9, new Uint8Array(4))])),
  (name) => attribute(name, 6, new Uint8Array([0x3d, 0, 0, 0x80, 0x3f])),
  (name) => attribute(name, 8, block(9, 'a')),
];

function attribute(name: string, kind: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([block(1, name), value, int(20, kind)]);
}

async function answer(a: Attempt): Promise<string> {
  const names = a.inputs.map((_, i) => `x${i}`);
  const bytes = model({
    name: 'probe',
    nodes: [
      node({
        operator: a.operator,
        inputs: names,
        outputs: Array.from({ length: a.outputs }, (_, i) => `y${i}`),
        attributes: a.attributes,
        domain: a.domain,
      }),
    ],
    initializers: [],
    inputs: a.inputs.map((type, i) => Buffer.concat([block(1, `x${i}`), block(2, block(1, int(1, type)))])),
    outputs: [block(1, 'y0')],
    opset: a.domain === '' ? a.version : 17,
    more: a.domain === '' ? [] : [block(8, [block(1, a.domain), int(2, a.version)])],
  });
  return askChild(bytes);
}

/** Some odd models make the runtime abort its process, so it is asked in a child. */
let child: ChildProcess | null = null;

function askChild(bytes: Uint8Array): Promise<string> {
  const asked = child ?? fork(import.meta.filename, ['child'], { serialization: 'advanced', silent: true });
  child = asked;
  return new Promise((resolve) => {
    const done = (text: string) => {
      asked.removeAllListeners('message').removeAllListeners('exit');
      resolve(text);
    };
    asked.once('message', (text) => done(String(text)));
    asked.once('exit', () => {
      child = null;
      done('crashed');
    });
    asked.send(bytes);
  });
}

async function load(bytes: Uint8Array): Promise<string> {
  try {
    const session = await InferenceSession.create(bytes, {
      logSeverityLevel: 4,
      graphOptimizationLevel: 'disabled',
    });
    await session.release();
    return 'loaded';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function captured(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}

/** The version of the schema that an operator set uses, or null when the set has no such operator. */
async function schemaVersion(
  domain: string,
  operator: string,
  version: number,
): Promise<number | 'unstated' | null> {
  const plain = { domain, operator, version, attributes: [] };
  // With absurdly many inputs and outputs every schema objects, and says its version.
  for (const [inputs, outputs] of [
    [0, 1],
    [0, 40],
    [40, 1],
    [1, 1],
  ] as const) {
    const said = await answer({ ...plain, inputs: Array<number>(inputs).fill(1), outputs });
    const since =
      captured(said, /schema\([^)]*:(\d+)\)/) ?? captured(said, /implementation for \w+\((\d+)\)/);
    if (since !== undefined) return Number(since);
    if (/No Op registered|is not a registered function/.test(said)) return null;
    if (said === 'loaded' || /Required attribute/.test(said)) continue;
  }
  return 'unstated';
}

/** '' implemented for some type, '-' for none that the operator allows, '?' not found out. */
async function implemented(domain: string, operator: string, version: number): Promise<'' | '-' | '?'> {
  let refused = false;
  let undecided = false;
  for (const type of types) {
    const attempt: Attempt = { domain, operator, version, inputs: [], outputs: 1, attributes: [] };
    const kindOf = new Map<string, number>();
    const typeOf = new Map<number, number>();
    for (let step = 0; step < 60; step++) {
      const said = await answer(attempt);
      // A complaint during initialization comes from the implementation itself, so there is one.
      if (said === 'loaded' || /^Exception during initialization/.test(said)) return '';
      const inputsMin = captured(said, /has input size \d+ not in range \[min=(\d+)/);
      const outputsMin = captured(said, /has output size \d+ not in range \[min=(\d+)/);
      const missing = captured(said, /Required attribute '([^']+)' is missing/);
      const mismatched =
        captured(said, /Mismatched attribute type in '[^']*?:? ?'?(\w+)'/) ??
        captured(said, /[Aa]ttribute:? '?(\w+)'? .*type/);
      const wrongInput = captured(said, /input parameter \(x(\d+)\)/);
      if (/Could not find an implementation|Failed to find kernel/.test(said)) {
        refused = true;
        break;
      }
      if (inputsMin !== undefined) attempt.inputs = Array<number>(Number(inputsMin)).fill(type);
      else if (outputsMin !== undefined) attempt.outputs = Number(outputsMin);
      else if (missing !== undefined || (mismatched !== undefined && kindOf.has(mismatched))) {
        const name = missing ?? mismatched ?? '';
        kindOf.set(name, (kindOf.get(name) ?? -1) + 1);
        attempt.attributes = [...kindOf].flatMap(([n, k]) => attributeKinds[k]?.(n) ?? []);
        if ((kindOf.get(name) ?? 0) >= attributeKinds.length) {
          undecided = true;
          break;
        }
      } else if (wrongInput !== undefined) {
        const at = Number(wrongInput);
        const next = (typeOf.get(at) ?? -1) + 1;
        const other = types[next];
        if (other === undefined) break;
        typeOf.set(at, next);
        attempt.inputs[at] = other;
      } else {
        undecided = true;
        if (process.env.PROBE_VERBOSE !== undefined)
          console.error(domain, operator, version, type, said.slice(0, 300));
        break;
      }
    }
  }
  return refused && !undecided ? '-' : '?';
}

async function newest(domain: string): Promise<number> {
  // The newest set that the runtime accepts at all; only the two official domains have such a bound.
  if (domain !== '' && domain !== 'ai.onnx.ml') return 1;
  for (let version = newestOpset; version > 0; version--) {
    const operator = domain === '' ? 'Identity' : 'Scaler';
    if (
      !/under development/.test(
        await answer({ domain, operator, version, inputs: [1], outputs: 1, attributes: [] }),
      )
    )
      return version;
  }
  return 1;
}

function candidateNames(): string[] {
  const folder = join(runtimeRoot, 'bin/napi-v6', process.platform, process.arch);
  const library = readdirSync(folder).find((name) => /^libonnxruntime\.|^onnxruntime\.dll$/.test(name));
  if (library === undefined) throw new Error(`no onnxruntime library in ${folder}`);
  const text = readFileSync(join(folder, library)).toString('latin1');
  // Linkers keep `Add` only as the tail of `BiasAdd`, so every tail that starts with a capital is a candidate.
  const found = new Set<string>();
  for (const [word] of text.matchAll(/[A-Za-z0-9_]{2,60}(?=\0)/g)) {
    for (const { index } of word.matchAll(/[A-Z]/g)) found.add(word.slice(index));
  }
  return [...found].filter((name) => name.length > 1).sort();
}

if (process.argv[2] === 'child') {
  process.on('message', (bytes) => {
    void load(bytes as Uint8Array).then((text) => process.send?.(text));
  });
} else await main();

async function main(): Promise<void> {
  const names = candidateNames();
  const lines: string[] = [];
  const newestOf: string[] = [];
  let count = 0;
  for (const domain of domains) {
    const top = await newest(domain);
    newestOf.push(`  ${JSON.stringify(domain)}: ${top},`);
    const entries: string[] = [];
    for (const operator of names) {
      const versions = new Map<number, string>();
      // Operators that were dropped from newer sets (Upsample, Scatter...) are found at an older one.
      const probes = [...new Set([top, Math.ceil(top / 2), 1])];
      const seen: (number | 'unstated' | null)[] = [];
      for (const v of probes) seen.push(await schemaVersion(domain, operator, v));
      if (seen.every((v) => v === null)) continue;
      for (let version = 1; version <= top; version++) {
        const since = await schemaVersion(domain, operator, version);
        if (since === 'unstated') {
          // Written once: from here on nothing is known.
          if (![...versions.values()].includes('?')) versions.set(version, '?');
        } else if (since !== null && !versions.has(since))
          versions.set(since, await implemented(domain, operator, version));
      }
      const known = [...versions].sort((a, b) => a[0] - b[0]).map(([v, mark]) => `${v}${mark}`);
      entries.push(`    ${operator}: '${known.join(' ')}',`);
      count++;
    }
    lines.push(`  ${JSON.stringify(domain)}: {`, ...entries, '  },');
  }
  const target = join(import.meta.dirname, '../server/src/domains/certification/onnx/operators.gen.ts');
  writeFileSync(
    target,
    `// Generated by scripts/probe-onnx-operators.ts; do not edit.
/** The onnxruntime-node that was asked. */
export const probedRuntime = '${runtimeVersion}';
/** The newest operator set of each domain that it accepts. */
export const newestOpset: Readonly<Record<string, number>> = {
${newestOf.join('\n')}
};
/**
 * Per domain and operator the versions of its definition: plain where the runtime implements it for some type, '-'
 * where it knows the definition but has no implementation, '?' where asking could not decide.
 */
export const operatorVersions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${lines.join('\n')}
};
`,
  );
  console.log(`${count} operators of onnxruntime ${runtimeVersion}`);
  child?.disconnect();
}
