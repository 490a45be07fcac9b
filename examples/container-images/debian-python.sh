#!/bin/sh
# Makes the file system of a small Debian with Python and scikit-learn, from Debian's packages alone. Needs root and debootstrap.
#   debian-python.sh FOLDER
set -eu
root=$1
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=bookworm
packages=python3-sklearn,python3-flask,gunicorn,nginx-light

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# The compilers and headers that SciPy's package names as dependencies: needed to make programs with it, never to run them. Half of
# what would be fetched.
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat > "$script" <<SCRIPT
. /usr/share/debootstrap/scripts/$suite
EXCLUDE_DEPENDENCY="\$EXCLUDE_DEPENDENCY python3-pythran build-essential dpkg-dev gcc g++ cpp gcc-12 g++-12 cpp-12 libboost-dev
 libxsimd-dev libopenblas-dev libopenblas-pthread-dev libpython3-all-dev libpython3-dev libpython3.11-dev python3-dev python3-all-dev
 python3.11-dev libc6-dev libexpat1-dev zlib1g-dev"
SCRIPT
mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
cat > "$root/etc/dpkg/dpkg.cfg.d/small" <<DPKG
force-depends
force-unsafe-io
DPKG
debootstrap --variant=minbase --include=$packages $suite "$root" "$mirror" "$script"
chroot "$root" python3 -B -c "import flask, gunicorn, numpy, sklearn.ensemble, sklearn.neighbors"

cd "$root"
chroot "$root" dpkg --force-remove-essential --purge apt e2fsprogs logsave
# Nothing of a device, a log, a cache or a list of packages to download belongs into an image.
rm -rf dev/* proc/* sys/* run/* tmp/* var/tmp/* var/cache/* var/log/* var/lib/apt usr/lib/*/gconv etc/dpkg/dpkg.cfg.d/small
# Texts for people at a terminal. Licences stay.
rm -rf usr/share/man usr/share/info usr/share/locale usr/share/lintian
find usr/share/doc -type f ! -name copyright -delete
find usr/share/doc -type d -empty -delete
# Tests of the libraries bring pickles and sample data of their own.
find usr/lib/python3 usr/lib/python3.11 -depth -type d \( -name tests -o -name test -o -name idlelib -o -name ensurepip \) -exec rm -rf {} +
find usr/lib/python3/dist-packages/sklearn/datasets -depth -type d \( -name data -o -name images \) -exec rm -rf {} +
rm -f usr/lib/python3/dist-packages/scipy/misc/*.dat
mkdir -p var/log/nginx var/cache/nginx var/lib/nginx run/nginx
# Programs that change the user are of no use to a program that may not gain privileges.
find . -xdev -type f -perm /6000 -exec chmod a-s {} +
: > etc/machine-id
rm -f etc/resolv.conf etc/hostname etc/nginx/sites-enabled/default
