/*-------------------------------------------------------------------------
 *
 * scan/too_large.c
 *		Which statements have had results that do not fit into one reply.
 *
 * Statements are known by a hash of their text: one that is taken for another
 * costs a request more, and nothing else.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "http/connection.h"
#include "scan/too_large.h"

/* So many are remembered; then the memory begins anew. */
#define MAX_ENTRIES		1024

/* An estimate may be wrong by so much without a decision that is wrong. */
#define SURELY			4.0

typedef struct StatementKey
{
	uint64		text;			/* hash of the statement's */
	uint64		umid;
} StatementKey;

typedef struct Statement
{
	StatementKey key;
	bool		too_large;
} Statement;

static HTAB *statements = NULL;

uint64
neon_statement_hash(const NeonQuery *query)
{
	return hash_bytes_extended((const unsigned char *) query->sql,
							   strlen(query->sql), 0) | 1;
}

static StatementKey
key_of(UserMapping *user, uint64 text)
{
	StatementKey key = {text, user->umid};

	return key;
}

static Statement *
enter(StatementKey key)
{
	if (statements != NULL && hash_get_num_entries(statements) >= MAX_ENTRIES)
	{
		hash_destroy(statements);
		statements = NULL;
	}
	if (statements == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(StatementKey);
		ctl.entrysize = sizeof(Statement);
		ctl.hcxt = TopMemoryContext;
		statements = hash_create("neon_http_fdw sizes of results", 64, &ctl,
								 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	return hash_search(statements, &key, HASH_ENTER, NULL);
}

bool
neon_is_too_large(UserMapping *user, const NeonQuery *query, double expected)
{
	StatementKey key = key_of(user, neon_statement_hash(query));
	Statement  *statement = NULL;

	if (statements != NULL)
		statement = hash_search(statements, &key, HASH_FIND, NULL);
	if (statement != NULL)
		return statement->too_large;
	return expected > SURELY *
		neon_connection_reply_limit(user->umid, NEON_LEAST_REPLY_LIMIT);
}

void
neon_note_too_large(UserMapping *user, uint64 statement, bool too_large)
{
	enter(key_of(user, statement))->too_large = too_large;
}
