/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_BACK_OFF_H
#define _RMAPSCOPE_BACK_OFF_H

#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>

/**
 * rms_back_off - wait before something is tried again, longer each time
 * @try: 0 for the shortest wait; the caller counts up with each try
 *
 * Context: sleeps, ten microseconds at first and ten milliseconds at last; no spinlock held.
 * Return: 0, or -EINTR on a fatal signal.
 */
static inline int rms_back_off(int try)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	usleep_range(10 << min(try, 9), 20 << min(try, 9));
	return 0;
}

#endif /* _RMAPSCOPE_BACK_OFF_H */
