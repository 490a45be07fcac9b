import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real cluster of two nodes on this computer: a munged, a controller and two slurmd of its own, on ports of its own. */
export interface TestCluster {
  /** What reaches it: SLURM_CONF. */
  readonly env: Readonly<Record<string, string>>;
  /** Seen by both nodes, of course. */
  readonly folder: string;
  squeue(): string;
  stop(): Promise<void>;
}

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue'];
const searched = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`;

/** Why there can be no cluster here, with the command that changes it. */
export function slurmMissing(): string | null {
  const absent = programs.filter(
    (name) => !searched.split(delimiter).some((folder) => existsSync(join(folder, name))),
  );
  if (absent.length > 0)
    return `${absent.join(', ')} not installed: apt-get install --no-install-recommends slurm-wlm munge`;
  return process.getuid?.() === 0 ? null : 'slurmd starts jobs of others and so must be root: sudo npm test';
}

export async function startCluster(): Promise<TestCluster> {
  const top = mkdtempSync(join(tmpdir(), 'souk-slurm-'));
  const at = (name: string) => join(top, name);
  for (const name of ['state', 'shared', 'munge']) mkdirSync(at(name), { mode: 0o755 });
  writeFileSync(at('munge/key'), randomBytes(1024), { mode: 0o400 });
  const socket = at('munge/socket');
  const [controller, ...nodes] = await freePorts(3);
  const node = (i: number) =>
    `NodeName=n${i} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${nodes[i - 1]} CPUs=16 RealMemory=16000`;
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=souk-test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${socket}
CredType=cred/munge
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool-%n')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd-%n.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd-%n.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
${node(1)}
${node(2)}
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
PartitionName=short Nodes=n2 MaxTime=1 State=UP
`,
  );
  const env = { PATH: searched, SLURM_CONF: at('slurm.conf') };
  const children: ChildProcess[] = [];
  const start = (file: string, args: readonly string[]) => {
    const child = spawn(file, [...args], { env, stdio: 'ignore' });
    child.on('error', () => undefined);
    children.push(child);
  };
  const ask = (file: string, ...args: string[]) =>
    execFileSync(file, args, { env, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  const stop = async () => {
    try {
      ask('scancel', '--user=root');
      // Their processes end with them, and not when somebody looks at this computer next.
      for (let i = 0; i < 50 && ask('squeue', '--noheader').trim() !== ''; i++) await sleep(100);
    } catch {
      // It never came up.
    }
    // The latest first: nodes before their controller, everybody before the keeper of their credentials.
    for (const child of children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      if ((await Promise.race([gone, sleep(5000, 'late')])) !== 'late') continue;
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(top, { recursive: true, force: true });
  };
  start('munged', [
    '--foreground',
    '--force',
    `--key-file=${at('munge/key')}`,
    `--socket=${socket}`,
    `--log-file=${at('munge/log')}`,
    `--pid-file=${at('munge/pid')}`,
    `--seed-file=${at('munge/seed')}`,
  ]);
  const until = Date.now() + 60_000;
  while (!existsSync(socket) && Date.now() < until) await sleep(50);
  start('slurmctld', ['-D']);
  for (const name of ['n1', 'n2']) start('slurmd', ['-D', '-N', name]);
  for (;;) {
    try {
      if (ask('sinfo', '--noheader', '--partition=main', '--format=%D %t').trim() === '2 idle') break;
    } catch {
      // Not there yet.
    }
    if (Date.now() > until) {
      await stop();
      throw new Error('the test cluster did not come up');
    }
    await sleep(100);
  }
  return { env, folder: at('shared'), squeue: () => ask('squeue', '--noheader', '--format=%i %T %j'), stop };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((s) => (s.address() as { port: number }).port);
  await Promise.all(servers.map((s) => new Promise((resolve) => s.close(resolve))));
  return ports;
}
