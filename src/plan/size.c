/*-------------------------------------------------------------------------
 *
 * plan/size.c
 *		Sizes of foreign tables that were never analyzed.
 *
 * The remote's statistics are better than a guess, and cost one request per
 * session: when the size of one table is not known, all unknown tables of the
 * statement are asked for, those of other servers at the same time.  A
 * statement with one table is not worth the request, since there are no plans
 * to choose from.  EXPLAIN without ANALYZE must not send any request.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_foreign_table.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/plancat.h"
#include "storage/bufpage.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "plan/remote_size.h"
#include "plan/size.h"
#include "remote/error.h"

/*
 * Pages assumed for a table that was never analyzed.  PostgreSQL assumes as
 * many for a local table that looks empty, so as not to take it for tiny.
 */
#define UNKNOWN_TABLE_PAGES 10

/*
 * A sleeping compute starts in less time.  If the answer takes longer,
 * planning goes on without these numbers.
 */
#define PATIENCE_MS		10000

/* So long servers are asked one by one after a failure of one of them. */
#define ALONE_SECONDS	60

static ProcessUtility_hook_type prev_utility_hook = NULL;

/* Is the running statement an EXPLAIN that does not execute? */
static bool explaining = false;

/* When the client sent the statement that loaded this library. */
static TimestampTz load_statement;

/* ---------- may the remote be asked? ---------- */

static bool
only_explains(Node *stmt)
{
	bool		analyze = false;
	ListCell   *lc;

	if (!IsA(stmt, ExplainStmt))
		return false;
	foreach(lc, ((ExplainStmt *) stmt)->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "analyze") == 0)
			analyze = defGetBoolean(option);
	}
	return !analyze;
}

static void
process_utility(PlannedStmt *pstmt, const char *query_string,
				bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *query_env,
				DestReceiver *dest, QueryCompletion *completion)
{
	bool		was_explaining = explaining;

	explaining |= only_explains(pstmt->utilityStmt);
	PG_TRY();
	{
		if (prev_utility_hook != NULL)
			prev_utility_hook(pstmt, query_string, read_only_tree, context,
							  params, query_env, dest, completion);
		else
			standard_ProcessUtility(pstmt, query_string, read_only_tree,
									context, params, query_env, dest,
									completion);
	}
	PG_FINALLY();
	{
		explaining = was_explaining;
	}
	PG_END_TRY();
}

void
neon_plan_size_init(void)
{
	load_statement = GetCurrentStatementStartTimestamp();
	prev_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

/*
 * The hook has not seen the statement that loaded the library: it may be an
 * EXPLAIN.  In parallel mode there can be no subtransaction.
 */
static bool
may_ask(void)
{
	return !explaining && !IsInParallelMode() &&
		GetCurrentStatementStartTimestamp() != load_statement;
}

/* ---------- for which tables? ---------- */

typedef struct TableSearch
{
	Oid			serverid;
	Oid			userid;			/* to read as, InvalidOid: the current user */
	Query	   *query;			/* the one that is searched */
	List	   *relations;		/* OIDs of all tables, local ones, too */
	List	   *unknown;		/* OIDs of those to ask for */
	bool		several;		/* there is more than one table */
} TableSearch;

/* Is it a foreign table of the server whose size is not known? */
static bool
is_unknown(TableSearch *search, RangeTblEntry *rte)
{
	HeapTuple	tuple;
	bool		result;

	if (rte->relkind != RELKIND_FOREIGN_TABLE ||
		neon_rte_user(search->query, rte, search->userid) != search->userid)
		return false;

	tuple = SearchSysCache1(FOREIGNTABLEREL, ObjectIdGetDatum(rte->relid));
	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_foreign_table) GETSTRUCT(tuple))->ftserver ==
		search->serverid;
	ReleaseSysCache(tuple);
	if (!result)
		return false;

	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(rte->relid));
	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->reltuples < 0;
	ReleaseSysCache(tuple);
	return result;
}

static bool search_walker(Node *node, TableSearch *search);

static void
search_query(Query *query, TableSearch *search)
{
	Query	   *outer = search->query;
	List	   *here = NIL;
	ListCell   *lc;

	search->query = query;
	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_FUNCTION || rte->rtekind == RTE_TABLEFUNC ||
			rte->rtekind == RTE_VALUES || rte->rtekind == RTE_NAMEDTUPLESTORE)
			search->several = true;
		if (rte->rtekind != RTE_RELATION || rte->relkind == RELKIND_VIEW ||
			(query->commandType == CMD_INSERT &&
			 foreach_current_index(lc) + 1 == query->resultRelation))
			continue;

		/*
		 * A table that stands twice in one query is joined.  An inlined view
		 * is found in another query of the tree, which makes no join.
		 */
		if (list_member_oid(here, rte->relid))
			search->several = true;
		here = lappend_oid(here, rte->relid);
		search->relations = list_append_unique_oid(search->relations,
												   rte->relid);
		if (!list_member_oid(search->unknown, rte->relid) &&
			is_unknown(search, rte))
			search->unknown = lappend_oid(search->unknown, rte->relid);
	}
	if (list_length(search->relations) > 1)
		search->several = true;
	(void) query_tree_walker(query, search_walker, search, 0);
	search->query = outer;
}

static bool
search_walker(Node *node, TableSearch *search)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		search_query((Query *) node, search);
		return false;
	}
	return expression_tree_walker(node, search_walker, search);
}

/* ---------- asking ---------- */

/* Does an error end the statement?  Only a cancel or a timeout here does. */
static bool
ends_statement(ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED &&
		!neon_error_is_of_wire(error);
}

/*
 * Sends all requests, then waits for all answers; in a subtransaction, so that
 * a failure can be ignored.  Returns false then.
 */
static bool
ask_quietly(List *users, List *tables)
{
	MemoryContext old = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	MemoryContext context = AllocSetContextCreate(old, "neon_http_fdw sizes",
												  ALLOCSET_SMALL_SIZES);
	ErrorData  *error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		List	   *requests = NIL;
		ListCell   *lc;
		ListCell   *lc2;

		forboth(lc, users, lc2, tables)
			requests = lappend(requests, neon_size_send(lfirst(lc),
														lfirst(lc2), false,
														PATIENCE_MS));
		foreach(lc, requests)
			(void) neon_size_receive(lfirst(lc));
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	CurrentResourceOwner = owner;

	if (error != NULL)
	{
		if (ends_statement(error))
			ReThrowError(error);
		ereport(DEBUG1,
				(errcode(error->sqlerrcode),
				 errmsg_internal("could not ask the remote for sizes of tables: %s",
								 error->message)));
	}
	MemoryContextDelete(context);
	return error == NULL;
}

/*
 * The tables of a server that are to be asked for.  The query of the outermost
 * level holds all others as they were written.  Partitions, which planning has
 * added, are found in the inner ones only.
 */
static List *
unknown_tables(PlannerInfo *root, TableSearch *search)
{
	for (; root != NULL; root = root->parent_root)
		search_query(root->parse, search);
	return search->unknown;
}

/* Servers of the same wrapper that the statement names besides this one. */
static List *
other_servers(PlannerInfo *root, Oid serverid)
{
	Oid			wrapper = GetForeignServer(serverid)->fdwid;
	List	   *servers = NIL;
	ListCell   *lc;

	foreach(lc, root->parse->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		Oid			other;

		if (rte->rtekind != RTE_RELATION ||
			rte->relkind != RELKIND_FOREIGN_TABLE)
			continue;
		other = GetForeignTable(rte->relid)->serverid;
		if (other != serverid && !list_member_oid(servers, other) &&
			GetForeignServer(other)->fdwid == wrapper)
			servers = lappend_oid(servers, other);
	}
	return servers;
}

/* Those of the tables about which nothing is kept. */
static List *
not_kept(List *relids, Oid umid)
{
	List	   *result = NIL;
	ListCell   *lc;
	NeonRemoteSize size;

	foreach(lc, relids)
	{
		if (!neon_size_find(umid, lfirst_oid(lc), &size))
			result = lappend_oid(result, lfirst_oid(lc));
	}
	return result;
}

/*
 * Adds tables of other servers, and the mappings to ask as, so that nobody
 * waits for one server after the other.
 */
static void
add_other_servers(PlannerInfo *root, RelOptInfo *rel, Oid userid,
				  List **users, List **tables)
{
	ListCell   *lc;

	foreach(lc, other_servers(root, rel->serverid))
	{
		TableSearch search = {.serverid = lfirst_oid(lc),.userid = rel->userid};
		Oid			umid = neon_user_mapping_oid(userid, lfirst_oid(lc));
		List	   *relids;

		if (!OidIsValid(umid))
			continue;
		relids = not_kept(unknown_tables(root, &search), umid);
		if (relids == NIL)
			continue;
		*users = lappend(*users, GetUserMapping(userid, lfirst_oid(lc)));
		*tables = lappend(*tables, relids);
	}
}

/*
 * After a failure a server's tables are not asked for again for a while; and
 * if several servers were asked, and one has failed, each is asked by itself.
 */
static void
ask_for_statement(PlannerInfo *root, RelOptInfo *rel, Oid relid, Oid userid)
{
	static TimestampTz alone_until = 0;
	TableSearch search = {.serverid = rel->serverid,.userid = rel->userid};
	List	   *relids = list_append_unique_oid(unknown_tables(root, &search),
												relid);
	UserMapping *user;
	List	   *users;
	List	   *tables;

	if (!search.several)
		return;
	user = GetUserMapping(userid, rel->serverid);
	users = list_make1(user);
	tables = list_make1(relids);
	if (GetCurrentTimestamp() >= alone_until)
		add_other_servers(root, rel, userid, &users, &tables);
	if (ask_quietly(users, tables))
		return;
	if (list_length(users) > 1)
	{
		alone_until = GetCurrentTimestamp() + ALONE_SECONDS * USECS_PER_SEC;
		if (ask_quietly(list_make1(user), list_make1(relids)))
			return;
	}
	neon_size_give_up(user, relids);
}

static bool
remote_size(PlannerInfo *root, RelOptInfo *rel, Oid relid,
			NeonRemoteSize *size)
{
	Oid			userid = OidIsValid(rel->userid) ? rel->userid : GetUserId();
	Oid			umid = neon_user_mapping_oid(userid, rel->serverid);

	if (!OidIsValid(umid))
		return false;
	if (!neon_size_find(umid, relid, size))
	{
		if (!may_ask())
			return false;
		ask_for_statement(root, rel, relid, userid);
		if (!neon_size_find(umid, relid, size))
			return false;
	}
	return size->known;
}

/* Rows on a page of a table of which only the column types are known. */
static double
guessed_density(Oid relid)
{
	int32		width = get_relation_data_width(relid, NULL);

	width += MAXALIGN(SizeofHeapTupleHeader) + sizeof(ItemIdData);
	return (double) (BLCKSZ - SizeOfPageHeaderData) / width;
}

void
neon_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid,
			   NeonRelInfo *info)
{
	NeonRemoteSize size;

	if (rel->tuples >= 0)
		return;
	if (neon_override(info->table->use_remote_size,
					  info->server->use_remote_size) &&
		remote_size(root, rel, relid, &size))
	{
		rel->pages = Min(size.pages, MaxBlockNumber);
		rel->tuples = size.tuples;
		if (size.unanalyzed > 0)
			rel->tuples += Max(size.unanalyzed, UNKNOWN_TABLE_PAGES) *
				guessed_density(relid);
	}
	else
	{
		rel->pages = UNKNOWN_TABLE_PAGES;
		rel->tuples = (UNKNOWN_TABLE_PAGES * BLCKSZ) /
			(rel->reltarget->width + MAXALIGN(SizeofHeapTupleHeader));
	}
}
