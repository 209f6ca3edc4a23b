/*-------------------------------------------------------------------------
 *
 * test_response.c
 *		Unit tests of the reply's decoder.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "harness.h"

static int	npassed = 0;
static int	nfailed = 0;

void
ok(bool passed, const char *format,...)
{
	va_list		args;

	if (passed)
		npassed++;
	else
		nfailed++;
	printf("%s - ", passed ? "ok" : "not ok");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	test_cases();
	if (getenv("WRITE_SEEDS") != NULL)
		return nfailed > 0 ? 1 : 0;
	test_random();
	test_large();
	printf("%d passed, %d failed\n", npassed, nfailed);
	return nfailed > 0 ? 1 : 0;
}
