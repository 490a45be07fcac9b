import type { Version } from './document.ts';
import type { Findings } from './document-findings.ts';
import type { DocumentContext, KnownResource } from './document-rules.ts';
import { limits } from './limits.ts';

type Kind = 'model-package' | 'algorithm';

const words: Readonly<
  Record<Kind, { name: string; field: 'modelPackageArn' | 'algorithmArn'; push: string }>
> = {
  'model-package': { name: 'model package', field: 'modelPackageArn', push: 'souk models push' },
  algorithm: { name: 'algorithm', field: 'algorithmArn', push: 'souk algorithms push' },
};
const arnForm =
  /^arn:[^:]+:sagemaker:[a-z0-9-]+:([0-9]{12}):(model-package|algorithm)\/[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$/;

/** Where a version names what it sells. Which of the two fields, the product's type decides. */
export const arnFieldOf = (type: DocumentContext['type'], v: Version) => words[kindOf(type, v)].field;

export function kindOf(type: DocumentContext['type'], v: Version): Kind {
  if (type !== undefined) return type === 'algorithm' ? 'algorithm' : 'model-package';
  return v.algorithmArn !== undefined && v.modelPackageArn === undefined ? 'algorithm' : 'model-package';
}

/** The registered thing that a version sells; each way to name a wrong one has a code of its own. */
export function resourceOf(
  v: Version,
  at: string,
  context: DocumentContext,
  found: Findings,
): KnownResource | undefined {
  const kind = kindOf(context.type, v);
  const { name, field, push } = words[kind];
  const other = words[kind === 'algorithm' ? 'model-package' : 'algorithm'];
  const pointer = `${at}/${field}`;
  if (v[other.field] !== undefined) wrongKind(kind, `${at}/${other.field}`, found);
  const arn = v[field];
  if (arn === undefined && v[other.field] !== undefined) return undefined;
  if (!found.required(arn, pointer, `The ${name}’s ARN`)) return undefined;
  const [, accountId, named] = arnForm.exec(arn) ?? [];
  if (named === undefined) {
    found.add(
      pointer,
      'document.arn_form',
      `This is not the ARN of ${kind === 'algorithm' ? 'an algorithm' : 'a model package'}.`,
      `It looks like arn:aws:sagemaker:<region>:<account>:${kind}/<name>; \`${push.replace('push', 'list')}\` shows yours.`,
    );
    return undefined;
  }
  if (named !== kind) {
    wrongKind(kind, pointer, found);
    return undefined;
  }
  if (context.accountId !== undefined && accountId !== context.accountId) {
    found.add(
      pointer,
      'document.resource_foreign',
      `The ${name} belongs to the account ${accountId}; a publisher lists its own.`,
      `Register it in this account (\`${push}\`), or correct the ARN.`,
    );
    return undefined;
  }
  if (!context.resources) return undefined;
  const resource = context.resources.get(arn);
  if (!resource) {
    found.add(
      pointer,
      'document.resource_missing',
      `There is no ${name} ${arn} that this account may list.`,
      `Register it first (\`${push}\`), or correct the ARN.`,
    );
    return undefined;
  }
  if (resource.status !== 'Completed')
    found.add(
      pointer,
      'document.resource_not_completed',
      `The ${name} is ${resource.status}, not Completed.`,
      resource.status === 'Failed'
        ? 'Mend what its findings name and register it under a new name.'
        : 'Wait until its checks have ended.',
    );
  if (!resource.certifyForMarketplace)
    found.add(
      pointer,
      'document.resource_not_certified',
      `The ${name} was registered without certification for the marketplace.`,
      'Register it again with certifyForMarketplace: true.',
    );
  return resource;
}

function wrongKind(kind: Kind, pointer: string, found: Findings) {
  if (kind === 'algorithm')
    found.add(
      pointer,
      'document.model_package_in_algorithm',
      'This product sells an algorithm, and the version names a model package.',
      'Write the ARN of an algorithm as algorithmArn, or create a product of the type model-package.',
    );
  else
    found.add(
      pointer,
      'document.algorithm_in_model_package',
      'This product sells a model package, and the version names an algorithm.',
      'Write the ARN of a model package as modelPackageArn, or create a product of the type algorithm.',
    );
}

/** What buyers read about the data that an algorithm learns from. Metrics, channels and hyperparameters come from the resource. */
export function trainingRules(v: Version, at: string, context: DocumentContext, found: Findings) {
  const own = `${at}/training`;
  const { training } = v;
  if (kindOf(context.type, v) !== 'algorithm') {
    if (training !== undefined)
      found.add(
        own,
        'document.training_in_model_package',
        'A model package is trained already; only an algorithm has training data.',
        'Remove the section, and describe in the listing what the model was trained on.',
      );
    if (v.recommendedInstanceTypes?.training !== undefined)
      found.add(
        `${at}/recommendedInstanceTypes/training`,
        'document.training_in_model_package',
        'Only an algorithm has an instance type for training.',
        'Remove it.',
      );
    return;
  }
  found.required(training?.overview, `${own}/overview`, 'The overview of the algorithm');
  found.text(
    training?.overview,
    `${own}/overview`,
    'The overview of the algorithm',
    limits.algorithmOverviewChars,
  );
  found.required(training?.description, `${own}/description`, 'The description of the training data');
  found.text(
    training?.description,
    `${own}/description`,
    'The description of the training data',
    limits.trainingDescriptionChars,
  );
  if (!training?.sample?.trim() && !training?.sampleUrl?.trim())
    found.add(
      `${own}/sample`,
      'document.missing',
      'An example of the training data is missing.',
      'Give some rows as text, or the address of a file.',
    );
  found.text(training?.sample, `${own}/sample`, 'The example of the training data', limits.sampleChars);
  found.url(training?.sampleUrl, `${own}/sampleUrl`, 'The example’s address', limits.urlChars);
}
