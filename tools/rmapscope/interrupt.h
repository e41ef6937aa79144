/* SPDX-License-Identifier: GPL-2.0 */
/* ^C while a stream is read: what was read until then is shown. */
#ifndef RMAPSCOPE_INTERRUPT_H
#define RMAPSCOPE_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
void interrupt_release(void);
bool interrupt_seen(void);
void interrupt_wait(int fd);

#endif
