/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FUZZ_TEXT_H
#define RMAPSCOPE_SELFTEST_FUZZ_TEXT_H

#include "fuzz.h"

int fuzz_text_learn(struct fuzz_worker *worker, struct fuzz_fd *fd);
void fuzz_text_forget(struct fuzz_open *open);
int64_t fuzz_text_offset(struct fuzz_random *random, const struct fuzz_open *open);

#endif
