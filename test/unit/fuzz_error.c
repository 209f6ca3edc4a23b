/*-------------------------------------------------------------------------
 *
 * fuzz_error.c
 *		libFuzzer target: replies that are errors.
 *
 * Whatever comes, what is shown of it is text, has a bounded length and none
 * of the secrets.  The first two bytes are the status.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "backend.h"
#include "remote/diagnosis.h"
#include "remote/error_text.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET	"s3cret-passw0rd"

/* Around what is shown: names, the status, the request's id. */
#define WORDS_LENGTH	500

static void
check(const char *text)
{
	backend_check_text(text);
	if (text == NULL)
		return;
	if (strstr(text, SECRET) != NULL)
		backend_broken("shows a secret", text);
	if (strlen(text) > NEON_TEXT_LIMIT + WORDS_LENGTH)
		backend_broken("too long", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *secrets[] = {SECRET, NULL};
	NeonCredentials credentials = {.secrets = secrets};
	NeonServerOptions options = {0};
	NeonConnection connection = {.server_name = "s",.options = &options,
	.credentials = &credentials};
	NeonError  *error;

	if (size < 2)
		return 0;
	if (data[1] & 0x80)
		credentials.token = SECRET;
	error = neon_error_from_reply(&connection,
								  201 + (data[0] + 256 * data[1]) % 399,
								  (const char *) data + 2, size - 2, "id");
	if (error->sqlstate == 0)
		backend_broken("no SQLSTATE", "");
	check(error->message);
	check(error->detail);
	check(error->hint);
	check(error->where);
	check(error->schema_name);
	check(error->table_name);
	check(error->column_name);
	check(error->datatype_name);
	check(error->constraint_name);
	check(neon_error_unknown_outcome(&connection, error)->detail);
	backend_reset();
	return 0;
}
