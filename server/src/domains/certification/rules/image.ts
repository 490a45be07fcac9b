import type { Rule } from './rule.ts';

export const imageRules = [
  {
    id: 'image-archive',
    title: 'The archive holds one whole container image',
    why: 'An image is kept and started by its digest. What does not add up to its digests is not the image that was built.',
    codes: {
      'image.kind_unknown': {
        severity: 'error',
        says: 'The file is no archive of a container image.',
        remedy:
          'Write one with `podman save --format oci-archive -o image.tar NAME` or `docker save -o image.tar NAME`.',
      },
      'image.manifest_invalid': {
        severity: 'error',
        says: 'The image’s manifest or configuration cannot be read.',
        remedy: 'Write the archive again with podman, docker, buildah or skopeo.',
      },
      'image.several': {
        severity: 'error',
        says: 'The archive holds several images.',
        remedy: 'Save one image only: name a single one in `podman save` or `docker save`.',
      },
      'image.part_missing': {
        severity: 'error',
        says: 'A layer, manifest or configuration that the image names is not in the archive.',
        remedy: 'Save the whole image again; a registry mirror’s sparse copy is not enough.',
      },
      'image.digest_differs': {
        severity: 'error',
        says: 'A part of the image does not have the digest or the size that the image states.',
        remedy: 'The archive was changed or damaged after it was built: save the image again.',
      },
      'image.layer_kind': {
        severity: 'error',
        says: 'A layer is encrypted, lies elsewhere, or is of a kind that is not known.',
        remedy: 'Build the image with plain, gzip or zstd layers that are in the archive.',
      },
      'image.part_unread': {
        severity: 'warning',
        says: 'A file in the image is an archive that cannot be looked into.',
        remedy: 'Leave it out if nothing needs it.',
      },
      'image.too_costly': {
        severity: 'error',
        says: 'Looking at the image took more time or memory than allowed.',
        remedy: 'Leave out what serving does not need.',
      },
    },
  },
  {
    id: 'image-registry',
    title: 'The registry gives the image',
    why: 'An image that is named by address is fetched once, and kept here from then on.',
    codes: {
      'image.registry_refused': {
        severity: 'error',
        says: 'The registry answered, but did not give the image.',
        remedy: 'Check the address, and give a user name and password (or a token) that may pull it.',
      },
      'image.registry_unreachable': {
        severity: 'error',
        says: 'The registry could not be reached, or stopped in the middle.',
        remedy: 'Check its name and that it can be reached from here; then pull again.',
      },
    },
  },
  {
    id: 'image-size',
    title: 'The image has a reasonable size',
    why: 'Every machine that runs the image fetches and unpacks it first, while a buyer waits.',
    codes: {
      'image.account_full': {
        severity: 'error',
        says: 'With this image the account would keep more than the operator lets it.',
        remedy: 'Delete images that nothing names, or ask the operator for more, then push it again.',
      },
      'image.size_exceeded': {
        severity: 'error',
        says: 'The image is larger than the operator accepts.',
        remedy:
          'Build from a slim base, leave out build tools and caches, and put the weights into model.tar.gz.',
      },
      'image.too_many_layers': {
        severity: 'error',
        says: 'The image has more layers than container tools can mount.',
        remedy: 'Build with `--squash`, or join RUN instructions.',
      },
    },
  },
  {
    id: 'image-platform',
    title: 'The image was built for this marketplace’s machines',
    why: 'A program for another processor does not start.',
    codes: {
      'image.architecture': {
        severity: 'error',
        says: 'The image was built for another processor.',
        remedy: 'Build it with `--platform linux/amd64` (or what the message names).',
      },
      'image.os': {
        severity: 'error',
        says: 'The image was built for another operating system.',
        remedy: 'Build a Linux image.',
      },
    },
  },
  {
    id: 'image-start',
    title: 'The image starts with serve or train, and hears signals',
    why: 'Souk starts the image as `docker run IMAGE serve`, or `train`, and ends it with SIGTERM. An entry point in shell form runs below /bin/sh, which passes neither the word nor the signal on.',
    codes: {
      'image.entrypoint_shell': {
        severity: 'error',
        says: 'The entry point is in shell form.',
        remedy: 'Write it in exec form: `ENTRYPOINT ["python3", "/opt/program/main.py"]`.',
      },
      'image.serve_missing': {
        severity: 'error',
        says: 'There is no entry point, and no program named serve or train on the PATH.',
        remedy:
          'Add an ENTRYPOINT in exec form, or put an executable named serve (or train) into /usr/local/bin.',
      },
      'image.program_missing': {
        severity: 'error',
        says: 'The program that the entry point names is not in the image, or may not be executed.',
        remedy: 'Correct the ENTRYPOINT, or COPY the program with its execute permission (`chmod +x`).',
      },
      'image.interpreter_missing': {
        severity: 'error',
        says: 'The entry point is a script whose interpreter is not in the image.',
        remedy: 'Install the interpreter, correct the first line, and save the script with line feeds only.',
      },
      'image.user_unknown': {
        severity: 'error',
        says: 'The image runs as a user that its /etc/passwd does not have.',
        remedy: 'Create the user in the image, or name it by number: `USER 1000:1000`.',
      },
      'image.user_root': {
        severity: 'info',
        says: 'The image runs as root.',
        remedy: 'Nothing must change; capabilities are dropped anyway. A USER of its own is better still.',
      },
      'image.port_other': {
        severity: 'warning',
        says: 'The image exposes other ports, and not 8080.',
        remedy: 'Listen on port 8080: it is the only one that calls arrive at.',
      },
    },
  },
  {
    id: 'image-files',
    title: 'No file hands out rights, and none points out of the image',
    why: 'Anybody who may write a program that runs as its owner becomes its owner.',
    codes: {
      'image.set_uid_writable': {
        severity: 'error',
        says: 'A program runs with its owner’s or group’s rights and may be changed by everybody.',
        remedy: 'Take the write permission from others, or the set-uid bit: `chmod u-s,o-w FILE`.',
      },
    },
  },
  {
    id: 'image-pickle',
    title: 'Pickles bring data, not commands',
    why: 'Loading a pickle calls whatever it names. What only rebuilds arrays and estimators is let pass; whatever names anything else is refused, because a model fetched from elsewhere may carry a command that its publisher never saw.',
    codes: {
      'image.pickle_import': {
        severity: 'error',
        says: 'A pickle names something that no array, table or estimator needs.',
        remedy: 'Make the file anew from data that you trust, or keep the model as ONNX or safetensors.',
      },
      'image.pickle_unclear': {
        severity: 'error',
        says: 'A pickle hides what it calls, or is too large or too deep to be followed to its end.',
        remedy:
          'Write it anew with a current Python, protocol 2 to 5; keep large arrays as .npy or safetensors.',
      },
      'image.pickle': {
        severity: 'info',
        says: 'A pickle rebuilds only data that are known as harmless.',
        remedy: 'Nothing must change; ONNX or safetensors load without running anything.',
      },
    },
  },
  {
    id: 'image-packages',
    title: 'What is installed is known',
    why: 'When a library turns out to be vulnerable, its list of packages says whether an image has it.',
    codes: {
      'image.secret_of_package': {
        severity: 'warning',
        says: 'A file of an installed package looks like a key or token; it mostly is a sample of its tests.',
        remedy: 'Look at it once; nothing must change if everybody has the same file.',
      },
      'image.packages_unknown': {
        severity: 'info',
        says: 'No package of Debian, Alpine, Python or npm was found, so the bill of materials is empty.',
        remedy: 'Nothing must change; state what a static program was built from in the listing.',
      },
    },
  },
] as const satisfies readonly Rule[];
