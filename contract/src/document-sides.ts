import type { Static } from 'typebox';
import type { Format, Parameter, SampleFile, Samples, Version } from './document.ts';
import type { Findings } from './document-findings.ts';
import { limits } from './limits.ts';

type Side = NonNullable<Version['input']>;

interface SideRules {
  readonly at: string;
  readonly what: 'input' | 'output';
  readonly descriptionCharsMax: number;
  /** Content types that the resource takes or answers; undefined where that is not known. */
  readonly contentTypes: readonly string[] | undefined;
}

/** What goes in and what comes out are described in the same way. */
export function side(part: Side | undefined, rules: SideRules, found: Findings) {
  const { at, what } = rules;
  found.required(part?.description, `${at}/description`, `The ${what} description`);
  found.text(part?.description, `${at}/description`, `The ${what} description`, rules.descriptionCharsMax);
  found.text(part?.limitations, `${at}/limitations`, 'The limitations', limits.limitationsChars);
  parameters(part?.parameters, `${at}/parameters`, 'parameter', limits.parameters.max, found);
  parameters(
    part?.customAttributes,
    `${at}/customAttributes`,
    'invocation parameter',
    limits.customAttributes.max,
    found,
  );
  samples(part?.samples, `${at}/samples`, rules, found);
  if (!part?.samples?.realtime?.trim() && !part?.samples?.realtimeFile)
    found.add(
      `${at}/samples/realtime`,
      'document.missing',
      `The real-time ${what} sample is missing.`,
      'Write one, or upload it as a file.',
    );
  formats(part?.formats, part?.samples?.contentType, rules, found);
}

function parameters(
  list: readonly Static<typeof Parameter>[] = [],
  at: string,
  what: string,
  max: number,
  found: Findings,
) {
  found.count(list.length, at, `${what}s`, { max });
  const names = list.map((p) => p.name);
  list.forEach((p, i) => {
    const own = `${at}/${i}`;
    if (found.required(p.name, `${own}/name`, `The ${what}’s name`)) {
      if (!/^[\x20-\x7e]+$/.test(p.name))
        found.add(
          `${own}/name`,
          'document.parameter_name',
          `The ${what}’s name has characters that are not printable ASCII.`,
          'Use letters, digits and signs of ASCII.',
        );
      else if (names.indexOf(p.name) !== i)
        found.add(
          `${own}/name`,
          'document.duplicate_parameter',
          `The ${what} ${p.name} is described twice.`,
          'Keep one description of it.',
        );
    }
    found.text(p.name, `${own}/name`, `The ${what}’s name`, limits.parameters.nameChars);
    found.text(
      p.description,
      `${own}/description`,
      `The ${what}’s description`,
      limits.parameters.descriptionChars,
    );
    found.text(
      p.constraints,
      `${own}/constraints`,
      `The ${what}’s constraints`,
      limits.parameters.constraintsChars,
    );
  });
}

function samples(given: Samples = {}, at: string, { what, contentTypes }: SideRules, found: Findings) {
  found.text(given.realtime, `${at}/realtime`, `The real-time ${what} sample`, limits.sampleChars);
  found.text(given.batch, `${at}/batch`, `The batch ${what} sample`, limits.sampleChars);
  sampleFile(given.realtimeFile, `${at}/realtimeFile`, `The real-time ${what} sample`, found);
  sampleFile(given.batchFile, `${at}/batchFile`, `The batch ${what} sample`, found);
  for (const use of ['realtime', 'batch'] as const)
    if (given[use]?.trim() && given[`${use}File`])
      found.add(
        `${at}/${use}File`,
        'document.two_samples',
        `The ${use === 'realtime' ? 'real-time' : 'batch'} ${what} sample is given as text and as a file.`,
        'Keep one of them: buyers would not know which one is tried.',
      );
  const { contentType } = given;
  if (contentType === undefined) return;
  // RFC 9110: type and subtype are tokens; parameters may follow.
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/.test(contentType))
    found.add(
      `${at}/contentType`,
      'document.content_type_form',
      `“${contentType.slice(0, 60)}” is not a content type.`,
      'Write it as in application/json.',
    );
  else if (contentTypes && !contentTypes.includes(contentType))
    found.add(
      `${at}/contentType`,
      'document.content_type',
      `${contentType} is not among the content types of the model’s ${what} (${contentTypes.join(', ')}).`,
      'Choose one of these, or register the model with this one.',
    );
}

function sampleFile(file: SampleFile | null | undefined, at: string, what: string, found: Findings) {
  if (file && file.sizeBytes > limits.sampleFileBytes)
    found.add(
      at,
      'document.sample_too_large',
      `${what} has ${file.sizeBytes} bytes; ${limits.sampleFileBytes} are allowed.`,
      'Give a smaller example; buyers only need to see the form.',
    );
}

function formats(list: readonly Format[] = [], first: string | undefined, rules: SideRules, found: Findings) {
  const { at, what } = rules;
  found.count(list.length, `${at}/formats`, 'further content types', { max: limits.formats.max });
  const seen = new Set(first === undefined ? [] : [first]);
  list.forEach((format, i) => {
    const own = `${at}/formats/${i}`;
    if (found.required(format.contentType, `${own}/contentType`, 'The content type')) {
      if (seen.has(format.contentType))
        found.add(
          `${own}/contentType`,
          'document.duplicate_content_type',
          `The ${what} in ${format.contentType} is described twice.`,
          'Keep one description of it.',
        );
      seen.add(format.contentType);
    }
    found.text(
      format.description,
      `${own}/description`,
      `The ${what} description`,
      rules.descriptionCharsMax,
    );
    samples(format, own, rules, found);
  });
}
