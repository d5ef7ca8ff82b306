#!/usr/bin/env bash
# Prints where the test kernel is: the one that FGFT_KERNEL names, the one in the cache, or else one that is made now,
# from the image in ../shared, where a checkout has that beside it, or from Debian's sources (4 minutes).
# `find-kernel.sh --packages` prints the Debian packages that this needs and that are not installed.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
kernel=${FGFT_KERNEL:-${XDG_CACHE_HOME:-$HOME/.cache}/fgft/linux-usb}
image=$scripts/../../../shared/prototypes/usb-vm/uml/linux-min.xz
# Of the kernel in it, Linux 6.1.192 with linux.config.
sum=56fc792022de9cca848acd9f7c83621091991d0c316c852de78208524381a765

if [ "${1:-}" = --packages ]; then
  [ -x "$kernel" ] && exit
  command -v xz >/dev/null || echo xz-utils
  [ -f "$image" ] && exit
  for tool in gcc make flex bison bc; do command -v $tool >/dev/null || echo $tool; done
  [ -f /usr/include/stdlib.h ] || echo libc6-dev
  exit
fi

if [ ! -x "$kernel" ] && [ -f "$image" ]; then
  mkdir -p "$(dirname "$kernel")"
  xz -dc "$image" >"$kernel.$$"
  if [ "$(sha256sum <"$kernel.$$")" = "$sum  -" ]; then
    chmod +x "$kernel.$$"
    mv "$kernel.$$" "$kernel"
  else
    rm "$kernel.$$"
    echo "$image holds another kernel than it should; building one instead." >&2
  fi
fi
[ -x "$kernel" ] || "$scripts/build-kernel.sh" "$kernel" >&2
echo "$kernel"
