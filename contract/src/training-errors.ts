import { defineErrors } from './errors.ts';

export const trainingErrors = defineErrors({
  'training.missing': {
    kind: 'missing',
    message: 'There is no training job {name} in this account.',
    remedy: 'List your training jobs; upper and lower case differ.',
  },
  'training.name_taken': {
    kind: 'conflict',
    message: 'A training job or model package named {name} exists in this account.',
    remedy: 'The model that a training makes gets the name of its job: choose another.',
  },
  'training.no_algorithm': {
    kind: 'invalid',
    message: '{product} is not an algorithm: there is nothing to train.',
    remedy: 'Name a subscription to an algorithm.',
  },
  'training.request_invalid': {
    kind: 'invalid',
    message: 'The training cannot begin as it is described: {problem}',
    remedy: 'Mend what the findings name. Nothing was started and nothing is billed.',
  },
  'training.unavailable': {
    kind: 'unavailable',
    message: 'Nothing can be trained on {instanceType} now: {reason}',
    remedy: 'Choose another instance type, or tell the operator, who can mend it.',
  },
  'training.training_off': {
    kind: 'forbidden',
    message: 'This marketplace does not run training programs of publishers now.',
    remedy: 'Ask the operator, whose policy `programTraining` decides it.',
  },
  'training.too_many': {
    kind: 'limited',
    message: 'The account has {count} training jobs under way; {max} are allowed.',
    remedy: 'Wait until one has ended, or stop one.',
  },
  'training.over': {
    kind: 'conflict',
    message: 'The training job {name} is {status} and can no longer be stopped.',
    remedy: 'Nothing is left to do: it runs no more and is not billed.',
  },
  'training.not_over': {
    kind: 'conflict',
    message: 'The training job {name} is {status}.',
    remedy: 'Stop it first, or wait until it has ended.',
  },
  'tuning.missing': {
    kind: 'missing',
    message: 'There is no tuning job {name} in this account.',
    remedy: 'List your tuning jobs; upper and lower case differ.',
  },
  'tuning.name_taken': {
    kind: 'conflict',
    message: 'A tuning job named {name} exists in this account.',
    remedy: 'Choose another name.',
  },
  'tuning.request_invalid': {
    kind: 'invalid',
    message: 'The tuning cannot begin as it is described: {problem}',
    remedy: 'Mend what the findings name. Nothing was started and nothing is billed.',
  },
  'tuning.over': {
    kind: 'conflict',
    message: 'The tuning job {name} is {status} and can no longer be stopped.',
    remedy: 'Nothing is left to do.',
  },
});
