// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "duration.h"
#include "report.h"

/**
 * duration_print() - print a time in the largest unit that it reaches
 * @ns: nanoseconds; RECORD_NONE prints "-"
 */
void duration_print(unsigned long long ns)
{
	if (ns == RECORD_NONE)
		putchar('-');
	else if (ns < 1000)
		printf("%llu ns", ns);
	else if (ns < 1000 * 1000)
		printf("%.2f us", ns / 1e3);
	else if (ns < 1000 * 1000 * 1000)
		printf("%.2f ms", ns / 1e6);
	else
		printf("%.2f s", ns / 1e9);
}
