import { writeFileSync } from 'node:fs';
import { generatedFiles, root } from './generated.ts';

/** `npm run generate -w cli`: what is drawn from the code and kept in the repository. */
for (const { path, text } of generatedFiles()) writeFileSync(`${root}${path}`, text);
