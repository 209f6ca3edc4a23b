/*-------------------------------------------------------------------------
 *
 * modify/truncate.c
 *		TRUNCATE of foreign tables.
 *
 * All tables of a server are truncated by one statement, for they may refer
 * to each other.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "modify/truncate.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "transaction/alone.h"
#include "transaction/transaction.h"

static void
check_truncatable(Relation rel, const NeonTableOptions *table,
				  const NeonServerOptions *server)
{
	if (!neon_override(table->truncatable, server->truncatable))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("foreign table \"%s\" does not allow truncates",
						RelationGetRelationName(rel)),
				 errhint("Set option \"truncatable\" of the foreign table, or of its server, to \"true\".")));
}

static char *
truncate_sql(List *rels, const NeonServerOptions *server,
			 DropBehavior behavior, bool restart_seqs)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "TRUNCATE ");
	foreach(lc, rels)
	{
		Relation	rel = lfirst(lc);
		const NeonTableOptions *table =
			neon_table(RelationGetRelid(rel))->options;

		check_truncatable(rel, table, server);
		appendStringInfo(&sql, "%s%s", lc == list_head(rels) ? "" : ", ",
						 quote_qualified_identifier(table->schema_name,
													table->table_name));
	}
	appendStringInfo(&sql, " %s IDENTITY %s",
					 restart_seqs ? "RESTART" : "CONTINUE",
					 behavior == DROP_CASCADE ? "CASCADE" : "RESTRICT");
	return sql.data;
}

void
neonExecForeignTruncate(List *rels, DropBehavior behavior, bool restart_seqs)
{
	Relation	first = linitial(rels);
	Oid			serverid = GetForeignTable(RelationGetRelid(first))->serverid;
	NeonServerOptions *server = neon_server_options(GetForeignServer(serverid));
	UserMapping *user = GetUserMapping(GetUserId(), serverid);
	NeonQuery	query = {0};
	NeonStats	stats = {0};

	query.sql = truncate_sql(rels, server, behavior, restart_seqs);
	if (neon_transaction_autocommit(user))
	{
		neon_remote_finish(neon_transaction_run(user, &query, 1, &stats));
		return;
	}
	/* alone, whoever sent it hears of the commit's errors in the same place */
	if (!neon_utility_ends_transaction(T_TruncateStmt))
		neon_remote_finish(neon_transaction_rehearse(user, NULL, NULL, &query, 1, &stats));
	neon_transaction_queue(user, &query, GetCurrentCommandId(true), NULL);
}
