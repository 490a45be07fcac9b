import { constants } from 'node:fs';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding, TrainingProfile, TrainingSpecification } from '@souk/contract';
import { found } from '../certification/index.ts';
import type { TrainingInput } from '../runtime/index.ts';

/** Lays the sample data out as the channels of a training: files of the profile, or what the archive holds. */
export async function sampleInputs(
  specification: TrainingSpecification,
  profile: TrainingProfile,
  archiveFolder: string,
  into: string,
): Promise<{ inputs: TrainingInput[]; findings: Finding[] }> {
  const inputs: TrainingInput[] = [];
  const findings: Finding[] = [];
  for (const [i, sample] of profile.training.channels.entries()) {
    const channel = specification.trainingChannels.find((c) => c.name === sample.channelName);
    // Registration has refused data for what is no channel.
    if (!channel) continue;
    const own = join(into, channel.name);
    const folder =
      sample.archivePath === undefined
        ? await written(own, sample.files ?? [])
        : await taken(own, join(archiveFolder, sample.archivePath));
    if (folder === null) {
      findings.push(
        found('training.sample_missing', {
          pointer: `/validationSpecification/validationProfiles/0/training/channels/${i}/archivePath`,
          message: `The sample data of ${channel.name} are said to be at ${sample.archivePath}, which is not in the archive.`,
        }),
      );
      continue;
    }
    inputs.push({
      name: channel.name,
      contentType: sample.contentType ?? channel.supportedContentTypes[0],
      compression: 'None',
      inputMode: channel.supportedInputModes.includes('File')
        ? 'File'
        : (channel.supportedInputModes[0] ?? 'File'),
      folder,
    });
  }
  return { inputs, findings };
}

async function written(
  folder: string,
  files: readonly { name: string; text?: string; base64?: string }[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const { name, text, base64 } of files)
    await writeFile(join(folder, name), base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64'));
  return folder;
}

/** A folder is given as it lies, a single file in a folder of its own. */
async function taken(folder: string, path: string): Promise<string | null> {
  const lies = await stat(path).catch(() => null);
  if (lies === null) return null;
  if (lies.isDirectory()) return path;
  await mkdir(folder, { recursive: true });
  await copyFile(path, join(folder, basename(path)), constants.COPYFILE_FICLONE);
  return folder;
}
