/*-------------------------------------------------------------------------
 *
 * remote/request_log.c
 *		Requests that were slow are told to the server log.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "lib/stringinfo.h"
#include "utils/guc.h"

#include "remote/request_log.h"

static int	log_min_duration = -1;

void
neon_request_log_init(void)
{
	DefineCustomIntVariable("neon_http_fdw.log_min_duration",
							"Sets the time from which on a request to an endpoint is logged.",
							"0 logs all requests, -1 none.",
							&log_min_duration,
							-1, -1, INT_MAX,
							PGC_SUSET,
							GUC_UNIT_MS,
							NULL, NULL, NULL);
}

static void
append_step(StringInfo text, const char *name, int64 from, int64 to)
{
	if (to > from)
		appendStringInfo(text, ", %s %.3f ms", name, (to - from) / 1000.0);
}

/*
 * Each time in the trace is since the request began, 0 if that was not
 * reached.  A step that was not finished took the rest of the time.
 */
static void
append_steps(StringInfo text, const NeonTrace *trace)
{
	const struct
	{
		const char *name;
		int64		done;
	}			steps[] =
	{
		{"resolving", trace->reused ? 0 : trace->resolved},
		{"connecting", trace->reused ? 0 : trace->connected},
		{"TLS", trace->reused ? 0 : trace->secured},
		{"sending and waiting", trace->replied},
		{"reading", trace->complete ? trace->total : 0}
	};
	int64		before = 0;
	int			last = -1;

	for (int i = 0; i < lengthof(steps); i++)
	{
		append_step(text, steps[i].name, before, steps[i].done);
		if (steps[i].done > 0)
			last = i;
		before = Max(before, steps[i].done);
	}
	if (!trace->complete)
		append_step(text, "not finished after", before, trace->total);
	else if (last < 0)
		append_step(text, "in all", 0, trace->total);
}

static char *
describe(NeonTransfer *transfer, const NeonTrace *trace, int attempt)
{
	const char *id = neon_transfer_request_id(transfer);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "Kind: %s, attempt %d, status %d, neon-request-id: %s, ",
					 neon_request_purpose_name(trace->purpose),
					 attempt,
					 neon_transfer_status(transfer),
					 id[0] != '\0' ? id : "none");
	appendStringInfo(&text, "sent " INT64_FORMAT " bytes, received " INT64_FORMAT " bytes, %s connection",
					 trace->bytes_sent, trace->bytes_received,
					 trace->reused ? "kept" : "new");
	append_steps(&text, trace);
	appendStringInfoChar(&text, '.');
	return text.data;
}

bool
neon_log_slow_request(NeonTransfer *transfer, const char *server_name,
					  int attempt)
{
	const NeonTrace *trace;
	char	   *detail;

	if (log_min_duration < 0)
		return false;
	trace = neon_transfer_trace(transfer);
	if (trace->total < (int64) log_min_duration * 1000)
		return false;
	detail = describe(transfer, trace, attempt);
	ereport(LOG,
			(errmsg("request to server \"%s\" took %.3f ms",
					server_name, trace->total / 1000.0),
			 errdetail_internal("%s", detail),
			 errhidestmt(true), errhidecontext(true)));
	pfree(detail);
	return true;
}
