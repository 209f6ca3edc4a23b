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

static const struct
{
	const char *name;
	void		(*run) (void);
}			tests[] = {
	{"cases", test_cases},
	{"random", test_random},
	{"large", test_large}
};

/* True if a test is among the arguments, or none is. */
static bool
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc == 1;
}

int
main(int argc, char **argv)
{
	for (int i = 0; i < lengthof(tests); i++)
	{
		if (wanted(tests[i].name, argc, argv))
			tests[i].run();
	}
	if (npassed + nfailed == 0)
		ok(false, "there is a test of this name");
	printf("%d passed, %d failed\n", npassed, nfailed);
	return nfailed > 0 ? 1 : 0;
}
