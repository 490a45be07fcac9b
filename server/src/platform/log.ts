import pino from 'pino';

export type Log = pino.Logger;

/** JSON lines on stderr: stdout belongs to what a command answers. Secrets never reach a log. */
export function newLog(name: string, level: string): Log {
  return pino(
    {
      name,
      level,
      redact: {
        paths: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.key', '*.token'],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
