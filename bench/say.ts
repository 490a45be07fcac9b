/** Progress goes to standard error: standard output is for the results. */
export const say = (line: string) => process.stderr.write(`bench: ${line}\n`);
