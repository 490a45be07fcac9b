import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../server/src/platform/postgres.ts';

/** Where nginx goes: `127.0.0.1:80` or `unix:/path`. */
export interface Behind {
  readonly upstream: string;
  readonly authorizer: string;
}

/** The peer: nginx with auth_request, connections kept to both servers behind it, no access log. */
export async function startNginx(
  folder: string,
  { upstream, authorizer }: Behind,
): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  mkdirSync(folder);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  // As root its workers would run as another user, who may not open the sockets.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const kept = 'proxy_http_version 1.1; proxy_set_header Connection "";';
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log crit; events { worker_connections 1024; }
http { access_log off; ${temporary} keepalive_requests 10000000;
  upstream model { server ${upstream}; keepalive 128; keepalive_requests 10000000; }
  upstream authorizer { server ${authorizer}; keepalive 128; keepalive_requests 10000000; }
  server { listen 127.0.0.1:${port};
    location / { auth_request /authorize; proxy_pass http://model; ${kept} }
    location = /authorize { internal; proxy_pass http://authorizer; proxy_pass_request_body off; ${kept}
      proxy_set_header Content-Length ""; proxy_set_header X-Original-URI $request_uri; } } }`,
  );
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let i = 0; i < 100; i++) {
    const open = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (open) return { port, child };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start.');
}
