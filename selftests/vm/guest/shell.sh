# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A prompt on the second serial port; without a terminal at the other end, a
# shell that reads its commands from there.

# shellcheck source=selftests/vm/guest/swap.sh
. /rmapscope/vm/swap.sh

cd /root || exit 1
setup_swap || echo "zram swap cannot be set up on this kernel"
if ! grep -q 'vm.rows=' /proc/cmdline; then
	export NO_COLOR=1
	exec setsid -c sh /dev/ttyS1
fi
cat <<EOF

Linux $(uname -r) with rmapscope loaded. Try:

  rmap-exercise --list
  rmap-exercise fork --children 3 -- rmapscope page -p {pid} -a {va}
  rmap-exercise swap
  cat /sys/kernel/debug/rmapscope/info

exit ends the machine.

EOF
export PS1='\w # '
setsid -c sh
# What the last command's status was is nobody's concern.
exit 0
