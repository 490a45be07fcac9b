import type { Rule } from './rule.ts';

export const trainingRules = [
  {
    id: 'training-program',
    title: 'A training program has one beginning that this marketplace can run',
    why: 'An algorithm is code of its publisher. It runs in a sandbox without network, started as `train`, so it must bring everything that it needs.',
    codes: {
      'training.entry_missing': {
        severity: 'error',
        says: 'There is no program named train.',
        remedy: 'Put an executable script named train at the top of the archive.',
      },
      'training.entry_ambiguous': {
        severity: 'error',
        says: 'Several files are named train, and none of them lies at the top.',
        remedy: 'Put the one that is to be started at the top of the archive.',
      },
      'training.entry_not_script': {
        severity: 'error',
        says: 'The file train does not say what runs it.',
        remedy: 'Begin it with a line such as #!/usr/bin/env python3, #!/usr/bin/env node or #!/bin/sh.',
      },
      'training.interpreter_unknown': {
        severity: 'error',
        says: 'The file train asks for an interpreter that this marketplace does not have.',
        remedy: 'Use python3, node, bash or sh.',
      },
      'training.line_endings': {
        severity: 'error',
        says: 'The first line of train ends as on Windows, so its interpreter would not be found.',
        remedy: 'Save the file with line feeds only (`dos2unix train`).',
      },
      'training.network': {
        severity: 'warning',
        says: 'A script fetches something from the network, which a training does not reach.',
        remedy: 'Put what it needs into the archive.',
      },
      'training.sample_missing': {
        severity: 'error',
        says: 'The sample training names a path that is not in the archive.',
        remedy: 'Correct archivePath, or put the sample data into the archive.',
      },
    },
  },
  {
    id: 'training-run',
    title: 'The sample training ends well and leaves a model that answers',
    why: 'A buyer pays for training. What does not train the publisher’s own sample will not train theirs.',
    codes: {
      'training.failed': {
        severity: 'error',
        says: 'The program ended with an error.',
        remedy:
          'Run train on your desk with the sample data below /opt/ml; the last lines of its log are with the algorithm.',
      },
      'training.time_exceeded': {
        severity: 'error',
        says: 'The sample training did not end in its time.',
        remedy: 'Make the sample smaller, or lower the number of rounds in its hyperparameters.',
      },
      'training.memory_exceeded': {
        severity: 'error',
        says: 'The sample training took more memory than its instance type has.',
        remedy: 'Name a larger instance type first, or read the data in parts.',
      },
      'training.disk_exceeded': {
        severity: 'error',
        says: 'The sample training wrote more to disk than it may.',
        remedy: 'Keep temporary files small, and only the model in /opt/ml/model.',
      },
      'training.processes_exceeded': {
        severity: 'error',
        says: 'The sample training started more processes than it may.',
        remedy: 'Start as many workers as the machine has CPUs; their number is in OMP_NUM_THREADS.',
      },
      'training.log_exceeded': {
        severity: 'error',
        says: 'The sample training printed more than it may.',
        remedy: 'Print one line for each round, not for each row.',
      },
      'training.model_missing': {
        severity: 'error',
        says: 'The training ended well, but left nothing in /opt/ml/model.',
        remedy: 'Write the trained model to /opt/ml/model/model.onnx.',
      },
      'training.serve_not_open': {
        severity: 'error',
        says: 'The training made no ONNX model, and programs of this publisher do not serve models here.',
        remedy:
          'Write the trained model to /opt/ml/model/model.onnx, bring a container image that serves it, or ask the operator to name your account in the policy programServing.',
      },
      'training.serve_missing': {
        severity: 'error',
        says: 'The training made no ONNX model, and there is no program that serves what it made.',
        remedy:
          'Write the trained model to /opt/ml/model/model.onnx, or put an executable script named serve beside train that answers GET /ping and POST /invocations on port 8080.',
      },
      'training.model_link': {
        severity: 'error',
        says: 'The training left a link, a pipe or something else that is no plain file in /opt/ml/model.',
        remedy: 'Write plain files only.',
      },
      'training.model_unreadable': {
        severity: 'error',
        says: 'A file in /opt/ml/model cannot be read.',
        remedy: 'Leave the permissions of what the program writes as they are.',
      },
      'training.metric_missing': {
        severity: 'error',
        says: 'A declared metric never appeared in the log of the sample training.',
        remedy: 'Print it, or correct the pattern of its definition.',
      },
      'training.metric_not_number': {
        severity: 'error',
        says: 'What a metric’s pattern finds is not a number.',
        remedy: 'Put the parentheses of the pattern around the number only.',
      },
      'training.metric_slow': {
        severity: 'error',
        says: 'A metric’s pattern takes too long on the log of the sample training.',
        remedy: 'Avoid nested repetitions such as (a+)+; write what stands around the number.',
      },
    },
  },
] as const satisfies readonly Rule[];
