/*-------------------------------------------------------------------------
 *
 * option/value.c
 *		Syntax of the values that options may have.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/namespace.h"
#include "common/string.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include "option/value.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

void
neon_value_check_characters(const char *name, const char *value)
{
	for (const unsigned char *p = (const unsigned char *) value; *p; p++)
	{
		if (*p < 0x20 || *p == 0x7f)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" must not contain control characters",
							name)));
	}
}

void
neon_value_check_not_empty(const char *name, const char *value)
{
	if (*value == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must not be empty", name)));
}

void
neon_value_check_printable(const char *name, const char *value)
{
	neon_value_check_not_empty(name, value);
	if (!pg_is_ascii(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must contain printable ASCII characters only",
						name)));
}

/* The characters that RFC 6750 allows; a JWT has fewer. */
bool
neon_value_is_token(const char *value)
{
	return *value != '\0' &&
		value[strspn(value, LETTERS DIGITS "-._~+/=")] == '\0';
}

void
neon_value_check_token(const char *name, const char *value)
{
	neon_value_check_not_empty(name, value);
	if (!neon_value_is_token(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not a valid token", name),
				 errdetail_internal("%s", NEON_TOKEN_SYNTAX)));
}

bool
neon_value_bool(const char *name, const char *value)
{
	bool		result;

	if (!parse_bool(value, &result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for boolean option \"%s\": \"%s\"",
						name, value)));
	return result;
}

/*
 * Plain decimal digits only.  parse_int() would round "0.4" to 0, and 0 means
 * "no limit" for some of these.
 */
int
neon_value_integer(const char *name, const char *value, int min, int max)
{
	char	   *end;
	int			result;

	errno = 0;
	result = strtoint(value, &end, 10);
	if (end == value || *end != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for integer option \"%s\": \"%s\"",
						name, value)));
	if (errno == ERANGE || result < min || result > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be between %d and %d",
						name, min, max)));
	return result;
}

double
neon_value_cost(const char *name, const char *value)
{
	double		result;

	if (!parse_real(value, &result, 0, NULL) || !isfinite(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for floating point option \"%s\": \"%s\"",
						name, value)));
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must not be negative", name)));
	return result;
}

/*
 * The place of a value in a list of names, in which NULL stands for a place
 * that has no name.  Throws, with this hint, if the value is not in the list.
 */
static int
choose(const char *name, const char *value, const char *const *choices,
	   int nchoices, const char *hint)
{
	for (int i = 0; i < nchoices; i++)
	{
		if (choices[i] != NULL && strcmp(choices[i], value) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", name, value),
			 errhint("%s", hint)));
	return 0;					/* keep compiler quiet */
}

NeonSslMode
neon_value_sslmode(const char *name, const char *value)
{
	static const char *const modes[] = {
		[NEON_SSL_DISABLE] = "disable",
		[NEON_SSL_REQUIRE] = "require",
		[NEON_SSL_VERIFY_FULL] = "verify-full"
	};

	return choose(name, value, modes, lengthof(modes),
				  "Valid values are \"verify-full\", \"require\" and \"disable\".");
}

NeonRequestHost
neon_value_request_host(const char *name, const char *value)
{
	static const char *const hosts[] = {
		[NEON_REQUEST_HOST_AUTO] = "auto",
		[NEON_REQUEST_HOST_API] = "api",
		[NEON_REQUEST_HOST_ENDPOINT] = "endpoint"
	};

	return choose(name, value, hosts, lengthof(hosts),
				  "Valid values are \"auto\", \"api\" and \"endpoint\".");
}

bool
neon_value_consistency(const char *name, const char *value)
{
	static const char *const levels[] = {[false] = "relaxed",[true] = "strict"};

	return choose(name, value, levels, lengthof(levels),
				  "Valid values are \"relaxed\" and \"strict\".");
}

NeonReadChecks
neon_value_read_checks(const char *name, const char *value)
{
	static const char *const checks[] = {
		[NEON_READ_CHECKS_EACH] = "each",
		[NEON_READ_CHECKS_COMMIT] = "commit",
		[NEON_READ_CHECKS_OFF] = "off"
	};

	return choose(name, value, checks, lengthof(checks),
				  "Valid values are \"each\", \"commit\" and \"off\".");
}

bool
neon_value_autocommit(const char *name, const char *value)
{
	static const char *const kinds[] = {[false] = "atomic",[true] = "autocommit"};

	return choose(name, value, kinds, lengthof(kinds),
				  "Valid values are \"atomic\" and \"autocommit\".");
}

char *
neon_value_relation(const char *name, const char *value)
{
	List	   *names = NIL;
	char	   *copy = pstrdup(value);

	if (!SplitIdentifierString(copy, '.', &names) || list_length(names) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", name, value),
				 errhint("Give the table with its schema, such as \"schema.table\".")));
	return quote_qualified_identifier(linitial(names), lsecond(names));
}

NeonSampling
neon_value_sampling(const char *name, const char *value)
{
	static const char *const methods[] = {
		[NEON_SAMPLING_OFF] = "off",
		[NEON_SAMPLING_AUTO] = "auto",
		[NEON_SAMPLING_RANDOM] = "random",
		[NEON_SAMPLING_SYSTEM] = "system",
		[NEON_SAMPLING_BERNOULLI] = "bernoulli"
	};

	return choose(name, value, methods, lengthof(methods),
				  "Valid values are \"auto\", \"system\", \"bernoulli\", \"random\" and \"off\".");
}

/* Says which option a syntax error is about, and not where in the statement. */
static void
type_error_callback(void *arg)
{
	errposition(0);
	errcontext("option \"%s\"", (const char *) arg);
}

/*
 * This text becomes part of remote SQL that other users run, so it is not
 * passed on as it stands: the parser must take it for one type name (a
 * comment could still follow), and what the parser made of it is printed.
 */
char *
neon_value_type(const char *name, const char *value)
{
	ErrorContextCallback context;
	TypeName   *type;

	neon_value_check_not_empty(name, value);

	context.callback = type_error_callback;
	context.arg = unconstify(char *, name);
	context.previous = error_context_stack;
	error_context_stack = &context;
	type = linitial_node(TypeName, raw_parser(value, RAW_PARSE_TYPE_NAME));
	error_context_stack = context.previous;

	if (type->setof)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be the name of a type", name)));

	return psprintf("%s%s", NameListToQuotedString(type->names),
					type->arrayBounds != NIL ? "[]" : "");
}
