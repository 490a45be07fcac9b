import type { Rule } from './rule.ts';

export const onnxRules = [
  {
    id: 'onnx-readable',
    title: 'The model is a whole ONNX file',
    why: 'What cannot be read cannot be checked, and would fail at the first call instead of now.',
    codes: {
      'onnx.unreadable': {
        severity: 'error',
        says: 'The file is not an ONNX model, or is cut short.',
        remedy: 'Export the model again and run `onnx.checker.check_model` on the file that you submit.',
      },
      'onnx.too_complex': {
        severity: 'error',
        says: 'The model’s description has more parts, or is nested more deeply, than this marketplace reads.',
        remedy: 'Keep weights in raw or external data, and fold constants before exporting.',
      },
      'onnx.ir_unsupported': {
        severity: 'error',
        says: 'The file format version (IR) is newer than the runtime reads, or missing.',
        remedy: 'Export with the ONNX release that the message names, or set the model’s ir_version.',
      },
    },
  },
  {
    id: 'onnx-opset',
    title: 'The operator sets are ones that the runtime serves',
    why: 'An operator set says what each operator means. ONNX Runtime promises sets from 7 on; older ones work for some operators only.',
    codes: {
      'onnx.opset_missing': {
        severity: 'error',
        says: 'The model uses operators of a domain but does not say which version of its operator set.',
        remedy: 'Add the opset_import with the version that the model was exported for.',
      },
      'onnx.opset_too_new': {
        severity: 'error',
        says: 'The operator set is newer than the runtime knows.',
        remedy: 'Export with a lower opset_version.',
      },
      'onnx.opset_too_old': {
        severity: 'error',
        says: 'The operator set is below 7 and the runtime no longer implements an operator of it.',
        remedy:
          'Convert it: `onnx.version_converter.convert_version(model, 13)`, or export again with opset_version 13 or higher.',
      },
    },
  },
  {
    id: 'onnx-operators',
    title: 'Every operator is implemented by the runtime',
    why: 'A model with an operator that the runtime does not have cannot answer a single call.',
    codes: {
      'onnx.operator_unknown': {
        severity: 'error',
        says: 'An operator does not exist in its operator set.',
        remedy: 'Check the operator’s name and domain, or export for the operator set that has it.',
      },
      'onnx.operator_unsupported': {
        severity: 'error',
        says: 'An operator exists, but the runtime has no implementation of that version or for those types.',
        remedy: 'Export for another operator set, or replace the operator by ones that the runtime has.',
      },
    },
  },
  {
    id: 'onnx-custom-operators',
    title: 'No custom operators',
    why: 'A custom operator needs a native library that would run unchecked beside buyers’ data.',
    codes: {
      'onnx.custom_operator': {
        severity: 'error',
        says: 'An operator belongs to a domain of its own, which needs a library that this marketplace does not load.',
        remedy:
          'Replace it by standard operators or a local ONNX function, or offer the model as a container.',
      },
    },
  },
  {
    id: 'onnx-training',
    title: 'No training operators',
    why: 'A model package answers calls; it does not train. The serving runtime has no training operators.',
    codes: {
      'onnx.training_operator': {
        severity: 'error',
        says: 'The model uses an operator of ai.onnx.preview.training or ai.onnx.training.',
        remedy:
          'Export the model for inference (in PyTorch: `model.eval()` first), or offer it as an algorithm.',
      },
      'onnx.training_info': {
        severity: 'error',
        says: 'The model carries training graphs.',
        remedy: 'Remove training_info before you save the model: `model.ClearField("training_info")`.',
      },
    },
  },
  {
    id: 'onnx-locale',
    title: 'The answer does not depend on the machine’s locale',
    why: 'StringNormalizer changes case by the rules of a language pack that serving machines do not have; with another one it would answer differently.',
    codes: {
      'onnx.locale_needed': {
        severity: 'error',
        says: 'A StringNormalizer needs a locale that is not installed where models are served.',
        remedy:
          'Set its `locale` attribute to `C.UTF-8`, which every serving machine has, or change case before the model.',
      },
      'onnx.locale_dependent': {
        severity: 'warning',
        says: 'A StringNormalizer needs a locale that happens to be installed here.',
        remedy: 'Set its `locale` attribute to `C.UTF-8`, which every serving machine has.',
      },
    },
  },
  {
    id: 'onnx-external-data',
    title: 'External weights lie inside the package and are whole',
    why: 'A model may name any path for its weights. One outside the package would read another’s files - or nothing.',
    codes: {
      'onnx.external_escapes': {
        severity: 'error',
        says: 'The weights’ location is absolute or climbs out of the package.',
        remedy:
          'Save the weights beside the model: `onnx.save(model, path, save_as_external_data=True, location="weights.bin")`.',
      },
      'onnx.external_missing': {
        severity: 'error',
        says: 'The file with the weights is not in the package.',
        remedy: 'Add the file, or save the model with its weights inside.',
      },
      'onnx.external_size': {
        severity: 'error',
        says: 'The file with the weights is shorter than the model needs, or offset and length are wrong.',
        remedy: 'Save model and weights again, together, and pack both.',
      },
    },
  },
  {
    id: 'onnx-values',
    title: 'Inputs and outputs can travel over the wire',
    why: 'Buyers send JSON, CSV or Open Inference tensors. Sequences, maps and exotic number types have no form there.',
    codes: {
      'onnx.value_type_unsupported': {
        severity: 'error',
        says: 'An input or output is not a tensor, or has an element type that calls cannot carry.',
        remedy:
          'Cast it to a type that calls carry (float32, int64, string...), or turn it into tensors inside the model.',
      },
      'onnx.no_outputs': {
        severity: 'error',
        says: 'The model has no output.',
        remedy: 'Name at least one output when exporting.',
      },
    },
  },
  {
    id: 'onnx-declared',
    title: 'The listing tells the truth about inputs and outputs',
    why: 'Buyers write their clients from the listing.',
    codes: {
      'onnx.declared_missing': {
        severity: 'error',
        says: 'The listing names an input or output that the model does not have.',
        remedy: 'Use the model’s own names in the listing.',
      },
      'onnx.undeclared': {
        severity: 'error',
        says: 'The model needs an input, or gives an output, that the listing does not mention.',
        remedy: 'Add it to the listing.',
      },
      'onnx.declared_type_differs': {
        severity: 'error',
        says: 'The listing states another element type than the model has.',
        remedy: 'State the model’s type in the listing.',
      },
      'onnx.declared_shape_differs': {
        severity: 'error',
        says: 'The listing states another shape than the model has.',
        remedy: 'State the model’s shape in the listing; a free dimension is -1 or a name.',
      },
    },
  },
  {
    id: 'onnx-load',
    title: 'The runtime loads the model',
    why: 'The last word is the runtime’s own: it is started in a process of its own, with limits, and given the model.',
    codes: {
      'onnx.load_failed': {
        severity: 'error',
        says: 'ONNX Runtime refuses the model for a reason that no other rule names.',
        remedy: 'Load the file with onnxruntime on your desk; mend what its message says, then submit again.',
      },
      'onnx.load_timeout': {
        severity: 'error',
        says: 'Loading took longer than allowed.',
        remedy: 'Simplify the graph (fold constants before exporting), or ask the operator for more time.',
      },
      'onnx.load_memory': {
        severity: 'error',
        says: 'Loading took more memory than allowed.',
        remedy: 'Quantise or split the model, or ask the operator for more memory.',
      },
      'onnx.load_crashed': {
        severity: 'error',
        says: 'The runtime crashed on the model.',
        remedy:
          'Export the model again with a current exporter and check it with `onnx.checker.check_model`.',
      },
      'onnx.load_not_attempted': {
        severity: 'info',
        says: 'The model was checked without loading it: the runtime is not available here.',
        remedy: 'Nothing to mend; the marketplace loads it when you submit.',
      },
    },
  },
] as const satisfies readonly Rule[];
