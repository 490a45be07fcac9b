#!/bin/sh
# Installs the system parts that Souk uses, on Debian as root; else names the command that would.
#   scripts/system-deps.sh run     what a running marketplace uses: sandbox and virus scanner
#   scripts/system-deps.sh containers  what runs publishers' images: podman with its parts
#   scripts/system-deps.sh test    and what the tests use: a browser, a load generator, Python
# Exit 0: everything is there. 1: something is missing (named on stderr with the command that installs it).
set -u

containers="podman:podman runc:runc netavark:netavark nsenter:util-linux ip:iproute2 iptables:iptables newuidmap:uidmap"
case "${1:-run}" in
  run) parts="bwrap:bubblewrap clamd:clamav-daemon" ;;
  containers) parts="$containers" ;;
  test) parts="bwrap:bubblewrap clamd:clamav-daemon clamdscan:clamdscan chromium:chromium python3:python3 curl:curl $containers busybox:busybox-static slurmctld:slurm-wlm sbatch:slurm-client munged:munge debootstrap:debootstrap" ;;
  bench) parts="bwrap:bubblewrap clamd:clamav-daemon clamdscan:clamdscan nginx:nginx wrk:wrk $containers busybox:busybox-static" ;;
  *) echo "usage: $0 run|containers|test|bench" >&2; exit 2 ;;
esac

PATH="$PATH:/usr/sbin:/sbin:/usr/lib/podman:/usr/libexec/podman"
missing=""
for part in $parts; do
  command -v "${part%%:*}" >/dev/null 2>&1 || missing="$missing ${part##*:}"
done
if [ "${1:-run}" = run ] && ! command -v podman >/dev/null 2>&1; then
  echo "optional: podman, for publishers' container images (install: sh $0 containers)" >&2
fi
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # Services of packages must not start here: Souk runs its own clamd as a child, with its own configuration.
  policy=/usr/sbin/policy-rc.d
  made=""
  if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && made=1; fi
  install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1; }
  { apt-get update -q >/dev/null 2>&1; install; } || { sleep 2; install; }
  [ -n "$made" ] && rm -f "$policy"
fi

left=""
for part in $parts; do
  command -v "${part%%:*}" >/dev/null 2>&1 || left="$left ${part##*:}"
done
[ -z "$left" ] && exit 0
echo "missing:$left (install: apt-get install --no-install-recommends$left)" >&2
exit 1
