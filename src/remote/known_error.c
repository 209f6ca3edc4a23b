/*-------------------------------------------------------------------------
 *
 * remote/known_error.c
 *		Errors of the endpoint that are not the database's, told by their
 *		status and text.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "remote/known_error.h"

/* How the endpoint refuses a request or a reply over its limit. */
#define HTTP_REQUEST_TOO_LARGE	413
#define HTTP_REPLY_TOO_LARGE	507

/* Errors that are not the database's, by status (0: any) and text. */
typedef struct KnownError
{
	int			status;
	const char *text;			/* part of the message, NULL: any */
	int			sqlstate;
	bool		transient;
	bool		not_executed;
	const char *hint;
	bool		throttled;
} KnownError;

/* Errors that are about a token, if one was sent: these are looked at first. */
static const char *const token_errors[] = {
	"JWT token has expired",
	"JWT token is not yet ready to use",
	"invalid JWT token audience",
	"not a valid JWT encoding",
	"missing key id",
	"jwk not found",
	"JWKs settings for this role were not configured",
	"failed to fetch auth rules",
	"signature error",
	"signature algorithm not supported",
	"invalid RSA",
	"invalid P256 key",
	"unsupported key type",
	"unsupported EC key type",
};

static const KnownError known_errors[] = {
	{HTTP_REQUEST_TOO_LARGE, NULL, ERRCODE_PROGRAM_LIMIT_EXCEEDED, false, true,
	"The endpoint limits the size of a request; send less data at once. From REPEATABLE READ on, what was read before travels, too."},
	{HTTP_REPLY_TOO_LARGE, NULL, ERRCODE_PROGRAM_LIMIT_EXCEEDED, false, false,
	"The endpoint limits the size of a reply; read fewer rows or columns at once, or set option \"spill_schema\" of the server, which takes results of any size (not in a transaction that has written)."},
	{429, NULL, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, true, true,
	"Send fewer requests at a time.", true},
	{502, NULL, ERRCODE_CONNECTION_FAILURE, true, false, NULL},
	{503, NULL, ERRCODE_CONNECTION_FAILURE, true, false, NULL},
	{504, NULL, ERRCODE_CONNECTION_FAILURE, true, false, NULL},
	{400, "password authentication failed", ERRCODE_INVALID_PASSWORD, false,
	true, "Check user and password of the user mapping, and option \"host\" of the server."},
	{400, "required authorization bearer token",
		ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false, true,
	"The endpoint wants a token: option \"auth_token\" of the user mapping, or neon_http_fdw.auth_token in the session."},
	{400, "missing authentication credentials",
		ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false, true,
	"The user mapping needs option \"password\" or \"auth_token\", or the session neon_http_fdw.auth_token."},
	{500, "Control plane request failed", ERRCODE_CANNOT_CONNECT_NOW, true,
	true, NULL},
	{500, "Couldn't connect to compute node", ERRCODE_CANNOT_CONNECT_NOW,
	true, true, NULL},
	{500, "Too many connections attempts", ERRCODE_TOO_MANY_CONNECTIONS,
	true, true, NULL},
	{500, "Failed to acquire permit", ERRCODE_TOO_MANY_CONNECTIONS, true,
	true, NULL},

	/* What the endpoint looks at before it connects to the database. */
	{0, "Too many connections to this endpoint", ERRCODE_TOO_MANY_CONNECTIONS,
		true, true,
		"The endpoint limits the number of requests per second: send fewer, larger ones, or from fewer sessions at a time.",
	true},
	{0, "rate limit", ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, true, true,
	"Send fewer requests at a time.", true},
	{0, "quota", ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, false, true,
	"The limits of the Neon project, or of its plan, must be raised."},
	{0, "is not allowed to connect to this endpoint",
		ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false, true,
	"Add the address to the list of allowed IP addresses in the settings of the Neon project; it is that of the proxy or gateway through which this server's requests leave."},
	{0, "from a blocked network", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
		false, true,
	"The settings of the Neon project do not allow connections from where this server's requests come: allow public ones, or use a VPC endpoint."},
	{0, "This VPC endpoint", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
		false, true,
	"Add the VPC endpoint to those that the settings of the Neon project allow."},
	{400, "error serializing parameter", ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		false, true,
	"The endpoint takes at most 32767 parameters in a statement: use fewer values, or one array."},
	{400, "invalid connection string", ERRCODE_SQLSERVER_REJECTED_ESTABLISHMENT_OF_SQLCONNECTION,
		false, true,
	"Check options \"host\", \"dbname\" and \"options\" of the server, and \"user\" of the user mapping."},
	{400, "could not parse the HTTP request body", ERRCODE_FDW_ERROR, false,
	true, NULL},
	{400, "invalid isolation level", ERRCODE_FDW_ERROR, false, true, NULL},
	{0, "connection closed", ERRCODE_CONNECTION_FAILURE, true, false, NULL},
	{0, "error communicating with the server", ERRCODE_CONNECTION_FAILURE,
	true, false, NULL},
	{401, NULL, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false, false,
	NULL},
	{403, NULL, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false, false,
	NULL},
	{404, NULL, ERRCODE_FDW_ERROR, false, false,
	"Check options \"host\" and \"url\" of the server."},
};

/*
 * Limits outside of these bounds would make every request fail, or say
 * nothing.  The endpoint's own are megabytes.
 */
#define SMALLEST_LIMIT	(16 * 1024)
#define LARGEST_LIMIT	(INT64CONST(1) << 40)

/*
 * The limit in "... is too large (max is 67108864 bytes)", 0 if the message
 * does not have it: only the endpoint's own words are taken for one, not any
 * number that a balancer's page or a server's name may have in it.
 */
static int64
limit_in(const char *message)
{
	static const char before[] = " is too large (max is ";
	static const char after[] = " bytes)";
	const char *number;
	char	   *end;
	int64		limit;

	if (message == NULL || (number = strstr(message, before)) == NULL)
		return 0;
	number += strlen(before);
	if (!isdigit((unsigned char) *number))
		return 0;
	errno = 0;
	limit = strtoi64(number, &end, 10);
	if (errno != 0 || strncmp(end, after, strlen(after)) != 0)
		return 0;
	return limit >= SMALLEST_LIMIT && limit <= LARGEST_LIMIT ? limit : 0;
}

/*
 * What is wrong with the token, or with sending one.  False if the error is
 * about something else.
 */
static bool
take_token_error(NeonError *error, int status,
				 const NeonCredentials *credentials)
{
	bool		refused = false;

	if (credentials->token == NULL)
		return false;
	for (int i = 0; i < lengthof(token_errors) && error->message; i++)
		refused = refused || strstr(error->message, token_errors[i]) != NULL;

	/*
	 * A 401 or 403 may also come from something on the way, which knows
	 * nothing of what the endpoint has done.
	 */
	error->not_executed = refused;
	if (refused || status == 401 || status == 403)
		error->hint = pstrdup(credentials->source == NEON_TOKEN_SESSION ?
							  "The token is that of the session, which wins over option \"auth_token\" of the user mapping: set neon_http_fdw.auth_token to another one." :
							  "The token is option \"auth_token\" of the user mapping: set it to another one, or neon_http_fdw.auth_token in the session.");
	else if (error->message != NULL &&
			 strstr(error->message, "required password") != NULL)
	{
		error->not_executed = true;
		error->hint = pstrdup("A token was sent (option \"auth_token\" of the user mapping, or neon_http_fdw.auth_token), but this host of the endpoint takes none. Check option \"url\" of the server: the host's first label must be \"apiauth\".");
	}
	else
		return false;
	error->sqlstate = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
	return true;
}

void
neon_error_recognize(NeonError *error, int status,
					 const NeonCredentials *credentials)
{
	if (take_token_error(error, status, credentials))
		return;
	if (status == HTTP_REQUEST_TOO_LARGE || status == HTTP_REPLY_TOO_LARGE)
		error->limit = limit_in(error->message);
	error->reply_too_large = status == HTTP_REPLY_TOO_LARGE;
	for (int i = 0; i < lengthof(known_errors); i++)
	{
		const KnownError *known = &known_errors[i];

		if ((known->status != 0 && known->status != status) ||
			(known->text != NULL &&
			 (error->message == NULL ||
			  strstr(error->message, known->text) == NULL)))
			continue;
		error->sqlstate = known->sqlstate;
		error->transient = known->transient;
		error->not_executed = known->not_executed;
		error->throttled = known->throttled;
		if (known->hint != NULL)
			error->hint = pstrdup(known->hint);
		return;
	}
	if (status >= 300 && status < 400)
		error->hint = pstrdup("Redirects are not followed. Check option \"url\" of the server.");
}
