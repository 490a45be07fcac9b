import type { Finding } from '@souk/contract/findings';
import type { ByteSource } from '../onnx/byte-source.ts';
import { found } from '../rules.ts';
import { isAllowed } from './pickle-allowed.ts';
import { followPickle, type Named } from './pickle-machine.ts';

const picklesMax = 10_000;
const shownMax = 5;

/**
 * What a pickle, or several one behind the other, would look up when it is loaded. `certain`: its name says that it is one,
 * so what cannot be followed is refused too.
 */
export function pickleFindings(file: string, source: ByteSource, from: number, certain: boolean): Finding[] {
  const others = new Set<string>();
  const named = ({ module, name }: Named) => {
    if (!isAllowed(module, name) && others.size < 100) others.add(`${module}.${name}`.slice(0, 200));
  };
  let at = from;
  let seen = 0;
  let problem: string | null = null;
  for (; at < source.sizeBytes && seen < picklesMax; seen++) {
    const followed = followPickle(source, at, named);
    at = followed.at;
    if (followed.end === 'stop') {
      // Behind a pickle more may follow: further ones, or raw numbers as old torch files have them.
      if (at < source.sizeBytes && !begins(source, at)) break;
      continue;
    }
    const told = followed.end === 'unclear' || followed.end === 'costly';
    if (told || (certain && seen === 0) || (followed.end === 'cut' && seen === 0)) problem = followed.why;
    break;
  }
  if (others.size > 0) {
    const shown = [...others].slice(0, shownMax).map((n) => JSON.stringify(n).slice(1, -1));
    const more = others.size > shownMax ? ` and ${others.size - shownMax} more` : '';
    return [
      found('image.pickle_import', {
        file,
        message: `The pickle “${file}” looks up ${shown.join(', ')}${more}.`,
      }),
    ];
  }
  if (problem !== null)
    return [
      found('image.pickle_unclear', {
        file,
        message: `The pickle “${file}” cannot be followed: ${problem}.`,
      }),
    ];
  return seen > 0 ? [found('image.pickle', { file, message: `“${file}” is a pickle of plain data.` })] : [];
}

function begins(source: ByteSource, at: number): boolean {
  const [first = 0, second = 0] = source.read(at, Math.min(2, source.sizeBytes - at));
  return (first === 0x80 && second >= 1 && second <= 5) || '(c])}'.includes(String.fromCharCode(first));
}
