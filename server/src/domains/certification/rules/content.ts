import type { Rule } from './rule.ts';

export const contentRules = [
  {
    id: 'package-model',
    title: 'The package has one model to serve',
    why: 'Souk must know, without guessing, which file answers the calls.',
    codes: {
      'package.model_missing': {
        severity: 'error',
        says: 'There is no ONNX model in the package.',
        remedy: 'Export the model to ONNX and put it into the package as model.onnx.',
      },
      'package.model_ambiguous': {
        severity: 'error',
        says: 'There are several ONNX models and none of them is model.onnx at the top of the package.',
        remedy: 'Name the one that answers calls model.onnx and put it at the top of the package.',
      },
      'package.path_unreadable': {
        severity: 'error',
        says: 'The path does not exist, cannot be read, or is neither a file nor a folder.',
        remedy: 'Check the path and its permissions.',
      },
    },
  },
  {
    id: 'unsafe-pickle',
    title: 'No pickled Python objects',
    why: 'Loading a pickle runs whatever code its author put in, on the machine that loads it. No scan can prove one harmless.',
    codes: {
      'unsafe.pickle': {
        severity: 'error',
        says: 'A file is a Python pickle (also inside .pt, .joblib, .npy with objects).',
        remedy:
          'Export the model to ONNX and leave the pickle out; keep arrays as raw tensors, not as objects.',
      },
    },
  },
  {
    id: 'unsafe-code',
    title: 'No scripts, programs or libraries in a model package',
    why: 'An ONNX model package is data. Code in it is either not needed or is a custom-operator library that could do anything with the machine and the buyer’s data.',
    codes: {
      'unsafe.executable': {
        severity: 'error',
        says: 'A file is a program or a shared library.',
        remedy:
          'Leave it out. A model that needs its own code can be sold as a container, not as an ONNX package.',
      },
      'unsafe.script': {
        severity: 'error',
        says: 'A file is a script.',
        remedy:
          'Leave it out; link to your repository from the listing. A model that needs code can be sold as a container.',
      },
      'unsafe.macro': {
        severity: 'error',
        says: 'A document carries macros.',
        remedy: 'Save the document without macros, or as plain text or PDF.',
      },
    },
  },
  {
    id: 'hidden-files',
    title: 'No left-over hidden files',
    why: 'Hidden files are packed by accident, and are where secrets and private history leak from.',
    codes: {
      'package.hidden_file': {
        severity: 'warning',
        says: 'A file or folder name starts with a dot, or was left by an operating system or editor.',
        remedy: 'Leave it out: `tar --exclude=".*" --exclude=__MACOSX ...`',
      },
      'package.repository': {
        severity: 'error',
        says: 'The package holds a version-control folder with its whole history.',
        remedy: 'Leave .git, .hg or .svn out: `tar --exclude-vcs ...`',
      },
    },
  },
  {
    id: 'secrets',
    title: 'No keys, passwords or tokens',
    why: 'Buyers’ machines hold a copy of the package. A key in it is a key given away; take it as stolen and replace it.',
    codes: {
      'secret.private_key': {
        severity: 'error',
        says: 'A file holds a private key.',
        remedy: 'Remove it, and replace the key pair: it has left your hands.',
      },
      'secret.cloud_key': {
        severity: 'error',
        says: 'A file holds a cloud provider’s access key.',
        remedy: 'Remove it, and revoke the key with the provider.',
      },
      'secret.token': {
        severity: 'error',
        says: 'A file holds an access token or a connection string with a password.',
        remedy: 'Remove it, and revoke the token where it was issued.',
      },
      'secret.souk_key': {
        severity: 'error',
        says: 'A file holds an API key of a Souk marketplace.',
        remedy: 'Remove it, and revoke the key under Account, API keys.',
      },
    },
  },
  {
    id: 'malware',
    title: 'No known malware',
    why: 'Every package is scanned with ClamAV before anybody but its publisher can reach it.',
    codes: {
      'malware.found': {
        severity: 'error',
        says: 'The scanner recognised malware.',
        remedy:
          'Remove the file and check the machine that it came from. If the scanner is wrong, dispute the finding.',
      },
      'malware.not_scanned': {
        severity: 'warning',
        says: 'A part of the package could not be scanned.',
        remedy:
          'Nothing for you to mend: the operator decides whether the submission goes on without the scan.',
      },
    },
  },
] as const satisfies readonly Rule[];
