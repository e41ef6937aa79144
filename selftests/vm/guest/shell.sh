# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A prompt on the second serial port. Without a terminal at the other end, a shell without a prompt
# that reads commands from there.

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

exit shuts the machine down.

EOF
export PS1='\w # '
setsid -c sh
# The status of the last command at a prompt is no failure of the run.
exit 0
