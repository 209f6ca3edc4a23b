/*-------------------------------------------------------------------------
 *
 * http/transfer.c
 *		One request and its reply.
 *
 * The body of the reply goes through a buffer of fixed size: when it is
 * full the transfer pauses, so memory stays flat and a slow reader slows the
 * sender down.  The callbacks run inside libcurl; they allocate nothing and
 * never throw.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "http/flood.h"
#include "http/handle.h"
#include "http/measure.h"
#include "http/setopt.h"
#include "http/socket.h"
#include "http/transfer.h"
#include "http/wait.h"

/*
 * Large enough that pausing costs nothing measurable, small enough that a
 * statement with dozens of transfers stays small.  Must hold more than
 * CURL_MAX_WRITE_SIZE.
 */
#define BODY_BUFFER_SIZE	(256 * 1024)

/*
 * The endpoint's headers have a few hundred bytes.  libcurl keeps those that
 * come, so a reply without end of them must be cut off.
 */
#define MAX_HEADER_BYTES	(256 * 1024)

/*
 * A request that has been without an answer for so long when it is cut off may
 * have been sent into a connection that leads nowhere.
 */
#define SILENT_SECONDS		5

struct NeonTransfer
{
	MemoryContext context;		/* holds this struct and nothing else */
	MemoryContextCallback cleanup;
	NeonHttpClient *client;
	CURL	   *easy;			/* NULL once given back */
	NeonMulti  *multi;			/* that easy was added to, or NULL */
	bool		reported;
	bool		counted;		/* among the client's transfers */
	NeonRequestKind kind;
	bool		once;
	struct curl_slist headers[NEON_MAX_REQUEST_HEADERS];
	NeonTrace	trace;
	NeonProgress progress;
	int			status;
	size_t		header_bytes;	/* of the reply, trailers included */
	bool		begun;			/* the reply has */
	bool		headed;			/* its headers are complete */
	int64		begun_at;		/* on neon_clock() */
	char		request_id[NEON_REQUEST_ID_SIZE];

	char	   *buffer;
	size_t		taken;			/* handed out */
	size_t		filled;
	bool		paused;

	bool		trusts_file;	/* see neon_handle_trust_file() */
	bool		again;			/* to be started again, with that */
	bool		done;			/* no more bytes will come */
	bool		failed;
	NeonFailure failure;
	char		errorbuf[CURL_ERROR_SIZE];
};

/* ---------- callbacks of libcurl ---------- */

static CURLcode
begin_handshake(CURL *easy, void *ssl_ctx, void *client)
{
	NeonTransfer *transfer = (NeonTransfer *) client;

	transfer->trace.tunneled = neon_measure_now(&transfer->trace);
	neon_measure_connected(&transfer->trace);
	neon_trace_phase(&transfer->trace, NEON_PHASE_TLS);
	transfer->progress.handshaking = true;
	neon_flood_watch(ssl_ctx);
	return CURLE_OK;
}

static int
begin_sending(void *client, char *remote, char *local,
			  int remote_port, int local_port)
{
	NeonTransfer *transfer = (NeonTransfer *) client;

	if (transfer->once && transfer->progress.attempts > 0)
		return CURL_PREREQFUNC_ABORT;
	transfer->progress.attempts++;
	neon_measure_sending(&transfer->progress, &transfer->trace);
	return CURL_PREREQFUNC_OK;
}

static size_t
take_body(char *data, size_t size, size_t n, void *client)
{
	NeonTransfer *transfer = (NeonTransfer *) client;
	size_t		len = size * n;

	if (len > BODY_BUFFER_SIZE - transfer->filled)
	{
		if (len > BODY_BUFFER_SIZE)
			return 0;			/* it would pause for ever */
		transfer->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	memcpy(transfer->buffer + transfer->filled, data, len);
	transfer->filled += len;
	transfer->progress.received = true;
	transfer->trace.bytes_received += len;
	neon_activity_received(transfer->trace.activity,
						   transfer->trace.bytes_received);
	return len;
}

/*
 * Takes one header line of a reply.  The trailers of a chunked reply come
 * here, too.  The reply that counts is the last.
 */
static size_t
take_header(char *data, size_t size, size_t n, void *client)
{
	NeonTransfer *transfer = (NeonTransfer *) client;
	size_t		len = size * n;

	transfer->header_bytes += len;
	if (transfer->header_bytes > MAX_HEADER_BYTES)
		return 0;
	if (len >= 5 && memcmp(data, "HTTP/", 5) == 0)
	{
		const char *status = memchr(data, ' ', len);

		/* interim headers, of a status below 200, are not the reply's */
		if (status != NULL && status + 1 < data + len && status[1] >= '2')
		{
			transfer->begun = true;
			transfer->begun_at = neon_clock();
			neon_trace_phase(&transfer->trace, NEON_PHASE_BODY);
		}
		transfer->request_id[0] = '\0';
		transfer->headed = false;
	}
	else if (data[0] == '\r' || data[0] == '\n')
		transfer->headed = true;
	else if (neon_measure_request_id(data, len, transfer->request_id,
									 NEON_REQUEST_ID_SIZE))
		neon_activity_request_id(transfer->trace.activity,
								 transfer->request_id);
	return len;
}

/*
 * After a failure libcurl may keep the connection, if it is one of HTTP/2, and
 * the client's others may have met the same end unseen: what is sent next had
 * better not find that out.
 */
static void
set_failure(NeonTransfer *transfer, CURLcode code, const char *text)
{
	if (transfer->header_bytes > MAX_HEADER_BYTES)
		text = "the reply has more than 256 kB of headers";
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		text = "the connection was closed without a reply";
	if (text == NULL)
		text = transfer->errorbuf[0] != '\0' ? transfer->errorbuf :
			curl_easy_strerror(code);
	transfer->failed = true;
	neon_measure_failure(transfer->easy, &transfer->progress, code, text,
						 &transfer->failure);
	if (transfer->progress.attempts > 0)
		neon_http_client_retire(transfer->client, transfer->multi);
}

static void
note_status(NeonTransfer *transfer)
{
	if (transfer->status == 0 && transfer->easy != NULL)
		transfer->status = neon_measure_status(transfer->easy);
}

static void
report(NeonTransfer *transfer)
{
	NeonTrace  *trace = &transfer->trace;

	neon_measure_fill(transfer->easy, &transfer->progress, trace);
	if (transfer->kind == NEON_REQUEST_PROBE || transfer->reported)
		return;
	transfer->reported = true;
	neon_handle_report(transfer->client, trace);
}

/* Nothing more is to come. */
static void
set_done(NeonTransfer *transfer)
{
	transfer->done = true;
	if (transfer->counted)
		transfer->client->transfers--;
	transfer->counted = false;
}

static void
transfer_done(CURL *easy, CURLcode result)
{
	NeonTransfer *transfer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &transfer);
	if (transfer == NULL)
		return;
	if (result == CURLE_PEER_FAILED_VERIFICATION && !transfer->trusts_file &&
		neon_handle_trust_file(transfer->client, easy))
	{
		transfer->trusts_file = transfer->again = true;
		return;
	}
	set_done(transfer);
	note_status(transfer);
	if (result != CURLE_OK && neon_flood_cut())
		set_failure(transfer, CURLE_OPERATION_TIMEDOUT,
					"frames without data have come without end");
	else if (result != CURLE_OK)
		set_failure(transfer, result, NULL);
	else if (!transfer->headed)
		set_failure(transfer, CURLE_GOT_NOTHING, "the reply ended in its headers");
	transfer->trace.complete = !transfer->failed;
	report(transfer);
}

/* ---------- start and end ---------- */

/* Takes the handle out of libcurl's hands.  Never throws, may be repeated. */
static void
detach(NeonTransfer *transfer)
{
	if (transfer->easy == NULL)
		return;
	neon_socket_disown(&transfer->trace);
	transfer->trace.activity = NULL;
	if (transfer->multi != NULL)
	{
		report(transfer);
		if (!transfer->done && transfer->progress.attempts > 0 &&
			!transfer->begun && neon_measure_now(&transfer->trace) >
			SILENT_SECONDS * INT64CONST(1000000))
			neon_http_client_retire(transfer->client, transfer->multi);
		neon_multi_remove(transfer->multi, transfer->easy);
	}
	if (transfer->kind == NEON_REQUEST_PROBE)
		curl_easy_cleanup(transfer->easy);
	else
		neon_handle_give(transfer->client, transfer->easy);
	transfer->easy = NULL;
	set_done(transfer);
}

static void
transfer_cleanup(void *arg)
{
	NeonTransfer *transfer = (NeonTransfer *) arg;

	detach(transfer);
	if (transfer->buffer != NULL)
		neon_handle_give_buffer(transfer->client, transfer->buffer);
	transfer->buffer = NULL;
}

/* Where libcurl finds this transfer. */
static void
set_callbacks(NeonTransfer *transfer)
{
	CURL	   *easy = transfer->easy;

	NEON_SETOPT(easy, CURLOPT_PRIVATE, transfer);
	NEON_SETOPT(easy, CURLOPT_WRITEFUNCTION, take_body);
	NEON_SETOPT(easy, CURLOPT_WRITEDATA, transfer);
	NEON_SETOPT(easy, CURLOPT_HEADERFUNCTION, take_header);
	NEON_SETOPT(easy, CURLOPT_HEADERDATA, transfer);
	NEON_SETOPT(easy, CURLOPT_OPENSOCKETDATA, &transfer->trace);
	NEON_SETOPT(easy, CURLOPT_ERRORBUFFER, transfer->errorbuf);
#ifdef NEON_HAVE_PREREQ
	NEON_SETOPT(easy, CURLOPT_PREREQFUNCTION, begin_sending);
	NEON_SETOPT(easy, CURLOPT_PREREQDATA, transfer);
#endif

	/* not with every TLS library; only messages get less exact without */
	if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION,
						 begin_handshake) == CURLE_OK)
		NEON_SETOPT(easy, CURLOPT_SSL_CTX_DATA, transfer);
}

static void
set_request(NeonTransfer *transfer, const NeonRequest *request)
{
	CURL	   *easy = transfer->easy;
	NeonUpload *upload = &transfer->progress.upload;

	upload->body = request->body;
	upload->len = request->len;
	upload->withheld = request->kind == NEON_REQUEST_ANNOUNCED;
	upload->trace = &transfer->trace;
	neon_upload_set(easy, upload);
	NEON_SETOPT(easy, CURLOPT_URL, transfer->client->config.url);
#ifndef NEON_HAVE_PREREQ
	/* this libcurl does not tell when a request leaves: it counts as sent */
	NEON_SETOPT(easy, CURLOPT_FRESH_CONNECT, (long) request->once);
	transfer->progress.attempts = request->once;
#endif
	neon_handle_set_idle(easy, request->once);
	NEON_SETOPT(easy, CURLOPT_HTTPHEADER,
				neon_handle_link_headers(transfer->client, request->headers,
										 transfer->headers));
}

static void
add(NeonTransfer *transfer)
{
	neon_trace_phase(&transfer->trace, NEON_PHASE_RESOLVE);
	transfer->multi = neon_http_client_multi(transfer->client);
	if (neon_multi_add(transfer->multi, transfer->easy,
					   transfer_done) != CURLM_OK)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not start an HTTP request")));
}

NeonTransfer *
neon_transfer_start(NeonHttpClient *client, const NeonRequest *request)
{
	MemoryContext context;
	NeonTransfer *transfer;

	context = AllocSetContextCreate(CurrentMemoryContext, "neon transfer",
									ALLOCSET_SMALL_SIZES);
	transfer = MemoryContextAllocZero(context, sizeof(NeonTransfer));
	transfer->context = context;
	transfer->client = client;
	transfer->kind = request->kind;
	transfer->once = request->once;
	transfer->trace.purpose = request->purpose;
	transfer->trace.activity = request->activity;
	transfer->cleanup.func = transfer_cleanup;
	transfer->cleanup.arg = transfer;
	MemoryContextRegisterResetCallback(context, &transfer->cleanup);
	transfer->buffer = neon_handle_take_buffer(client, BODY_BUFFER_SIZE);

	transfer->easy = neon_handle_take(client);
	transfer->counted = true;
	client->transfers++;
	set_callbacks(transfer);
	neon_handle_set_kind(client, transfer->easy, transfer->kind,
						 &transfer->trace);
	set_request(transfer, request);
	INSTR_TIME_SET_CURRENT(transfer->trace.begun);
	add(transfer);
	return transfer;
}

void
neon_transfer_end(NeonTransfer *transfer)
{
	MemoryContextDelete(transfer->context);
}

/* ---------- the reply ---------- */

static void
end_with_timeout(NeonTransfer *transfer, bool stalled)
{
	set_failure(transfer, CURLE_OPERATION_TIMEDOUT,
				stalled ? "no more of the reply has come in time" :
				transfer->progress.attempts > 0 ? "the request timed out" :
				"connecting timed out");
	transfer->failure.stalled = stalled;
	note_status(transfer);
	detach(transfer);
}

/* A transfer goes on when what it has brought has been handed out. */
bool
neon_transfer_ready(NeonTransfer *transfer)
{
	if (transfer->again)
	{
		transfer->again = false;
		neon_multi_remove(transfer->multi, transfer->easy);
		add(transfer);
	}
	if (transfer->taken == transfer->filled)
		transfer->taken = transfer->filled = 0;
	if (transfer->filled == 0 && transfer->paused && !transfer->done)
	{
		transfer->paused = false;
		neon_multi_unpause(transfer->easy);
	}
	return transfer->taken < transfer->filled || transfer->done;
}

bool
neon_transfer_arrived(const NeonTransfer *transfer)
{
	return transfer->done && !transfer->failed &&
		transfer->taken == transfer->filled;
}

size_t
neon_transfer_read(NeonTransfer *transfer, const char **data, int64 deadline,
				   int64 stall, instr_time *waited)
{
	int64		start = neon_clock();
	size_t		len;

	while (!neon_transfer_ready(transfer))
	{
		int64		until = deadline;

		if (stall > 0 && transfer->begun)
			until = Min(until, Max(start, transfer->begun_at) + stall);
		if (neon_clock() >= until)
		{
			end_with_timeout(transfer, until < deadline);
			break;
		}
		neon_wait(until, neon_phase_wait_event(transfer->trace.phase,
											   transfer->trace.purpose),
				  waited);
		if (!transfer->done && neon_multi_dead(transfer->multi))
		{
			set_failure(transfer, CURLE_OUT_OF_MEMORY, NULL);
			detach(transfer);
		}
	}
	note_status(transfer);
	*data = transfer->buffer + transfer->taken;
	len = transfer->filled - transfer->taken;
	transfer->taken = transfer->filled;
	return len;
}

const NeonFailure *
neon_transfer_failure(NeonTransfer *transfer)
{
	return transfer->failed ? &transfer->failure : NULL;
}

int
neon_transfer_status(NeonTransfer *transfer)
{
	return transfer->status;
}

const char *
neon_transfer_request_id(NeonTransfer *transfer)
{
	return transfer->request_id;
}

int
neon_transfer_attempts(NeonTransfer *transfer)
{
	return transfer->progress.attempts;
}

void
neon_transfer_unwatch(NeonTransfer *transfer)
{
	transfer->trace.activity = NULL;
}

const NeonTrace *
neon_transfer_trace(NeonTransfer *transfer)
{
	if (transfer->easy != NULL)
		neon_measure_fill(transfer->easy, &transfer->progress,
						  &transfer->trace);
	return &transfer->trace;
}
