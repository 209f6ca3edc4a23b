/*-------------------------------------------------------------------------
 *
 * http/connection.c
 *		Cache of HTTP connections, one entry per user mapping.
 *
 * Each user mapping has connections of its own: credentials are in a header,
 * but a connection that two users share would be one more thing to reason
 * about.  A change of server or mapping marks the entry; it is replaced when
 * it is next asked for and freed when its last reader is gone.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "http/connection.h"

typedef struct CacheEntry
{
	Oid			umid;			/* key: the user mapping's OID */
	NeonConnection *connection; /* NULL: none */
} CacheEntry;

static HTAB *cache = NULL;

/* Invalidations so far: tells of one that came while a connection was made. */
static uint64 ninvalidations = 0;

static void
free_connection(NeonConnection *connection)
{
	MemoryContextDelete(connection->context);
}

/* An invalidation may come at any time, so connections are only marked. */
static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;

	ninvalidations++;
	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		NeonConnection *connection = entry->connection;

		if (connection == NULL)
			continue;
		if (hashvalue == 0 ||
			(cacheid == FOREIGNSERVEROID &&
			 connection->server_hash == hashvalue) ||
			(cacheid == USERMAPPINGOID &&
			 connection->mapping_hash == hashvalue))
			connection->stale = true;
	}
}

static void
create_cache(void)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CacheEntry);
	cache = hash_create("neon connections", 8, &ctl, HASH_ELEM | HASH_BLOBS);

	/* the cast is for versions that have an enum for the cache's id */
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID,
								  (SyscacheCallbackFunction) invalidate, 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID,
								  (SyscacheCallbackFunction) invalidate, 0);
}

/* Lets go of connections that nobody may use any more. */
static void
drop_stale(void)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;

	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		NeonConnection *connection = entry->connection;

		if (connection == NULL ||
			(!connection->stale &&
			 neon_http_client_usable(connection->client)))
			continue;
		connection->stale = true;
		entry->connection = NULL;
		if (connection->holders == 0)
			free_connection(connection);
	}
}

NeonConnection *
neon_connection_get(UserMapping *user)
{
	CacheEntry *entry;
	bool		found;

	if (cache == NULL)
		create_cache();
	drop_stale();
	entry = hash_search(cache, &user->umid, HASH_ENTER, &found);
	if (!found)
		entry->connection = NULL;
	if (entry->connection != NULL &&
		!neon_endpoint_renew(entry->connection, user))
	{
		entry->connection->stale = true;
		drop_stale();
	}
	if (entry->connection == NULL)
	{
		uint64		before = ninvalidations;
		UserMapping *current = GetUserMapping(user->userid, user->serverid);
		NeonConnection *connection;

		/* a statement that began before the mapping changed has the old one */
		if (current->umid != user->umid)
			return neon_connection_get(current);
		connection = neon_endpoint_make(current);
		connection->stale = ninvalidations != before;
		MemoryContextSetParent(connection->context, TopMemoryContext);
		/* making it may have read catalogs: look the entry up again */
		entry = hash_search(cache, &user->umid, HASH_ENTER, &found);
		entry->connection = connection;
	}
	entry->connection->totals.key.userid = user->userid;
	neon_credentials_check(entry->connection->credentials,
						   entry->connection->user,
						   entry->connection->server_name,
						   user->userid, entry->connection->owner);
	return entry->connection;
}

void
neon_connection_hold(NeonConnection *connection)
{
	connection->holders++;
}

void
neon_connection_release(NeonConnection *connection)
{
	Assert(connection->holders > 0);
	if (--connection->holders == 0 && connection->stale)
	{
		HASH_SEQ_STATUS scan;
		CacheEntry *entry;

		/* the cache may still have it: marked, but not asked for since */
		hash_seq_init(&scan, cache);
		while ((entry = hash_seq_search(&scan)) != NULL)
		{
			if (entry->connection == connection)
				entry->connection = NULL;
		}
		free_connection(connection);
	}
}

int64
neon_connection_reply_limit(Oid umid, int64 unknown)
{
	CacheEntry *entry = NULL;

	if (cache != NULL)
		entry = hash_search(cache, &umid, HASH_FIND, NULL);
	if (entry == NULL || entry->connection == NULL ||
		entry->connection->stale)
		return unknown;
	if (entry->connection->reply_limit > 0)
		return entry->connection->reply_limit;
	return Max(entry->connection->reply_seen, unknown);
}

List *
neon_connection_list(void)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;
	List	   *list = NIL;

	if (cache == NULL)
		return NIL;
	drop_stale();
	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		NeonConnection *connection = entry->connection;

		if (connection != NULL && (connection->options->keep_connections ||
								   connection->holders > 0))
			list = lappend(list, connection);
	}
	return list;
}

bool
neon_connection_drop(NeonConnection *connection)
{
	bool		unused = connection->holders == 0;

	connection->stale = true;
	drop_stale();
	return unused;
}
