/*-------------------------------------------------------------------------
 *
 * http/flood.c
 *		Ends a call of libcurl that would not end by itself.
 *
 * The only code that runs while libcurl goes on reading is OpenSSL's, which
 * tells of each record if it is asked to.  Its functions are found by name: the
 * extension is built without its headers, and libcurl may have another library.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"

#include "compat/curl.h"
#include "http/clock.h"
#include "http/flood.h"

/*
 * A call that has something to hand over ends much sooner.  Until then, and
 * between looks at the clock and at signals, records are only counted.
 */
#define LONG_CALL_MS		50
#define RECORDS_PER_LOOK	16

/* As OpenSSL defines them since 0.9.7. */
#define OPENSSL_RECEIVED_SHUTDOWN	2
typedef void (*RecordCallback) (int is_sent, int version, int type,
								const void *data, size_t len, void *ssl,
								void *arg);
typedef void (*SetCallback) (void *ssl_ctx, RecordCallback callback);
typedef void (*SetShutdown) (void *ssl, int mode);

static SetShutdown set_shutdown = NULL;

static bool calling = false;
static bool was_cut = false;
static int	records = 0;		/* in this call */
static int64 begun_at = 0;
static int64 limit = NEON_NO_DEADLINE;

/* Lets the signals in that have been waiting, on this thread. */
static bool
is_interrupted(void)
{
	sigset_t	mask;

	pthread_sigmask(SIG_SETMASK, &UnBlockSig, &mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return (QueryCancelPending || ProcDiePending) &&
		INTERRUPTS_CAN_BE_PROCESSED();
}

/* OpenSSL reads no more of a connection that its peer has shut down. */
static void
note_record(int is_sent, int version, int type, const void *data, size_t len,
			void *ssl, void *arg)
{
	int64		now;

	if (is_sent || !calling || ++records % RECORDS_PER_LOOK != 0)
		return;
	now = neon_clock();
	if (now - begun_at < LONG_CALL_MS || (now < limit && !is_interrupted()))
		return;
	was_cut = true;
	set_shutdown(ssl, OPENSSL_RECEIVED_SHUTDOWN);
}

void
neon_flood_watch(void *ssl_ctx)
{
	static SetCallback set_callback = NULL;
	static bool looked = false;

	if (!looked && neon_curl_has_openssl())
	{
		set_callback = (SetCallback) dlsym(RTLD_DEFAULT,
										   "SSL_CTX_set_msg_callback");
		set_shutdown = (SetShutdown) dlsym(RTLD_DEFAULT, "SSL_set_shutdown");
	}
	looked = true;
	if (set_callback != NULL && set_shutdown != NULL)
		set_callback(ssl_ctx, note_record);
}

void
neon_flood_limit(int64 deadline)
{
	limit = deadline;
}

void
neon_flood_begin(void)
{
	calling = true;
	was_cut = false;
	records = 0;
	begun_at = neon_clock();
}

void
neon_flood_end(void)
{
	calling = false;
}

bool
neon_flood_cut(void)
{
	return was_cut;
}
