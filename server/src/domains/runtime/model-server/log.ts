export type Level = 'info' | 'warn' | 'error';
export type Log = (level: Level, message: string) => void;

/** One JSON object a line on standard output, which whoever started the process reads and keeps. */
export const jsonLines: Log = (level, message) => {
  process.stdout.write(`${JSON.stringify({ level, message })}\n`);
};
