/*-------------------------------------------------------------------------
 *
 * remote/diagnosis.c
 *		The one mapping from what the endpoint and libcurl say to errors of
 *		PostgreSQL.
 *
 * An error of the remote database arrives as itself.  Everything else comes
 * from something in between, has no SQLSTATE, and gets one here:
 *
 *	08001	never connected: DNS, connect, TLS, proxy, their timeouts
 *	08006	connected, then lost or timed out
 *	28P01, 28000	wrong credentials
 *	53300, 53400, 57P03	overload, quota, a compute that does not start
 *	54000	request or reply over the endpoint's limit
 *	40001	a check of ours failed: what a transaction relies on has changed
 *	08007	a commit whose outcome is unknown
 *	HV00M	a reply that is no valid reply
 *	HV000	anything else
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/json.h"
#include "remote/diagnosis.h"
#include "remote/error_text.h"
#include "remote/known_error.h"

/*
 * A database never quotes a password, but it may well quote a word that is
 * also somebody's weak one; what a proxy or a library says is trusted less.
 */
#define SHORTEST_IN_DATABASE_TEXT	12
#define SHORTEST_IN_OTHER_TEXT		4

/* Of a body that is no JSON, only so much is shown. */
#define EXCERPT_LENGTH	200

#define JSON_DEPTH		16

/* ---------- a reply with an error ---------- */

static NeonError *
make_error(const char *request_id)
{
	NeonError  *error = palloc0(sizeof(NeonError));

	error->sqlstate = ERRCODE_FDW_ERROR;
	if (request_id != NULL && request_id[0] != '\0')
		error->request_id = pstrdup(request_id);
	return error;
}

/* Five digits or capitals, and not of a class that means success. */
static bool
is_error_sqlstate(const char *code)
{
	if (strlen(code) != 5 ||
		strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
		return false;
	return strncmp(code, "00", 2) != 0 && strncmp(code, "01", 2) != 0 &&
		strncmp(code, "02", 2) != 0;
}

/* A string field, NULL when absent, empty or something else. */
static char *
get_text(NeonJson *object, const char *key, const NeonRedaction *redaction)
{
	NeonJson   *value;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_string) ||
		json_object_get_string_len(value) == 0)
		return NULL;
	return neon_text_show(json_object_get_string(value),
						  json_object_get_string_len(value),
						  NEON_TEXT_LIMIT, redaction);
}

/*
 * Does this SQLSTATE say that the transaction failed?  Not when the server
 * went away: that can also happen just after the commit.  A protocol violation
 * (wrong parameters, for example) is reported instead of running the statement.
 */
static bool
is_failed_transaction(int sqlstate)
{
	if (sqlstate == ERRCODE_PROTOCOL_VIOLATION)
		return true;
	return ERRCODE_TO_CATEGORY(sqlstate) != ERRCODE_CONNECTION_EXCEPTION &&
		sqlstate != ERRCODE_ADMIN_SHUTDOWN &&
		sqlstate != ERRCODE_CRASH_SHUTDOWN;
}

/* What a server may say before it takes a statement. */
static bool
is_connect_error(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION:
		case ERRCODE_INVALID_CATALOG_NAME:
		case ERRCODE_INSUFFICIENT_RESOURCES:
			return true;
		default:
			return sqlstate == ERRCODE_CANNOT_CONNECT_NOW ||
				sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE;
	}
}

/* The words behind prefix in a message that quotes them, NULL if not there. */
static char *
quoted_words(const char *message, const char *prefix)
{
	const char *words = message == NULL ? NULL : strstr(message, prefix);
	char	   *result;
	size_t		len;

	if (words == NULL)
		return NULL;
	result = pstrdup(words + strlen(prefix));
	len = strlen(result);
	if (len > 0 && result[len - 1] == '"')
		result[len - 1] = '\0';
	return result;
}

/*
 * Takes the error of a check of ours that has failed: the text that is no
 * number says why.
 */
static void
take_check_error(NeonError *error)
{
	char	   *why;

	if (error->sqlstate != ERRCODE_INVALID_TEXT_REPRESENTATION)
		return;
	if ((why = quoted_words(error->message, NEON_CHECK_PREFIX)) != NULL)
	{
		error->sqlstate = ERRCODE_T_R_SERIALIZATION_FAILURE;
		error->message = psprintf("could not serialize access: %s", why);
		error->wrong_count = strcmp(why, NEON_WRONG_COUNT) == 0;
		error->hint = pstrdup(error->wrong_count ?
							  "Retry the transaction: this session now asks the remote server for the count of each statement." :
							  "The transaction might succeed if retried.");
	}
	else if (quoted_words(error->message, NEON_STATE_PREFIX) != NULL)
	{
		error->unproved = true;
		error->sqlstate = ERRCODE_T_R_SERIALIZATION_FAILURE;
		error->message = pstrdup("could not serialize access: what this transaction has read may have been changed by another one");
		error->hint = pstrdup("The transaction might succeed if retried.");
	}
	else if ((why = quoted_words(error->message, NEON_TEST_PREFIX)) != NULL)
	{
		error->sqlstate = ERRCODE_FEATURE_NOT_SUPPORTED;
		error->message = why;
		error->hint = pstrdup("Set the server's option \"transactions\" to \"autocommit\" to do without.");
	}
}

static void
take_database_error(NeonError *error, NeonJson *object, const char *code,
					int status, const NeonConnection *connection)
{
	NeonRedaction redaction = {connection->credentials->secrets, SHORTEST_IN_DATABASE_TEXT};

	error->sqlstate = MAKE_SQLSTATE(code[0], code[1], code[2], code[3],
									code[4]);
	error->message = get_text(object, "message", &redaction);
	error->detail = get_text(object, "detail", &redaction);
	error->hint = get_text(object, "hint", &redaction);
	error->where = get_text(object, "where", &redaction);
	error->schema_name = get_text(object, "schema", &redaction);
	error->table_name = get_text(object, "table", &redaction);
	error->column_name = get_text(object, "column", &redaction);
	error->datatype_name = get_text(object, "dataType", &redaction);
	error->constraint_name = get_text(object, "constraint", &redaction);

	/* the endpoint reports what a database says on connecting as 500 */
	error->not_executed = status == 500 && is_connect_error(error->sqlstate);
	error->transient = error->sqlstate == ERRCODE_CANNOT_CONNECT_NOW ||
		error->sqlstate == ERRCODE_TOO_MANY_CONNECTIONS;
	error->rolled_back = status == 400 &&
		is_failed_transaction(error->sqlstate);
	error->conflict =
		error->sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		error->sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED;
	take_check_error(error);

	/* The guard sets it; the name may exist here only. */
	if (error->hint == NULL && error->message != NULL &&
		strstr(error->message, "parameter \"TimeZone\"") != NULL)
		error->hint = pstrdup("The remote server does not know this session's time zone; set timezone to a name that it knows, such as \"UTC\".");

	if (error->hint == NULL &&
		error->sqlstate == ERRCODE_INVALID_CATALOG_NAME)
		error->hint = pstrdup("Check option \"dbname\" of the server; without it the name of the remote user is used.");
}

/* Not the database's: the endpoint's own, a router's, a balancer's. */
static void
take_other_error(NeonError *error, NeonJson *object, int status,
				 const char *body, size_t len,
				 const NeonConnection *connection)
{
	NeonRedaction redaction = {connection->credentials->secrets, SHORTEST_IN_OTHER_TEXT};
	char	   *excerpt;

	if (object != NULL)
	{
		error->message = get_text(object, "message", &redaction);
		if (error->message == NULL)
			error->message = get_text(object, "msg", &redaction);
	}
	neon_error_recognize(error, status, connection->credentials);
	if (error->message != NULL)
	{
		error->detail = psprintf("The endpoint of server \"%s\" answered with HTTP status %d.",
								 connection->server_name, status);
		return;
	}
	error->message = psprintf("endpoint of server \"%s\" answered with HTTP status %d",
							  connection->server_name, status);
	excerpt = neon_text_show_line(body, len, EXCERPT_LENGTH, &redaction);
	if (excerpt[0] != '\0')
		error->detail = psprintf("The reply begins with: %s", excerpt);
}

/* NULL unless it is an object; json_object_put() it. */
static pg_noinline NeonJson *
parse_object(const char *body, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	NeonJson   *object;

	if (tokener == NULL)
		return NULL;
	object = json_tokener_parse_ex(tokener, body, (int) len);
	json_tokener_free(tokener);
	if (object != NULL && !json_object_is_type(object, json_type_object))
	{
		json_object_put(object);
		return NULL;
	}
	return object;
}

NeonError *
neon_error_from_reply(const NeonConnection *connection, int status,
					  const char *body, size_t len, const char *request_id)
{
	NeonError  *error = make_error(request_id);
	NeonJson   *object = parse_object(body, len);

	PG_TRY();
	{
		NeonJson   *code = NULL;

		if (object != NULL &&
			json_object_object_get_ex(object, "code", &code) &&
			json_object_is_type(code, json_type_string) &&
			is_error_sqlstate(json_object_get_string(code)))
			take_database_error(error, object, json_object_get_string(code),
								status, connection);
		else
			take_other_error(error, object, status, body, len, connection);
	}
	PG_FINALLY();
	{
		if (object != NULL)
			json_object_put(object);
	}
	PG_END_TRY();
	return error;
}

/* ---------- a transfer that failed ---------- */

static char *
failure_message(const char *server, const NeonFailure *failure)
{
	static const char *const steps[] = {
		[NEON_PHASE_SETUP] = "setting up the request",
		[NEON_PHASE_RESOLVE] = "DNS lookup",
		[NEON_PHASE_CONNECT] = "connecting",
		[NEON_PHASE_PROXY] = "connecting through the proxy",
		[NEON_PHASE_TLS] = "TLS handshake",
		[NEON_PHASE_SEND] = "sending the request",
		[NEON_PHASE_WAIT] = "waiting for the reply",
		[NEON_PHASE_BODY] = "reading the reply",
	};
	const char *step = steps[failure->phase];

	if (failure->phase < NEON_PHASE_SEND && failure->timeout)
		return psprintf("could not connect to server \"%s\": timeout during %s",
						server, step);
	if (failure->phase < NEON_PHASE_SEND)
		return psprintf("could not connect to server \"%s\": %s failed",
						server, step);
	if (failure->timeout)
		return psprintf("timeout on server \"%s\" while %s", server, step);
	return psprintf("connection to server \"%s\" was lost while %s",
					server, step);
}

const char *
neon_proxy_hint(int status)
{
	if (status == 407)
		return "The proxy wants a user name and a password. Set HTTPS_PROXY in the environment of the server process to http://user:password@host:port.";
	if (status >= 500)
		return "The proxy has not reached the endpoint. If that lasts, ask for the endpoint's host name and port to be allowed.";
	return "The proxy does not let this through: ask for the endpoint's host name and port to be allowed.";
}

static const char *
failure_hint(const NeonFailure *failure)
{
	if (failure->cafile)
		return "The file of option \"sslrootcert\", or of SSL_CERT_FILE in the environment of the server process, must be readable for the server process and hold certificates in PEM format.";
	if (failure->certificate)
		return "The certificate could not be verified. Set option \"sslrootcert\" of the server, or SSL_CERT_FILE in the environment of the server process, to the certificate authority's file if it is not one of the system's.";
	if (failure->phase == NEON_PHASE_TLS)
		return "Something on the way, such as a firewall, may not let TLS through.";
	if (failure->proxy_status != 0)
		return neon_proxy_hint(failure->proxy_status);
	if (failure->phase == NEON_PHASE_RESOLVE)
		return "Check options \"host\" and \"proxy\" of the server. Where only a proxy resolves outside names, set \"proxy\", or HTTPS_PROXY in the environment of the server process.";
	if (failure->stalled)
		return "Options \"stall_timeout\" and \"request_timeout\" of the server limit how long a reply may pause.";
	if (failure->phase == NEON_PHASE_CONNECT)
		return "A firewall may block the way. Where a proxy is to be used, set option \"proxy\" of the server, or HTTPS_PROXY in the environment of the server process; where one is set, check its host and port.";
	return NULL;
}

NeonError *
neon_error_from_failure(const NeonConnection *connection,
						const NeonFailure *failure, const char *request_id)
{
	NeonRedaction redaction = {connection->credentials->secrets, SHORTEST_IN_OTHER_TEXT};
	NeonError  *error = make_error(request_id);
	const char *hint = failure_hint(failure);

	error->sqlstate = failure->phase < NEON_PHASE_SEND ?
		ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION :
		ERRCODE_CONNECTION_FAILURE;
	error->message = failure_message(connection->server_name, failure);
	error->detail = neon_text_show_line(failure->text, strlen(failure->text),
										NEON_TEXT_LIMIT, &redaction);
	if (hint != NULL)
		error->hint = pstrdup(hint);
	error->transient = !failure->permanent;
	/* the endpoint parses nothing before it has all */
	error->not_executed = !failure->whole;
	return error;
}

NeonError *
neon_error_from_problem(const NeonConnection *connection, const char *problem,
						uint64 offset, const char *request_id)
{
	NeonError  *error = make_error(request_id);

	error->sqlstate = ERRCODE_FDW_UNABLE_TO_CREATE_REPLY;
	error->message = psprintf("invalid reply from server \"%s\": %s",
							  connection->server_name, problem);
	error->detail = psprintf("The problem is at byte " UINT64_FORMAT " of the reply.",
							 offset);
	return error;
}

NeonError *
neon_error_request_size(const NeonConnection *connection, size_t size,
						int64 limit)
{
	NeonError  *error = make_error(NULL);

	error->sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	error->message = psprintf("request to server \"%s\" is too large",
							  connection->server_name);
	error->detail = limit > 0 ?
		psprintf("It has %zu bytes, the endpoint takes at most " INT64_FORMAT ".",
				 size, limit) :
		psprintf("It has %zu bytes.", size);
	error->hint = connection->options->autocommit ?
		pstrdup("Write fewer or smaller rows with one statement.") :
		pstrdup("Write less in one transaction, or set the server's option \"transactions\" to \"autocommit\", which commits large statements in pieces.");
	error->not_executed = true;
	return error;
}

NeonError *
neon_error_from_interrupt(const NeonConnection *connection,
						  const ErrorData *interrupt, const char *request_id)
{
	NeonError  *error = make_error(request_id);

	error->sqlstate = interrupt->sqlerrcode;
	error->message = pstrdup(interrupt->message);
	return error;
}

NeonError *
neon_error_unknown_outcome(const NeonConnection *connection,
						   const NeonError *error)
{
	NeonError  *unknown = palloc0(sizeof(NeonError));

	unknown->sqlstate = ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
	unknown->message = psprintf("it is unknown whether the transaction was committed on server \"%s\"",
								connection->server_name);
	unknown->detail = error->detail == NULL ? error->message :
		psprintf("%s (%s)", error->message, error->detail);
	unknown->hint = connection->options->commit_ledger == NULL ?
		pstrdup("Look at the remote data before doing it again. For transactions that wait for their commit here, option \"commit_ledger\" of the server has such outcomes looked up.") :
		pstrdup("Look at the remote data before doing it again.");
	unknown->request_id = error->request_id;
	return unknown;
}
