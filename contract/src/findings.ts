import { type Static, Type } from 'typebox';

/**
 * What a check has to say. The same shape is returned by a submission's stages, by `souk check` on a publisher's desk
 * and by form validation, so that one message can be put on a field (pointer), on a line (file, line) or in a list.
 */
export const Severity = Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]);
export type Severity = Static<typeof Severity>;

export const Finding = Type.Object(
  {
    rule: Type.String({
      description: 'The rule that speaks, for example `onnx-opset`; stable, listed in docs/rules.md.',
    }),
    code: Type.String({
      description: 'What it found, for example `onnx.opset_unsupported`. Never reused, never renamed.',
    }),
    severity: Severity,
    file: Type.Union([Type.String(), Type.Null()], {
      description:
        'Path inside the package, or the document file; null when the finding is not about a file.',
    }),
    pointer: Type.Union([Type.String(), Type.Null()], {
      description:
        'JSON Pointer (RFC 6901) into the product document; null when it is not about the document.',
    }),
    line: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    message: Type.String({ description: 'What is wrong and where, in a sentence for the publisher.' }),
    remedy: Type.String({ description: 'What to do about it.' }),
  },
  { title: 'Finding', additionalProperties: false },
);
export type Finding = Static<typeof Finding>;

/** Fills what a finding seldom has, so that a rule states only what it knows. */
export function finding(
  given: Pick<Finding, 'rule' | 'code' | 'severity' | 'message' | 'remedy'> & Partial<Finding>,
): Finding {
  return { file: null, pointer: null, line: null, ...given };
}

/** True when nothing in the list refuses the content. */
export function hasNoErrors(findings: readonly Finding[]): boolean {
  return findings.every((f) => f.severity !== 'error');
}
