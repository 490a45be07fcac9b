import type { Rule } from './rule.ts';

export const archiveRules = [
  {
    id: 'archive-readable',
    title: 'The package is a whole archive of a known kind',
    why: 'A damaged archive unpacks differently for different tools, so nobody could say what was checked.',
    codes: {
      'archive.kind_unknown': {
        severity: 'error',
        says: 'The file is neither tar, tar.gz, zip nor a bare ONNX model.',
        remedy: 'Pack the model with `tar czf model.tar.gz -C FOLDER .`, or submit the .onnx file itself.',
      },
      'archive.damaged': {
        severity: 'error',
        says: 'The archive ends early, a checksum is wrong, or a header contradicts what follows it.',
        remedy: 'Build the archive again and compare it with `tar tzf` or `unzip -t` before you submit it.',
      },
      'archive.encrypted': {
        severity: 'error',
        says: 'An entry is encrypted and cannot be checked.',
        remedy: 'Build the archive without a password.',
      },
      'archive.nested_unreadable': {
        severity: 'warning',
        says: 'An archive inside the package cannot be read, so its contents were not looked at.',
        remedy: 'Leave it out, or put its files into the package directly.',
      },
    },
  },
  {
    id: 'archive-paths',
    title: 'Every entry stays inside the package, under one unmistakable name',
    why: 'A name such as `../../etc/passwd` writes outside the folder it is unpacked into; two names that differ only in case become one file on some machines, and then the file that runs is not the file that was checked.',
    codes: {
      'archive.path_escapes': {
        severity: 'error',
        says: 'An entry has an absolute path or climbs out of the package with `..`.',
        remedy:
          'Build the archive from inside the folder, with relative names: `tar czf model.tar.gz -C FOLDER .`',
      },
      'archive.path_invalid': {
        severity: 'error',
        says: 'A name is empty, too long, not UTF-8, or holds control characters or backslashes.',
        remedy: 'Rename the file with letters, digits, `.`, `-` and `_`.',
      },
      'archive.path_duplicate': {
        severity: 'error',
        says: 'Two entries have the same name.',
        remedy: 'Keep one of them. Do not append to an existing archive; build it anew.',
      },
      'archive.path_collides': {
        severity: 'error',
        says: 'Two names are the same on a disk that ignores case or normalises Unicode, or a file stands where a folder is needed.',
        remedy: 'Rename one of the two.',
      },
    },
  },
  {
    id: 'archive-links',
    title: 'Links stay inside the package; devices are refused',
    why: 'A link can point at any file of the machine that unpacks it; a device is a handle on that machine.',
    codes: {
      'archive.link_escapes': {
        severity: 'error',
        says: 'A symbolic or hard link points outside the package.',
        remedy: 'Put the file itself into the archive: `tar --dereference -czf ...`',
      },
      'archive.link_dangling': {
        severity: 'error',
        says: 'A link points at nothing, at a folder, or at itself.',
        remedy: 'Put the file itself into the archive: `tar --dereference -czf ...`',
      },
      'archive.special_file': {
        severity: 'error',
        says: 'An entry is a device, a pipe or a socket.',
        remedy: 'Leave it out; a package holds files and folders only.',
      },
    },
  },
  {
    id: 'archive-limits',
    title: 'The package unpacks to a reasonable size',
    why: 'A few kilobytes can unpack to petabytes. The limits protect every machine that deploys the package.',
    codes: {
      'archive.too_large': {
        severity: 'error',
        says: 'The package, or what it unpacks to, is larger than this marketplace accepts.',
        remedy: 'Leave out what serving does not need, or ask the operator for a higher limit.',
      },
      'archive.file_too_large': {
        severity: 'error',
        says: 'One file is larger than this marketplace accepts.',
        remedy: 'Split the weights into several external data files, or ask the operator for a higher limit.',
      },
      'archive.too_many_files': {
        severity: 'error',
        says: 'The package has more entries than this marketplace accepts.',
        remedy: 'Leave out what serving does not need.',
      },
      'archive.ratio_exceeded': {
        severity: 'error',
        says: 'The content is packed so tightly that it looks like a decompression bomb.',
        remedy: 'Remove long runs of zeros, or submit an uncompressed .tar.',
      },
      'archive.nested_too_deep': {
        severity: 'error',
        says: 'Archives are packed inside archives too deeply.',
        remedy: 'Put the files into the package directly.',
      },
    },
  },
] as const satisfies readonly Rule[];
