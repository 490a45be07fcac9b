import type { Spawnable } from '../../../../platform/sandbox.ts';
import { jobFiles } from '../../slurm/slurm.ts';
import { feedPipes } from '../pipes.ts';

/** Shell text for one word, whatever is in it. */
export const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
const words = (list: readonly string[]) => list.map(quoted).join(' ');

export interface HostScript {
  readonly host: number;
  /** The job's own folder, where the files of `jobFiles` are. */
  readonly folder: string;
  readonly confined: Spawnable;
  /** Channels that are piped: the path of their pipes without the epoch, and the list of their files. */
  readonly pipes: readonly { readonly path: string; readonly list: string }[];
  /** Everything that this host may write to. */
  readonly written: readonly string[];
  /** Where `hosts` of the training are to be found by name; null where there is one. */
  readonly hostsFile: string | null;
  readonly hosts: number;
  readonly memoryMb: number;
  readonly processesMax: number;
  readonly logBytesMax: number;
  readonly diskBytesMax: number;
  readonly timeMs: number;
  readonly graceMs: number;
}

/**
 * What the cluster is given. The first words claim the training: if the keeper was killed between the submission and its record, and
 * another job was submitted for the same training, one of the two ends here and nothing runs twice.
 */
export function jobScript(name: string, folder: string, hosts: number): string {
  const each =
    hosts === 1
      ? `sh ${quoted(`${folder}/${jobFiles.script(1)}`)}`
      : `srun --export=NONE --ntasks=${hosts} --ntasks-per-node=1 --kill-on-bad-exit=0 /bin/sh -c ${quoted(`exec /bin/sh ${quoted(`${folder}/host-`)}$((SLURM_PROCID + 1)).sh`)}`;
  return `#!/bin/sh
# ${name}, made by Souk
cd ${quoted(folder)} || exit 70
if ! mkdir ${jobFiles.claim} 2>/dev/null; then
  [ "$(cat ${jobFiles.claim}/job 2>/dev/null)" = "$SLURM_JOB_ID" ] || exit 0
fi
echo "$SLURM_JOB_ID" > ${jobFiles.claim}/job
${each}
sync
mv ${jobFiles.claim}/job ${jobFiles.ended}
`;
}

/**
 * One host of a training. The limits are kept here and not by whoever waits for the end, so that they hold while Souk is away. What is
 * looked at twice a second is what the process backend looks at on its own computer: processes and memory of the tree, disk, log, time.
 */
export function hostScript(s: HostScript): string {
  const { host, folder, confined } = s;
  const log = jobFiles.log(host);
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
  return `# Where srun gives no environment, there is no path either.
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
cd ${quoted(folder)} || exit 70
${s.hostsFile === null ? '' : peers(s.hosts, s.hostsFile)}
feeders=
${s.pipes.map(feeder).join('\n')}
rm -f code.${host}
{
  env -i ${words(Object.entries(confined.env).map(([name, value]) => `${name}=${value}`))} \\
    ${words([confined.file, ...confined.args])} >> ${log} 2>&1
  echo $? > code.${host}.part && mv code.${host}.part code.${host}
} &
root=$!
began=$(date +%s); why=; asked=; peak=0

# "processes kilobytes program" of the tree below $root; the program is what the sandbox runs, not the sandbox.
tree() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$root" -v page="$(getconf PAGESIZE)" '
    { pid = $1; match($0, /\\(.*\\)/); name[pid] = substr($0, RSTART + 1, RLENGTH - 2); sub(/^.*\\) /, ""); parent[pid] = $2; rss[pid] = $22 }
    END {
      level[root] = 1
      for (depth = 1; ; depth++) {
        found = 0
        for (pid in parent) if (!(pid in level) && (parent[pid] in level) && level[parent[pid]] == depth) { level[pid] = depth + 1; found = 1; if (!program && name[pid] != "bwrap" && name[pid] != "env") program = pid }
        if (!found) break
      }
      for (pid in level) { count++; pages += rss[pid] }
      printf "%d %d %d\\n", count, pages * page / 1024, program
    }'
}
# The first process of a sandbox takes all others along, however fast they fork.
end() {
  [ -n "$why" ] || why=$1
  for pid in $(cat "/proc/$root/task/$root/children" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
}
ask() {
  [ -z "$why" ] || return 0
  why=$1
  [ ${seconds(s.graceMs)} -gt 0 ] && [ ${Math.round(s.graceMs)} -gt 0 ] || { end "$1"; return 0; }
  asked=$(date +%s)
  [ "\${4:-0}" -gt 1 ] && kill -TERM "$4" 2>/dev/null
}
while [ ! -e code.${host} ]; do
  set -- $(tree)
  [ "\${2:-0}" -gt "$peak" ] && peak=$2
  now=$(date +%s)
  if [ "\${1:-0}" -gt ${s.processesMax + 3} ]; then end processes
  elif [ "\${2:-0}" -gt ${s.memoryMb * 1024} ]; then end memory
  elif [ "$(wc -c < ${log} 2>/dev/null || echo 0)" -gt ${s.logBytesMax} ]; then end log
  elif [ "$(du -skc ${words(s.written)} 2>/dev/null | tail -n 1 | cut -f 1)" -gt ${Math.floor(s.diskBytesMax / 1024)} ]; then end disk
  elif [ -e peer-failed ] && [ -z "$why" ]; then end peer
  elif [ -e ${jobFiles.stop} ]; then ask cancelled "$@"
  elif [ $((now - began)) -ge ${seconds(s.timeMs)} ]; then ask time "$@"
  fi
  [ -n "$asked" ] && [ $((now - asked)) -ge ${seconds(s.graceMs)} ] && end "$why"
  [ -d /proc/$root ] || [ -e code.${host} ] || echo 137 > code.${host}
  sleep 0.3
done
# One that waits for a reader who will not come would keep the job from ending.
fell() {
  for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do fell "$pid"; done
  kill -KILL "$1" 2>/dev/null
}
for feeder in $feeders; do fell "$feeder"; done
wait
code=$(cat code.${host})
[ "$code" = 0 ] && [ -z "$why" ] || : > peer-failed
printf '%s %s %s %s\\n' "$code" "\${why:--}" "$peak" "$(($(date +%s) - began))" > ${jobFiles.result(host)}.part
mv ${jobFiles.result(host)}.part ${jobFiles.result(host)}
`;
}

const feeder = ({ path, list }: { path: string; list: string }) =>
  `sh -c ${quoted(feedPipes)} sh ${quoted(path)} ${quoted(list)} </dev/null >/dev/null 2>&1 &
feeders="$feeders $!"
while [ ! -e ${quoted(`${path}_0`)} ]; do sleep 0.05; done`;

/** Each host writes where it is; the names are known when all have. */
const peers = (hosts: number, file: string) => `mkdir -p peers
me=$((SLURM_PROCID + 1))
address=$(getent ahostsv4 "$(hostname)" | awk 'NR == 1 { print $1 }')
echo "\${address:-127.0.0.1} algo-$me" > "peers/$me.part" && mv "peers/$me.part" "peers/$me"
while [ "$(ls peers | grep -cv part)" -lt ${hosts} ]; do sleep 0.1; done
{ echo "127.0.0.1 localhost"; cat peers/[0-9]*; } > ${quoted(file)}`;
