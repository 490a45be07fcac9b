import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import { isTrainingDomain, runtimeName } from './known-operators.ts';
import type { LoadResult } from './load-attempt.ts';
import type { OnnxModel, OnnxOperatorUse } from './onnx-model.ts';
import {
  customOperator,
  type OperatorFinding,
  tooNew,
  trainingOperator,
  unknownOperator,
  unsupported,
} from './operator-findings.ts';

type Reading = {
  readonly pattern: RegExp;
  readonly finding: (groups: readonly string[], model: OnnxModel, file: string | null) => OperatorFinding;
};

/** How the runtime says what it lacks, and what that means for the publisher. The first that fits speaks. */
const readings: readonly Reading[] = [
  {
    pattern:
      /(?:Could not find an implementation for|Failed to find kernel for) (?:([\w.]+)\.)?(\w+)\((\d+)\)/,
    finding: ([domain = '', name = '', version = ''], model, file) => ({
      operator: name,
      finding: unsupported(useOf(model, domain, name), Number(version), file),
    }),
  },
  {
    pattern: /No Op registered for (\w+) with domain_version of (\d+)/,
    finding: ([name = ''], model, file) => ({
      operator: name,
      finding: unknownOperator(useOf(model, null, name), file),
    }),
  },
  {
    pattern: /Fatal error: ([^:\s]*):(\w+)\(-?\d+\) is not a registered function/,
    finding: ([domain = '', name = ''], model, file) => {
      const use = useOf(model, domain, name);
      return {
        operator: name,
        finding: (isTrainingDomain(domain) ? trainingOperator : customOperator)(use, file),
      };
    },
  },
  {
    pattern: /Opset (\d+) is under development/,
    finding: ([version = ''], model, file) => {
      const set = model.opsets.find((one) => one.version === Number(version));
      return { operator: '', finding: tooNew(set?.domain ?? '', Number(version), file) };
    },
  },
  {
    pattern: /model IR version: (\d+), max supported IR version: (\d+)/,
    finding: ([given = '', newest = ''], _model, file) => ({
      operator: '',
      finding: found('onnx.ir_unsupported', {
        file,
        message: `The model is written in format version (IR) ${given}; ${runtimeName} reads up to ${newest}.`,
        remedy: `Set the model’s ir_version to ${newest} or lower before saving, or export it with an older release of ONNX.`,
      }),
    }),
  },
  {
    pattern: /Missing model IR version/i,
    finding: (_groups, _model, file) => ({
      operator: '',
      finding: found('onnx.ir_unsupported', {
        file,
        message: 'The model does not state its format version (IR).',
      }),
    }),
  },
  {
    pattern: /Missing opset in the model/,
    finding: (_groups, _model, file) => ({
      operator: '',
      finding: found('onnx.opset_missing', { file, message: 'The model imports no operator set.' }),
    }),
  },
  {
    pattern: /construct locale with name:([^:]*):/,
    finding: ([locale = ''], _model, file) => ({
      operator: 'StringNormalizer',
      finding: found('onnx.locale_needed', {
        file,
        message: `StringNormalizer needs the locale ${locale}, which is not installed where models are served.`,
      }),
    }),
  },
  {
    pattern: /Protobuf parsing failed|ModelProto does not have a graph/,
    finding: (_groups, _model, file) => ({
      operator: '',
      finding: found('onnx.unreadable', {
        file,
        message: `${runtimeName} cannot read the file as an ONNX model.`,
      }),
    }),
  },
];

/** Turns the runtime's refusal into findings; nothing when it loaded the model. */
export function loadFindings(result: LoadResult, model: OnnxModel, file: string | null): OperatorFinding[] {
  const alone = (finding: Finding) => [{ operator: '', finding }];
  switch (result.outcome) {
    case 'loaded':
      return [];
    case 'refused': {
      for (const { pattern, finding } of readings) {
        const match = pattern.exec(result.message);
        if (match !== null)
          return [
            finding(
              [...match].slice(1).map((group) => group ?? ''),
              model,
              file,
            ),
          ];
      }
      const message = `${runtimeName} refuses the model: ${shortened(result.message)}`;
      return alone(found('onnx.load_failed', { file, message }));
    }
    case 'timeout': {
      const message = `${runtimeName} did not finish loading the model within ${result.timeoutMs / 1000} seconds.`;
      return alone(found('onnx.load_timeout', { file, message }));
    }
    case 'memory': {
      const gigabytes = (result.memoryBytesMax / 2 ** 30).toFixed(1);
      return alone(
        found('onnx.load_memory', {
          file,
          message: `Loading the model took more than ${gigabytes} GiB of memory.`,
        }),
      );
    }
    case 'crashed':
      return alone(
        found('onnx.load_crashed', {
          file,
          message: `${runtimeName} crashed while it loaded the model (${result.how}).`,
        }),
      );
    case 'unavailable':
      return alone(
        found('onnx.load_not_attempted', { file, message: `The model was not loaded: ${result.message}.` }),
      );
  }
}

function useOf(model: OnnxModel, domain: string | null, name: string): OnnxOperatorUse {
  const use = model.operators.find((one) => one.name === name && (domain === null || one.domain === domain));
  const opset = model.opsets.find((set) => set.domain === (domain ?? ''))?.version ?? null;
  // The runtime may name an operator that the file does not: one that it put in itself, from a function's body.
  return use ?? { domain: domain ?? '', name, opset, count: 1, firstNode: '' };
}

/** Without the runtime's source lines and our own paths, which say nothing to a publisher. */
function shortened(message: string): string {
  const plain = message
    .replace(/\/onnxruntime_src\/\S+ .*?(?=[A-Z][a-z]+ )/g, '')
    .replace(/(?:\/[\w.@+-]+){2,}\/([\w.@+-]+)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > 400 ? `${plain.slice(0, 400)}…` : plain;
}
