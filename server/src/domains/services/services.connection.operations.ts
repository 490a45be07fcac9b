import type { PublicOperation, ServiceSection } from '@souk/contract';
import { compilePattern } from './services.arguments.ts';
import type { Answer } from './services.connection.ask.ts';
import { Failed } from './services.connection.failed.ts';
import { compileJsonPath } from './services.json.ts';
import { readMetadata } from './services.metadata.ts';
import { checkXPath } from './services.xml.ts';

/** What an OData service says of itself. */
export function metadataOf(answer: Answer): PublicOperation[] {
  const remedy =
    'Give the address of the service document as the service URL, or take the mark from "This service is OData".';
  if (answer.status !== 200)
    throw new Failed(
      'connection.metadata_missing',
      '/service/url',
      `$metadata answered ${answer.status}.`,
      remedy,
    );
  try {
    return readMetadata(answer.text);
  } catch (error) {
    throw new Failed(
      'connection.metadata_unreadable',
      '/service/isOData',
      `What $metadata answers (${answer.contentType.slice(0, 60) || 'no content type'}) cannot be read: ${(error as Error).message.split('\n')[0]?.slice(0, 300)}.`,
      remedy,
    );
  }
}

/** Patterns and paths, by the engines that will run them. */
export function describedOperations({ operations = [] }: ServiceSection): string {
  operations.forEach((o, i) => {
    const at = `/service/operations/${i}`;
    const tried = (pointer: string, what: string, work: () => unknown) => {
      try {
        work();
      } catch (error) {
        throw new Failed(
          'connection.operation_unreadable',
          `${at}${pointer}`,
          `${o.name}: ${what} cannot be read: ${(error as Error).message.split('\n')[0]?.slice(0, 200)}.`,
          'Correct it; the reference of the form is in docs/publishing/web-services.md.',
        );
      }
    };
    o.parameters.forEach((p, k) => {
      if (p.pattern !== undefined)
        tried(`/parameters/${k}/pattern`, `the pattern of ${p.name}`, () => compilePattern(p.pattern ?? ''));
    });
    const { format, rows, namespaces = [], errors = [] } = o.response;
    const path = (pointer: string, text: string | undefined) => {
      if (text === undefined || format === 'csv') return;
      if (format === 'xml') tried(pointer, `the XPath ${text}`, () => checkXPath(text, namespaces));
      else if (text.startsWith('$')) tried(pointer, `the JSONPath ${text}`, () => compileJsonPath(text));
    };
    path('/response/rows', rows);
    o.columns.forEach((c, k) => {
      path(`/columns/${k}/path`, c.path);
    });
    errors.forEach((e, k) => {
      path(`/response/errors/${k}/match`, e.match);
    });
  });
  return operations
    .map((o) => o.name)
    .join(', ')
    .slice(0, 300);
}
