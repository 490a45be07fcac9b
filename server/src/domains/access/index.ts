export { accessMarkdown } from './access.markdown.ts';
export { accessMatrix } from './access.matrix.ts';
export { accessRoutes } from './access.routes.ts';
/**
 * `noteMade` and `namesFor` hold what is made and listed to the limits of a key; `requireDescribe` and `requireDescribeOne`
 * refuse what may not be described; `placeOf` tells the server where a path leads.
 */
export { namesFor, noteMade, placeOf, requireDescribe, requireDescribeOne } from './access.service.ts';
