#!/usr/bin/env bash
# boot.sh COMMAND...: runs a command as root, in this folder, in a Linux kernel of its own that has USB (user-mode Linux),
# with udev running, and exits with its status. What it writes stays in there. `boot.sh --missing` prints the Debian
# packages that this needs and that are not installed.
set -euo pipefail
here=$(pwd)
scripts=$(cd "$(dirname "$0")" && pwd)
# One line that mends all of it.
missing=()
command -v busybox >/dev/null || missing+=(busybox-static)
[ -x /lib/systemd/systemd-udevd ] || missing+=(udev)
[ -x /usr/sbin/usbip ] || missing+=(usbip)
command -v lsusb >/dev/null || missing+=(usbutils)
# shellcheck disable=SC2207 # names of packages have no spaces
missing+=($("$scripts/find-kernel.sh" --packages))
if [ "${1:-}" = --missing ]; then
  echo "${missing[*]}"
  exit
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "The test kernel needs more from Debian: apt-get install -y --no-install-recommends ${missing[*]}" >&2
  exit 2
fi
kernel=$("$scripts/find-kernel.sh")

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cat >"$out/guest.sh" <<GUEST
export PATH=$PATH HOME=/root LANG=C.UTF-8
busybox ip link set lo up
mkdir -p /run/udev
/lib/systemd/systemd-udevd --daemon 2>/dev/null
udevadm trigger
udevadm settle -t 10
cd $(printf %q "$here")
status=0
$(printf '%q ' "$@") </dev/null || status=\$?
echo \$status >/out/status
busybox poweroff -f
GUEST
# On one processor: the kernel and its processes take turns anyway, and between two each turn costs more.
TMPDIR=/dev/shm taskset -c "$(($(nproc) - 1))" timeout --foreground -k 5 "${FGFT_KERNEL_SECONDS:-600}" \
  "$kernel" mem=3G rootfstype=hostfs rootflags=/ ro "init=$scripts/guest-init.sh" con=null con0=null,fd:1 con1=null \
  ssl=null quiet loglevel=0 panic=-1 "fgft_out=$out" "uml_dir=$out" umid=fgft </dev/null || true
[ -f "$out/status" ] || { echo "The test kernel ended without a result." >&2; exit 3; }
exit "$(cat "$out/status")"
