/*-------------------------------------------------------------------------
 *
 * harness.h
 *		What the unit tests and the fuzzer of the reply's decoder share.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "lib/stringinfo.h"
#include "json/response.h"

/* How a reply is cut into chunks; anything else seeds random cuts. */
#define SPLIT_WHOLE	0
#define SPLIT_BYTES	1

/* Instead of a number of results: one that stands alone. */
#define SINGLE_RESULT	(-1)

/*
 * Feeds a reply to the decoder and writes down all that comes out, one event
 * a line.  Each chunk is a copy that is freed as soon as the decoder is done
 * with it, so that a sanitizer sees every byte read too far or too late.
 * Aborts if the decoder breaks its contract.  With normalize, "fields" is
 * written as json-c prints it.  True if the reply was complete.
 */
extern bool transcribe(StringInfo out, const char *reply, size_t len,
					   int nresults, const int *ncolumns,
					   uint32 split, bool normalize);

/*
 * Writes what transcribe() with normalize should, read by json-c from the
 * whole reply.  False if json-c refuses the reply, or finds it to have
 * another shape than a reply has.
 */
extern bool oracle(StringInfo out, const char *reply, size_t len);

/* A small random number generator: the same numbers on every platform. */
extern uint32 random_next(uint32 *state);
extern uint32 random_below(uint32 *state, uint32 n);

/* Writes a line for one test; the sum of them comes in the end. */
extern void ok(bool passed, const char *format,...) pg_attribute_printf(2, 3);

/* The tests, one function per file. */
extern void test_cases(void);
extern void test_large(void);
extern void test_random(void);

#endif							/* HARNESS_H */
