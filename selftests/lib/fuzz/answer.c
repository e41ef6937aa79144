// SPDX-License-Identifier: GPL-2.0
/* Compares the result of a call with the results that the contract allows. */
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "fuzz.h"

/**
 * fuzz_answer() - count the result of a call and check it
 * @worker: the worker
 * @ret: what the call returned, with errno
 * @answers: the allowed results
 *
 * Return: 0 or -1; errno is preserved.
 */
int fuzz_answer(struct fuzz_worker *worker, int64_t ret, fuzz_answers answers)
{
	int err = ret < 0 ? errno : 0, i, length = 0;
	char names[512] = "";

	worker->counts->answers[err == EOPNOTSUPP ? 63 : err & 63]++;
	if (fuzz_is_among(err, answers))
		return 0;
	for (i = 0; i < 64; i++)
		if (answers & (1ULL << i))
			length += snprintf(names + length, sizeof(names) - length, "%s%s",
					   length ? ", or " : "",
					   strerror(i == 63 ? EOPNOTSUPP : i));
	return complain("%s; expected: %s", strerror(err), names);
}
