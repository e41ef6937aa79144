/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of frame it is that the module refused.
 */
#ifndef RMAPSCOPE_FRAME_H
#define RMAPSCOPE_FRAME_H

#include "target.h"

const char *frame_describe(const struct target *t);

#endif
