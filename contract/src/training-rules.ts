import type { HyperParameter, TrainingChannel, TrainingSpecification } from './algorithms.ts';
import { type Finding, finding } from './findings.ts';
import { hyperParameterProblem } from './hyper-parameter-rules.ts';
import { type InputChannel, type NewTrainingJob, trainingLimits } from './training.ts';

/**
 * What is wrong with a training before anything is looked at or started. Pure: the form, the CLI and the server say the same. Pointers are
 * into the request.
 */
export function trainingFindings(
  specification: TrainingSpecification,
  given: Omit<NewTrainingJob, 'name' | 'subscriptionId' | 'version'>,
): Finding[] {
  const found: Finding[] = [];
  const say: SayTraining = (code, pointer, message, remedy) =>
    found.push(
      finding({
        rule: 'training',
        code: `training.${code}`,
        severity: 'error',
        pointer,
        message,
        remedy,
      }),
    );
  valueRules(
    specification.supportedHyperParameters ?? [],
    given.hyperParameters ?? {},
    '/hyperParameters',
    say,
  );
  channelRules(specification, given.inputDataConfig, say);
  resourceRules(specification, given, say);
  placeRules(given, say);
  return found;
}

export type SayTraining = (code: string, pointer: string, message: string, remedy: string) => void;
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

export function valueRules(
  declared: readonly HyperParameter[],
  given: Readonly<Record<string, string>>,
  at: string,
  say: SayTraining,
  /** Given elsewhere, by a tuning. */
  elsewhere: readonly string[] = [],
) {
  for (const [name, value] of Object.entries(given)) {
    const known = declared.find((h) => h.name === name);
    const own = `${at}/${escaped(name)}`;
    if (!known) {
      say(
        'hyperparameter_unknown',
        own,
        `${name.slice(0, 80)} is no hyperparameter of the algorithm.`,
        `Known are: ${declared.map((h) => h.name).join(', ') || 'none'}.`,
      );
      continue;
    }
    const { range: _, ...unbounded } = known;
    const ofType = hyperParameterProblem(known.type === 'Categorical' ? known : unbounded, value);
    const problem = ofType ?? hyperParameterProblem(known, value);
    if (problem === undefined) continue;
    const isType = ofType !== undefined && known.type !== 'Categorical';
    say(
      isType ? 'hyperparameter_type' : 'hyperparameter_range',
      own,
      `${name}: ${problem}`,
      isType ? `${name} is ${known.type}; write it as text.` : rangeWords(known),
    );
  }
  for (const h of declared)
    if (
      h.isRequired &&
      h.defaultValue === undefined &&
      given[h.name] === undefined &&
      !elsewhere.includes(h.name)
    )
      say(
        'hyperparameter_missing',
        `${at}/${escaped(h.name)}`,
        `The required hyperparameter ${h.name} has no value.`,
        rangeWords(h),
      );
}

function rangeWords(h: HyperParameter): string {
  if (h.range?.values) return `Give one of ${h.range.values.join(', ')}.`;
  if (h.range?.min !== undefined || h.range?.max !== undefined)
    return `Give a value from ${h.range.min ?? 'anything'} to ${h.range.max ?? 'anything'}.`;
  return `Give a value of type ${h.type}.`;
}

function channelRules(
  specification: TrainingSpecification,
  given: readonly InputChannel[],
  say: SayTraining,
) {
  const { max } = trainingLimits.channels;
  if (given.length > max)
    say(
      'channel_too_many',
      '/inputDataConfig',
      `${given.length} channels are given; ${max} are allowed.`,
      `Remove ${given.length - max}.`,
    );
  given.forEach((c, i) => {
    const at = `/inputDataConfig/${i}`;
    const declared = specification.trainingChannels.find((d) => d.name === c.channelName);
    if (given.findIndex((o) => o.channelName === c.channelName) < i)
      say(
        'channel_duplicate',
        `${at}/channelName`,
        `The channel ${c.channelName} is given twice.`,
        'Put its files below one prefix, and give that.',
      );
    if (declared) oneChannel(declared, c, at, say);
    else
      say(
        'channel_unknown',
        `${at}/channelName`,
        `${c.channelName} is no channel of the algorithm.`,
        `Known are: ${specification.trainingChannels.map((d) => d.name).join(', ')}.`,
      );
  });
  for (const d of specification.trainingChannels)
    if (d.isRequired && !given.some((c) => c.channelName === d.name))
      say(
        'channel_missing',
        '/inputDataConfig',
        `The required channel ${d.name} has no data.`,
        'Give a file or a prefix for it.',
      );
  if (given.length === 0 && !specification.trainingChannels.some((d) => d.isRequired))
    say('channel_missing', '/inputDataConfig', 'No channel has data.', 'Give at least one.');
}

/** What a channel gets where the request does not say. */
export const channelMode = (d: TrainingChannel, c: InputChannel) =>
  c.inputMode ?? d.supportedInputModes[0] ?? 'File';
export const channelType = (d: TrainingChannel, c: InputChannel) =>
  c.contentType ?? (d.supportedContentTypes.length === 1 ? d.supportedContentTypes[0] : undefined);

function oneChannel(d: TrainingChannel, c: InputChannel, at: string, say: SayTraining) {
  if (c.contentType !== undefined && !d.supportedContentTypes.includes(c.contentType))
    say(
      'channel_content_type',
      `${at}/contentType`,
      `The channel ${d.name} does not take ${c.contentType}.`,
      `It takes ${d.supportedContentTypes.join(', ')}.`,
    );
  if (!d.supportedInputModes.includes(channelMode(d, c)))
    say(
      'channel_input_mode',
      `${at}/inputMode`,
      `The channel ${d.name} does not support the input mode ${c.inputMode}.`,
      `It supports ${d.supportedInputModes.join(', ')}.`,
    );
  // Files are unpacked before the program sees them, so what it supports matters only where it says so and would be told otherwise.
  if (
    c.compressionType === 'Gzip' &&
    d.supportedCompressionTypes &&
    !d.supportedCompressionTypes.includes('Gzip')
  )
    say(
      'channel_compression',
      `${at}/compressionType`,
      `The channel ${d.name} does not take compressed files.`,
      'Unpack them first, and leave compressionType out.',
    );
}

function resourceRules(
  specification: TrainingSpecification,
  { resourceConfig, stoppingCondition }: Pick<NewTrainingJob, 'resourceConfig' | 'stoppingCondition'>,
  say: SayTraining,
) {
  const types = specification.supportedTrainingInstanceTypes ?? [];
  const { instanceType, instanceCount = 1, volumeSizeInGB } = resourceConfig;
  if (types.length > 0 && !types.includes(instanceType))
    say(
      'instance_type',
      '/resourceConfig/instanceType',
      `The algorithm does not train on ${instanceType}.`,
      `Use one of ${types.join(', ')}.`,
    );
  if (instanceCount < 1 || instanceCount > trainingLimits.instances)
    say(
      'instance_count',
      '/resourceConfig/instanceCount',
      `${instanceCount} instances are asked for; 1 to ${trainingLimits.instances} are possible.`,
      'Ask for fewer.',
    );
  else if (instanceCount > 1 && specification.supportsDistributedTraining !== true)
    say(
      'not_distributed',
      '/resourceConfig/instanceCount',
      `The algorithm trains on one instance; ${instanceCount} are asked for.`,
      'Ask for one. Its publisher declares supportsDistributedTraining where several help.',
    );
  const volume = trainingLimits.volumeSizeInGB;
  if (volumeSizeInGB !== undefined && (volumeSizeInGB < volume.min || volumeSizeInGB > volume.max))
    say(
      'volume_size',
      '/resourceConfig/volumeSizeInGB',
      `A volume has ${volume.min} to ${volume.max} GB, not ${volumeSizeInGB}.`,
      'Ask for a size in between.',
    );
  const runtime = trainingLimits.maxRuntimeInSeconds;
  const seconds = stoppingCondition?.maxRuntimeInSeconds;
  if (seconds !== undefined && (seconds < runtime.min || seconds > runtime.max))
    say(
      'runtime',
      '/stoppingCondition/maxRuntimeInSeconds',
      `A training may take ${runtime.min} second to 28 days (${runtime.max} seconds), not ${seconds}.`,
      'Give a time in between.',
    );
}

function placeRules(
  { checkpointConfig, environment }: Pick<NewTrainingJob, 'checkpointConfig' | 'environment'>,
  say: SayTraining,
) {
  const path = checkpointConfig?.localPath;
  if (path !== undefined && !/^\/opt\/ml\/checkpoints(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(path))
    say(
      'checkpoint_path',
      '/checkpointConfig/localPath',
      `Checkpoints cannot be kept at ${path.slice(0, 120)}.`,
      'Use /opt/ml/checkpoints or a folder below it.',
    );
  const { max, chars } = trainingLimits.environment;
  const entries = Object.entries(environment ?? {});
  if (entries.length > max)
    say(
      'environment',
      '/environment',
      `${entries.length} variables are given; ${max} are allowed.`,
      `Remove ${entries.length - max}.`,
    );
  for (const [name, value] of entries)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.length > chars || value.includes('\0'))
      say(
        'environment',
        `/environment/${escaped(name)}`,
        `The variable ${name.slice(0, 80)} cannot be given to a program.`,
        `Names are letters, digits and underscores; values have at most ${chars} characters.`,
      );
}
