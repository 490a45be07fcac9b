import { request } from 'node:http';

/** True when the container at this socket says that it can be called (GET /ping answers 200). */
export function ping(unix: string, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      { socketPath: unix, path: '/ping', timeout: timeoutMs, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}
