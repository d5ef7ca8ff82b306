#!/bin/busybox sh
# The first process of the test kernel. The host's files are below a tmpfs; only /out is the host's to write.
# By its path: busybox looks for itself in /proc/self/exe otherwise, which is the kernel's here.
/bin/busybox mount -t proc proc /proc
argument() { /bin/busybox sed -n "s#.*\\b$1=\\([^ ]*\\).*#\\1#p" /proc/cmdline; }
fail() {
  echo "guest-init: $* failed"
  /bin/busybox poweroff -f
}
out=$(argument fgft_out)
/bin/busybox mount -t tmpfs -o size=75% tmpfs /mnt || fail tmpfs
/bin/busybox mkdir -p /mnt/upper /mnt/work /mnt/root /mnt/host
/bin/busybox mount -t hostfs -o / none /mnt/host || fail hostfs
/bin/busybox mount -t overlay -o lowerdir=/mnt/host,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root || fail overlay
root=/mnt/root
/bin/busybox mount -t proc proc $root/proc
/bin/busybox mount -t sysfs sysfs $root/sys
/bin/busybox mount -t devtmpfs dev $root/dev
/bin/busybox mkdir -p $root/dev/pts $root/dev/shm $root/out
/bin/busybox mount -t devpts devpts $root/dev/pts
/bin/busybox mount -t tmpfs -o mode=1777 tmpfs $root/dev/shm
/bin/busybox mount -t tmpfs -o mode=755 tmpfs $root/run
/bin/busybox ln -sf /proc/self/fd $root/dev/fd
/bin/busybox mount -t hostfs -o "$out" none $root/out || fail "hostfs for $out"
exec /bin/busybox chroot $root /bin/bash /out/guest.sh
