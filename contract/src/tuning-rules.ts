import type { HyperParameter, TrainingSpecification } from './algorithms.ts';
import { type Finding, finding } from './findings.ts';
import { hyperParameterProblem } from './hyper-parameter-rules.ts';
import { type SayTraining, trainingFindings, valueRules } from './training-rules.ts';
import { type NewTuningJob, type TuningConfig, type TuningRange, tuningLimits } from './tuning.ts';

/** What is wrong with a tuning before anything starts. Pointers are into the request. */
export function tuningFindings(specification: TrainingSpecification, given: NewTuningJob): Finding[] {
  const found: Finding[] = [];
  const say: SayTraining = (code, pointer, message, remedy) =>
    found.push(
      finding({ rule: 'tuning', code: `tuning.${code}`, severity: 'error', pointer, message, remedy }),
    );
  const { staticHyperParameters = {}, ...training } = given.training;
  objectiveRules(specification, given.config, say);
  rangeRules(specification.supportedHyperParameters ?? [], given.config, staticHyperParameters, say);
  if (given.config.maxParallelJobs > given.config.maxJobs)
    say(
      'parallel',
      '/config/maxParallelJobs',
      `${given.config.maxParallelJobs} jobs at a time, but only ${given.config.maxJobs} altogether.`,
      'Lower one or raise the other.',
    );
  if (found.length === 0 && given.config.strategy === 'Grid')
    gridRule(specification.supportedHyperParameters ?? [], given.config, say);
  const sayTraining: SayTraining = (code, pointer, message, remedy) =>
    found.push(
      finding({
        rule: 'training',
        code: `training.${code}`,
        severity: 'error',
        pointer: `/training${pointer}`,
        message,
        remedy,
      }),
    );
  valueRules(
    specification.supportedHyperParameters ?? [],
    staticHyperParameters,
    '/staticHyperParameters',
    sayTraining,
    given.config.ranges.map((r) => r.name),
  );
  const rest = trainingFindings({ ...specification, supportedHyperParameters: [] }, training);
  return [...found, ...rest.map((f) => ({ ...f, pointer: `/training${f.pointer}` }))];
}

function objectiveRules(specification: TrainingSpecification, { objective }: TuningConfig, say: SayTraining) {
  const supported = specification.supportedTuningJobObjectiveMetrics ?? [];
  if (supported.some((o) => o.metricName === objective.metricName && o.type === objective.type)) return;
  const words = supported.map((o) => `${o.type} ${o.metricName}`).join(', ');
  say(
    'objective',
    '/config/objective',
    `The algorithm cannot be tuned to ${objective.type} ${objective.metricName}.`,
    words === '' ? 'Its publisher declares no objective: it cannot be tuned.' : `Use one of: ${words}.`,
  );
}

function rangeRules(
  declared: readonly HyperParameter[],
  { ranges, strategy }: TuningConfig,
  fixed: Readonly<Record<string, string>>,
  say: SayTraining,
) {
  const tunable = declared.filter((h) => h.isTunable).map((h) => h.name);
  if (ranges.length === 0)
    say(
      'range_missing',
      '/config/ranges',
      'No hyperparameter is to be tuned.',
      `Tunable are: ${tunable.join(', ') || 'none'}.`,
    );
  if (ranges.length > tuningLimits.ranges)
    say(
      'range_too_many',
      '/config/ranges',
      `${ranges.length} ranges are given; ${tuningLimits.ranges} are allowed.`,
      'Fix some of them.',
    );
  ranges.forEach((r, i) => {
    const at = `/config/ranges/${i}`;
    const h = declared.find((d) => d.name === r.name);
    if (!h?.isTunable) {
      say(
        'range_not_tunable',
        `${at}/name`,
        h ? `${r.name} cannot be tuned.` : `${r.name.slice(0, 80)} is no hyperparameter of the algorithm.`,
        `Tunable are: ${tunable.join(', ') || 'none'}.`,
      );
      return;
    }
    if (ranges.findIndex((o) => o.name === r.name) < i)
      say('range_duplicate', `${at}/name`, `${r.name} has two ranges.`, 'Keep one.');
    if (fixed[r.name] !== undefined)
      say('range_fixed', `${at}/name`, `${r.name} has a range and a fixed value.`, 'Keep one of the two.');
    oneRange(h, r, at, strategy, say);
  });
}

function oneRange(h: HyperParameter, r: TuningRange, at: string, strategy: string, say: SayTraining) {
  if (h.type === 'Categorical' || (strategy === 'Grid' && r.values)) {
    for (const value of r.values ?? h.range?.values ?? []) {
      const problem = hyperParameterProblem(h, value);
      if (problem) say('range_value', `${at}/values`, `${r.name}: ${problem}`, 'Correct the value.');
    }
    if (r.values?.length === 0)
      say(
        'range_value',
        `${at}/values`,
        `${r.name} has no values to choose from.`,
        'List some, or leave values out.',
      );
    return;
  }
  const { min = h.range?.min, max = h.range?.max } = r;
  for (const [side, value] of [
    ['min', min],
    ['max', max],
  ] as const) {
    const problem = value === undefined ? 'it is not given.' : hyperParameterProblem(h, value);
    if (problem)
      say(
        'range_bound',
        `${at}/${side}`,
        `The ${side} of ${r.name}: ${problem}`,
        'Stay within what the algorithm takes.',
      );
  }
  if (!(Number(min) < Number(max)))
    say(
      'range_order',
      at,
      `The range of ${r.name}, ${min} to ${max}, has nothing in between.`,
      'Give a min below the max.',
    );
  if (r.scaling === 'Logarithmic' && !(Number(min) > 0))
    say(
      'range_scaling',
      `${at}/scaling`,
      `The range of ${r.name} begins at ${min}; a logarithmic one begins above 0.`,
      'Raise the min, or use Linear.',
    );
  if (r.scaling === 'ReverseLogarithmic' && !(Number(min) >= 0 && Number(max) < 1))
    say(
      'range_scaling',
      `${at}/scaling`,
      `The range of ${r.name} is not from 0 to below 1.`,
      'Use Linear or Logarithmic.',
    );
  if (strategy === 'Grid' && h.type === 'Continuous')
    say('range_grid', at, `${r.name} is continuous: a grid needs its steps.`, 'List them as values.');
}

function gridRule(declared: readonly HyperParameter[], { ranges, maxJobs }: TuningConfig, say: SayTraining) {
  const size = ranges.reduce((n, r) => n * gridValues(declared, r).length, 1);
  if (size > maxJobs)
    say(
      'grid_size',
      '/config/maxJobs',
      `The grid has ${size} points, but only ${maxJobs} jobs are allowed.`,
      'Raise maxJobs, or list fewer values.',
    );
}

/** The steps of one side of a grid. */
export function gridValues(declared: readonly HyperParameter[], r: TuningRange): readonly string[] {
  const h = declared.find((d) => d.name === r.name);
  if (r.values) return r.values;
  if (h?.type === 'Categorical') return h.range?.values ?? [];
  const [min, max] = [Number(r.min ?? h?.range?.min), Number(r.max ?? h?.range?.max)];
  // One more than any tuning may have is refused all the same, and costs nothing to count.
  const steps = Math.min(max - min + 1, tuningLimits.jobs + 1);
  return Array.from({ length: steps }, (_, i) => `${min + i}`);
}
