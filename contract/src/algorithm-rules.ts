import type {
  HyperParameter,
  SampleChannel,
  TrainingChannel,
  TrainingProfile,
  TrainingSpecification,
} from './algorithms.ts';
import { type Finding, finding } from './findings.ts';
import { hyperParameterProblem, hyperParameterRules } from './hyper-parameter-rules.ts';
import { limits } from './limits.ts';
import { groupsOf, metricPattern } from './metric-pattern.ts';

/**
 * What an algorithm must say about itself before it can be registered. Pure, so that `souk check`, the form and the server say the
 * same. Pointers are into `{ trainingSpecification, validationSpecification }`, as the API takes it.
 */
export function algorithmFindings(
  specification: TrainingSpecification,
  profile: TrainingProfile | undefined,
): Finding[] {
  const found: Finding[] = [];
  const say: Say = (code, pointer, message, remedy, severity = 'error') =>
    found.push(finding({ rule: 'algorithm', code: `algorithm.${code}`, severity, pointer, message, remedy }));
  channelRules(specification.trainingChannels, say);
  hyperParameterRules(specification.supportedHyperParameters ?? [], say);
  metricRules(specification, say);
  if (profile) profileRules(specification, profile, say);
  return found;
}

export type Say = (
  code: string,
  pointer: string,
  message: string,
  remedy: string,
  severity?: Finding['severity'],
) => void;

const root = '/trainingSpecification';
/** Names become folders, so they are held to what every system takes: letters, digits, `.`, `-` and `_`. */
const channelName = /^[A-Za-z0-9._-]+$/;
const contentType = /^[^\s;/]+\/[^\s;/]+$/;

function channelRules(channels: readonly TrainingChannel[], say: Say) {
  const { min, max, nameChars, descriptionChars } = limits.channels;
  const at = `${root}/trainingChannels`;
  if (channels.length < min)
    say(
      'channel_missing',
      at,
      'No training channel is declared.',
      'Declare at least one, for example train.',
    );
  if (channels.length > max)
    say(
      'channel_too_many',
      at,
      `${channels.length} channels are declared; ${max} are allowed.`,
      `Remove ${channels.length - max}.`,
    );
  channels.forEach((c, i) => {
    const own = `${at}/${i}`;
    if (!channelName.test(c.name) || /^\.+$/.test(c.name) || c.name.length > nameChars)
      say(
        'channel_name',
        `${own}/name`,
        `“${c.name.slice(0, 80)}” cannot be the name of a channel.`,
        `Use 1 to ${nameChars} letters, digits, dots, hyphens and underscores: it is a folder below /opt/ml/input/data.`,
      );
    if (channels.findIndex((o) => o.name === c.name) < i)
      say('channel_duplicate', `${own}/name`, `Two channels are named ${c.name}.`, 'Rename one of them.');
    if ((c.description ?? '').length > descriptionChars)
      say(
        'channel_description',
        `${own}/description`,
        `The description of the channel ${c.name} has ${c.description?.length} characters; ${descriptionChars} are allowed.`,
        'Shorten it; the product’s page has room for more.',
      );
    if (c.supportedContentTypes.length === 0 || c.supportedContentTypes.some((t) => !contentType.test(t)))
      say(
        'channel_content_type',
        `${own}/supportedContentTypes`,
        `The channel ${c.name} does not name the content types of its files.`,
        'List at least one, such as text/csv.',
      );
    if (c.supportedInputModes.length === 0)
      say(
        'channel_input_mode',
        `${own}/supportedInputModes`,
        `The channel ${c.name} has no input mode.`,
        'Name File, FastFile or Pipe: those that the program can read.',
      );
  });
}

function metricRules(specification: TrainingSpecification, say: Say) {
  const { metricDefinitions = [], supportedTuningJobObjectiveMetrics = [] } = specification;
  const { max, nameChars, regexChars } = limits.metrics;
  const at = `${root}/metricDefinitions`;
  if (metricDefinitions.length > max)
    say(
      'metric_too_many',
      at,
      `${metricDefinitions.length} metrics are declared; ${max} are allowed.`,
      `Remove ${metricDefinitions.length - max}.`,
    );
  metricDefinitions.forEach(({ name, regex }, i) => {
    const own = `${at}/${i}`;
    if (name.trim() === '' || name.length > nameChars)
      say('metric_name', `${own}/name`, `A metric needs a name of 1 to ${nameChars} characters.`, 'Name it.');
    if (metricDefinitions.findIndex((o) => o.name === name) < i)
      say('metric_duplicate', `${own}/name`, `Two metrics are named ${name}.`, 'Rename one of them.');
    const problem = regexProblem(regex, regexChars);
    if (problem)
      say(problem.code, `${own}/regex`, `The pattern of ${name} ${problem.message}`, problem.remedy);
  });
  const names = new Set(metricDefinitions.map((m) => m.name));
  supportedTuningJobObjectiveMetrics.forEach(({ metricName }, i) => {
    const own = `${root}/supportedTuningJobObjectiveMetrics/${i}/metricName`;
    if (!names.has(metricName))
      say(
        'objective_unknown',
        own,
        `The tuning objective ${metricName} is not a metric of the algorithm.`,
        `Use one of: ${[...names].join(', ') || 'none is declared'}.`,
      );
    if (supportedTuningJobObjectiveMetrics.findIndex((o) => o.metricName === metricName) < i)
      say(
        'objective_duplicate',
        own,
        `The tuning objective ${metricName} is given twice.`,
        'Keep Maximize or Minimize.',
      );
  });
}

function regexProblem(regex: string, charsMax: number) {
  if (regex === '' || regex.length > charsMax)
    return {
      code: 'metric_regex',
      message: `has ${regex.length} characters; 1 to ${charsMax} are allowed.`,
      remedy: 'Write what stands around the number, for example train_loss=([0-9.]+).',
    };
  try {
    if (groupsOf(metricPattern(regex)) > 0) return undefined;
    return {
      code: 'metric_group',
      message: 'has no group, so nobody knows which part is the number.',
      remedy: 'Put the number in parentheses: train_loss=([0-9.]+).',
    };
  } catch (error) {
    return {
      code: 'metric_regex',
      message: `cannot be read: ${(error as Error).message}.`,
      remedy: 'Test it on a line that your program prints.',
    };
  }
}

function profileRules(specification: TrainingSpecification, profile: TrainingProfile, say: Say) {
  const at = '/validationSpecification/validationProfiles/0/training';
  const { channels, hyperParameters = {} } = profile.training;
  const declared = specification.trainingChannels;
  channels.forEach((c, i) => {
    sampleChannelRules(c, `${at}/channels/${i}`, channels, declared, say);
  });
  for (const { name, isRequired } of declared)
    if (isRequired && !channels.some((c) => c.channelName === name))
      say(
        'sample_channel_missing',
        `${at}/channels`,
        `The sample training gives no data for the required channel ${name}.`,
        'Add a small file for it: the algorithm is trained with it before it is listed.',
      );
  const bytes = channels.flatMap((c) => c.files ?? []).reduce((sum, f) => sum + bytesOf(f), 0);
  if (bytes > limits.trainingSample.bytesTogether)
    say(
      'sample_too_large',
      `${at}/channels`,
      `The sample data have ${bytes} bytes together; ${limits.trainingSample.bytesTogether} are allowed.`,
      'Give less, or put the files into the archive and name their folder as archivePath.',
    );
  sampleHyperParameters(specification.supportedHyperParameters ?? [], hyperParameters, at, say);
}

function sampleChannelRules(
  c: SampleChannel,
  at: string,
  all: readonly SampleChannel[],
  declared: readonly TrainingChannel[],
  say: Say,
) {
  const channel = declared.find((d) => d.name === c.channelName);
  if (!channel)
    say(
      'sample_channel_unknown',
      `${at}/channelName`,
      `The sample training gives data for ${c.channelName}, which is no channel of the algorithm.`,
      `Use one of: ${declared.map((d) => d.name).join(', ') || 'none is declared'}.`,
    );
  if (
    all.filter((o) => o.channelName === c.channelName).length > 1 &&
    all.find((o) => o.channelName === c.channelName) !== c
  )
    say(
      'sample_channel_duplicate',
      `${at}/channelName`,
      `The sample training gives the channel ${c.channelName} twice.`,
      'Put all its files into one.',
    );
  if (channel && c.contentType !== undefined && !channel.supportedContentTypes.includes(c.contentType))
    say(
      'sample_content_type',
      `${at}/contentType`,
      `The channel ${c.channelName} does not take ${c.contentType}.`,
      `Use one of: ${channel.supportedContentTypes.join(', ')}.`,
    );
  if ((c.files === undefined) === (c.archivePath === undefined))
    say(
      'sample_source',
      at,
      `The sample data of ${c.channelName} need either files or an archivePath.`,
      'Give one of the two.',
    );
  const files = c.files ?? [];
  if (c.files && (files.length === 0 || files.length > limits.trainingSample.files))
    say(
      'sample_files',
      `${at}/files`,
      `${files.length} files are given for ${c.channelName}; 1 to ${limits.trainingSample.files} are allowed.`,
      'Put many files into the archive and name their folder as archivePath.',
    );
  if (c.archivePath !== undefined && !isInsidePath(c.archivePath))
    say(
      'sample_path',
      `${at}/archivePath`,
      `“${c.archivePath.slice(0, 80)}” is not a path inside the archive.`,
      'Write it relative to the top, without "..", for example sample/train.',
    );
  files.forEach((f, i) => {
    if (!isInsidePath(f.name) || f.name.includes('/') || f.name.length > 255)
      say(
        'sample_file_name',
        `${at}/files/${i}/name`,
        `“${f.name.slice(0, 80)}” cannot be the name of a file.`,
        'Use a plain file name without folders.',
      );
    if (files.findIndex((o) => o.name === f.name) < i)
      say('sample_file_name', `${at}/files/${i}/name`, `Two files are named ${f.name}.`, 'Rename one.');
    if ((f.text === undefined) === (f.base64 === undefined) || !isBase64(f.base64))
      say(
        'sample_file',
        `${at}/files/${i}`,
        `The file ${f.name} needs its content as text, or as base64 for what is no text.`,
        'Give one of the two.',
      );
  });
}

function sampleHyperParameters(
  declared: readonly HyperParameter[],
  given: Readonly<Record<string, string>>,
  at: string,
  say: Say,
) {
  for (const problem of hyperParameterProblems(declared, given))
    say(problem.code, `${at}/hyperParameters${problem.at}`, problem.message, problem.remedy);
}

/** What is wrong with values for a training: unknown, missing, not of the type, out of range. */
export function hyperParameterProblems(
  declared: readonly HyperParameter[],
  given: Readonly<Record<string, string>>,
): { code: string; at: string; message: string; remedy: string }[] {
  const problems: { code: string; at: string; message: string; remedy: string }[] = [];
  for (const [name, value] of Object.entries(given)) {
    const known = declared.find((h) => h.name === name);
    const at = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!known)
      problems.push({
        code: 'value_unknown',
        at,
        message: `${name.slice(0, 80)} is no hyperparameter of the algorithm.`,
        remedy: `Known are: ${declared.map((h) => h.name).join(', ') || 'none'}.`,
      });
    else {
      const problem = hyperParameterProblem(known, value);
      if (problem)
        problems.push({ code: 'value', at, message: `${name}: ${problem}`, remedy: 'Correct the value.' });
    }
  }
  for (const h of declared)
    if (h.isRequired && h.defaultValue === undefined && given[h.name] === undefined)
      problems.push({
        code: 'value_missing',
        at: '',
        message: `The required hyperparameter ${h.name} has no value.`,
        remedy: 'Give one.',
      });
  return problems;
}

/** The values that a training gets: those given over the defaults, all as text. */
export function withDefaultValues(
  declared: readonly HyperParameter[],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const defaults = declared.flatMap((h) => (h.defaultValue === undefined ? [] : [[h.name, h.defaultValue]]));
  return { ...Object.fromEntries(defaults), ...given };
}

function bytesOf(f: { text?: string; base64?: string }): number {
  if (f.base64 !== undefined) return Math.floor((f.base64.length * 3) / 4);
  return new TextEncoder().encode(f.text ?? '').length;
}

const isBase64 = (value: string | undefined) =>
  value === undefined || (value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value));

function isInsidePath(path: string): boolean {
  const parts = path.split('/');
  return (
    path !== '' &&
    !path.includes('\\') &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names with them break terminals and tables
    !/[\u0000-\u001f]/.test(path) &&
    parts.every((p) => p !== '' && p !== '.' && p !== '..')
  );
}
