import { writeFileSync } from 'node:fs';
import { errorsMarkdown, openApi, operations } from '@souk/contract';
import { rulesMarkdown } from '../server/src/domains/certification/index.ts';
import { accessPage } from './access.ts';

/** Writes the OpenAPI document, drawn from the contract. A test holds it (and the web client's types) against the code. */
const document = openApi(Object.values(operations), { version: '0.1.0', serverUrl: 'http://127.0.0.1:4600' });
writeFileSync('contract/openapi.gen.json', `${JSON.stringify(document, null, 1)}\n`);
writeFileSync('docs/rules.md', rulesMarkdown());
writeFileSync('docs/errors.md', errorsMarkdown());
writeFileSync('docs/access.md', await accessPage());
