/*-------------------------------------------------------------------------
 *
 * backend.h
 *		As much of a backend as code of the extension needs that reads texts:
 *		memory, errors, an encoding.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef BACKEND_H
#define BACKEND_H

/*
 * Runs a function of a text.  False if it threw; then, and for notices, what
 * was said is in backend_said until the next call.
 */
extern bool backend_try(void (*function) (const char *text, void *arg),
						const char *text, void *arg);

extern char backend_said[];

/* Frees all that was allocated since the last time. */
extern void backend_reset(void);

/* Aborts unless the text is valid UTF-8 without control characters. */
extern void backend_check_text(const char *text);

/* Aborts and says why. */
extern void backend_broken(const char *what, const char *text);

#endif							/* BACKEND_H */
