/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Error messages, and how a process of rmap-exercise gives up. Nothing here depends on another file
 * of the program.
 */
#ifndef RMAP_EXERCISE_MESSAGE_H
#define RMAP_EXERCISE_MESSAGE_H

#include <stdnoreturn.h>

#define __printf(fmt, args) \
	__attribute__((__format__(printf, \
				  fmt, args)))

/* The exit status if the machine or its kernel lacks what a scenario needs. */
#define EXIT_UNSUPPORTED 77

void message_set_subject(const char *name);
void message_set_cleanup(void (*cleanup)(void));
void message_set_forward(void (*forward)(int err, const char *text));

void __printf(2, 3) complain(int err, const char *fmt, ...);
noreturn void __printf(2, 3) die(int err, const char *fmt, ...);
noreturn void __printf(1, 2) unsupported(const char *fmt, ...);

#endif
