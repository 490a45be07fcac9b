import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';

const repositories: readonly string[] = ['.git', '.hg', '.svn', '.bzr'];
const leftOvers: readonly string[] = ['__MACOSX', 'Thumbs.db', 'desktop.ini', '__pycache__'];
const findingsMax = 20;

/** Names what was packed by accident; one finding for a folder, however much lies in it. */
export function hiddenFileFindings(paths: readonly string[]): Finding[] {
  const places = new Map<string, Finding>();
  for (const path of paths) {
    const parts = path.split('/');
    const at = parts.findIndex((part) => isHidden(part));
    const part = parts[at];
    if (part === undefined) continue;
    const place = parts.slice(0, at + 1).join('/');
    if (places.has(place)) continue;
    places.set(
      place,
      repositories.includes(part)
        ? found('package.repository', { file: place, message: `“${place}” is a version-control folder.` })
        : found('package.hidden_file', { file: place, message: `“${place}” looks packed by accident.` }),
    );
    if (places.size >= findingsMax) break;
  }
  return [...places.values()];
}

function isHidden(part: string): boolean {
  return (part.startsWith('.') && part.length > 1) || leftOvers.includes(part) || part.endsWith('~');
}
