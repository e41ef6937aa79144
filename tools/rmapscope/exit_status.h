/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exit statuses of rmapscope, as rmapscope(8) lists them.
 */
#ifndef RMAPSCOPE_EXIT_STATUS_H
#define RMAPSCOPE_EXIT_STATUS_H

enum exit_status {
	RS_OK,
	RS_FAILED,
	RS_USAGE,
	RS_NO_PAGE,		/* not mapped, or no such page or process */
};

#endif
