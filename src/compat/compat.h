/*-------------------------------------------------------------------------
 *
 * compat/compat.h
 *		What differs between the supported versions of PostgreSQL.
 *
 * The folder compat/ is the only place that looks at versions of PostgreSQL
 * (here) and of libcurl.  It calls nothing but them.  It promises that
 * everything above can be written against the newest form, which is provided
 * here for older servers: a new version of PostgreSQL is a change of this
 * folder.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_COMPAT_H
#define NEON_COMPAT_COMPAT_H

#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#if PG_VERSION_NUM >= 170000
#include "utils/wait_event.h"
#else
#include "pgstat.h"
#endif

#if PG_VERSION_NUM < 150000
#error "neon_http_fdw needs PostgreSQL 15 or later"
#endif

/* 18 made this a prefix that stands before the declaration */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* The collation "POSIX" is the same since ever, but 18 has no name for it. */
#if PG_VERSION_NUM >= 180000
#define POSIX_COLLATION_OID 951
#endif

/* Types that are new in 19; no type of an older version has their OIDs. */
#if PG_VERSION_NUM < 190000
#define OID8OID 6437
#define REGDATABASEOID 6490
#endif

/*
 * A WaitEventSet that outlives transactions.  Since 17 the first argument is
 * a resource owner, before it is the memory context.
 */
static inline WaitEventSet *
neon_create_wait_event_set(int nevents)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(NULL, nevents);
#else
	return CreateWaitEventSet(TopMemoryContext, nevents);
#endif
}

/*
 * What pg_stat_activity shows while something is waited for: a name of our own
 * since 17.  It is looked up in shared memory, so callers keep the result.
 */
static inline uint32
neon_wait_event(const char *name)
{
#if PG_VERSION_NUM >= 170000
	return WaitEventExtensionNew(name);
#else
	return PG_WAIT_EXTENSION;
#endif
}

/*
 * The number of this backend among all that may run SQL, from 0 to
 * MaxBackends; negative if it has none.
 */
#include "storage/proc.h"
static inline int
neon_backend_number(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProcNumber;
#else
	return MyProc == NULL ? -1 : MyProc->pgprocno;
#endif
}

/* What is known of the i-th backend, from 1 on; NULL if nothing is. */
#include "utils/backend_status.h"
static inline PgBackendStatus *
neon_backend_status(int i)
{
#if PG_VERSION_NUM >= 160000
	LocalPgBackendStatus *local = pgstat_get_local_beentry_by_index(i);
#else
	LocalPgBackendStatus *local = pgstat_fetch_stat_local_beentry(i);
#endif

	return local == NULL ? NULL : &local->backendStatus;
}

/* When the running statement will be cancelled, DT_NOEND if never. */
static inline TimestampTz
neon_statement_deadline(void)
{
	TimestampTz deadline = DT_NOEND;

	if (get_timeout_active(STATEMENT_TIMEOUT))
		deadline = get_timeout_finish_time(STATEMENT_TIMEOUT);
#if PG_VERSION_NUM >= 170000
	if (get_timeout_active(TRANSACTION_TIMEOUT))
		deadline = Min(deadline, get_timeout_finish_time(TRANSACTION_TIMEOUT));
#endif
	return deadline;
}

/* Privileges on a foreign server: since 16 there is one call for all objects. */
#include "catalog/pg_foreign_server.h"
#include "utils/acl.h"
#if PG_VERSION_NUM >= 160000
#define neon_server_aclcheck(serverid, userid) \
	object_aclcheck(ForeignServerRelationId, serverid, userid, ACL_USAGE)
#else
#define neon_server_aclcheck(serverid, userid) \
	pg_foreign_server_aclcheck(serverid, userid, ACL_USAGE)
#endif

/* EXPLAIN's state and its output functions moved out of scan/explain.h. */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* The parameters of a planner hook, and how they are handed on. */
#if PG_VERSION_NUM >= 190000
#define NEON_PLANNER_PARAMETERS \
	Query *query, const char *query_string, int cursor_options, \
	ParamListInfo params, struct ExplainState *es
#define NEON_PLANNER_ARGUMENTS query, query_string, cursor_options, params, es
#define neon_plan_query(query, query_string, cursor_options, params) \
	planner(query, query_string, cursor_options, params, NULL)
#else
#define NEON_PLANNER_PARAMETERS \
	Query *query, const char *query_string, int cursor_options, \
	ParamListInfo params
#define NEON_PLANNER_ARGUMENTS query, query_string, cursor_options, params
#define neon_plan_query(query, query_string, cursor_options, params) \
	planner(query, query_string, cursor_options, params)
#endif

/*
 * The paths of foreign scans, with what every caller here leaves out: 18
 * added disabled_nodes, 17 fdw_restrictinfo.  Clauses without columns, for
 * which the latter is there, are sent along like any other.
 */
#if PG_VERSION_NUM >= 180000
#define NEON_PATH_ROWS(rows)	(rows), 0
#else
#define NEON_PATH_ROWS(rows)	(rows)
#endif
#if PG_VERSION_NUM >= 170000
#define NEON_PATH_PRIVATE		NIL, NIL
#else
#define NEON_PATH_PRIVATE		NIL
#endif

#define neon_create_foreignscan_path(root, rel, rows, startup, total, \
									 pathkeys, outer) \
	create_foreignscan_path(root, rel, NULL, NEON_PATH_ROWS(rows), startup, \
							total, pathkeys, outer, NULL, NEON_PATH_PRIVATE)
#define neon_create_foreign_join_path(root, rel, rows, startup, total, \
									  pathkeys, epq_path) \
	create_foreign_join_path(root, rel, NULL, NEON_PATH_ROWS(rows), startup, \
							 total, pathkeys, NULL, epq_path, \
							 NEON_PATH_PRIVATE)
#define neon_create_foreign_upper_path(root, rel, target, rows, startup, \
									   total, pathkeys) \
	create_foreign_upper_path(root, rel, target, NEON_PATH_ROWS(rows), \
							  startup, total, pathkeys, NULL, \
							  NEON_PATH_PRIVATE)

/*
 * Members of an equivalence class, those of child relations included: since
 * 18 the latter are kept apart.  The sort direction of a path key has another
 * name there, with the same values.
 */
#if PG_VERSION_NUM >= 180000
#define NeonMemberIterator		EquivalenceMemberIterator
#define neon_member_start(it, ec, relids) \
	setup_eclass_member_iterator(it, ec, relids)
#define neon_member_next(it)	eclass_member_iterator_next(it)
#define neon_pathkey_strategy(key)	((int) (key)->pk_cmptype)
#else
#include "nodes/pathnodes.h"

typedef struct NeonMemberIterator
{
	List	   *members;
	int			next;
} NeonMemberIterator;

static inline void
neon_member_start(NeonMemberIterator *it, EquivalenceClass *ec, Relids relids)
{
	it->members = ec->ec_members;
	it->next = 0;
}

static inline EquivalenceMember *
neon_member_next(NeonMemberIterator *it)
{
	if (it->next >= list_length(it->members))
		return NULL;
	return (EquivalenceMember *) list_nth(it->members, it->next++);
}

#define neon_pathkey_strategy(key)	((key)->pk_strategy)
#endif

/*
 * As whom a range table entry of a query is read, InvalidOid for the current
 * user: since 16 this is in a list of its own.
 */
#if PG_VERSION_NUM >= 160000
#include "parser/parse_relation.h"
#define neon_rte_check_as_user(query, rte) \
	(getRTEPermissionInfo((query)->rteperminfos, (rte))->checkAsUser)
#else
#define neon_rte_check_as_user(query, rte)	((rte)->checkAsUser)
#endif

/*
 * As whom a range table entry is read, at any stage of planning: entries that
 * the planner added, for partitions, have no permissions of their own since
 * 16.
 */
#if PG_VERSION_NUM >= 160000
#define neon_rte_user(query, rte, otherwise) \
	((rte)->perminfoindex > 0 ? \
	 neon_rte_check_as_user(query, rte) : (otherwise))
#else
#define neon_rte_user(query, rte, otherwise)	((rte)->checkAsUser)
#endif

/* Gives an entry of a query that the planner has taken apart permissions. */
#if PG_VERSION_NUM >= 160000
#define neon_add_own_permissions(query, rte) \
	((rte)->perminfoindex = 0, \
	 (void) addRTEPermissionInfo(&(query)->rteperminfos, (rte)))
#else
#define neon_add_own_permissions(query, rte)	((void) 0)
#endif

/* A copy of the set of columns that an INSERT names. */
#if PG_VERSION_NUM >= 160000
#define neon_inserted_columns(query) \
	bms_copy(getRTEPermissionInfo((query)->rteperminfos, \
								  rt_fetch((query)->resultRelation, \
										   (query)->rtable))->insertedCols)
#else
#define neon_inserted_columns(query) \
	bms_copy(rt_fetch((query)->resultRelation, (query)->rtable)->insertedCols)
#endif

/* As whom a result relation is written to, InvalidOid for the current user. */
#include "nodes/execnodes.h"
#if PG_VERSION_NUM >= 160000
#include "executor/executor.h"
#define neon_result_user(result, estate) \
	ExecGetResultRelCheckAsUser(result, estate)
#else
#include "executor/executor.h"
static inline Oid
neon_result_user(ResultRelInfo *result, EState *estate)
{
	if (result->ri_RangeTableIndex == 0 && result->ri_RootResultRelInfo != NULL)
		result = result->ri_RootResultRelInfo;
	return exec_rt_fetch(result->ri_RangeTableIndex, estate)->checkAsUser;
}
#endif

/* Kinds of range table entries that newer versions have, and can go. */
#if PG_VERSION_NUM >= 180000
#define neon_rte_is_other(rte)	((rte)->rtekind != RTE_GROUP)
#else
#define neon_rte_is_other(rte)	true
#endif

/*
 * What a query groups by: since 18 its target list and HAVING only refer to
 * these expressions, which are in an entry of their own.
 */
static inline List *
neon_rte_group_exprs(RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 180000
	return rte->rtekind == RTE_GROUP ? rte->groupexprs : NIL;
#else
	return NIL;
#endif
}

/* OLD or NEW in RETURNING, which there is since 18. */
#if PG_VERSION_NUM >= 180000
#define neon_is_old_or_new(var) \
	((var)->varreturningtype != VAR_RETURNING_DEFAULT)
#else
#define neon_is_old_or_new(var)	false
#endif

/*
 * A copy of a range table entry without what belongs to its kind, apart from
 * the relation that is checked and locked.
 */
static inline RangeTblEntry *
neon_copy_bare_rte(RangeTblEntry *rte)
{
	RangeTblEntry *bare = makeNode(RangeTblEntry);

	*bare = *rte;
	bare->tablesample = NULL;
	bare->subquery = NULL;
	bare->joinaliasvars = NIL;
	bare->functions = NIL;
	bare->tablefunc = NULL;
	bare->values_lists = NIL;
	bare->securityQuals = NIL;
#if PG_VERSION_NUM >= 180000
	bare->groupexprs = NIL;
#endif
	return bare;
}

/*
 * A plan's flat range table.  Since 16 permissions are in a list of their
 * own, to which the entries point by index; the entries of a query are added
 * before its permissions.
 */
#include "nodes/plannodes.h"

static inline void
neon_add_flat_rte(PlannedStmt *stmt, Query *query, RangeTblEntry *rte)
{
	RangeTblEntry *flat = neon_copy_bare_rte(rte);

#if PG_VERSION_NUM >= 160000
	if (flat->perminfoindex > 0)
		flat->perminfoindex += list_length(stmt->permInfos);
#endif
	stmt->rtable = lappend(stmt->rtable, flat);
}

static inline void
neon_add_flat_permissions(PlannedStmt *stmt, Query *query)
{
#if PG_VERSION_NUM >= 160000
	stmt->permInfos = list_concat(stmt->permInfos, query->rteperminfos);
#endif
}

/*
 * Adds to a query a relation (or, since 16, a view) of another one for its
 * permission check and its lock alone: it is not in the FROM list.
 */
static inline void
neon_add_checked_relation(Query *into, Query *from, RangeTblEntry *rte)
{
	RangeTblEntry *checked = neon_copy_bare_rte(rte);

	checked->rtekind = RTE_RELATION;
	checked->security_barrier = false;
	checked->inh = false;
	checked->lateral = false;
	checked->inFromCl = false;
#if PG_VERSION_NUM >= 160000
	if (rte->perminfoindex > 0)
	{
		into->rteperminfos = lappend(into->rteperminfos,
									 getRTEPermissionInfo(from->rteperminfos,
														  rte));
		checked->perminfoindex = list_length(into->rteperminfos);
	}
#endif
	into->rtable = lappend(into->rtable, checked);
}

/* Since 18 the executor asks which relations are not subject to pruning. */
static inline void
neon_set_unprunable_relids(PlannedStmt *stmt)
{
#if PG_VERSION_NUM >= 180000
	int			rti = 0;
	ListCell   *lc;

	foreach(lc, stmt->rtable)
	{
		rti++;
		if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_RELATION)
			stmt->unprunableRelids = bms_add_member(stmt->unprunableRelids,
													rti);
	}
#endif
}

/* Is it a relation that the statement writes to?  Since 19 they are a set. */
#if PG_VERSION_NUM >= 190000
#define neon_is_target(stmt, rti) \
	bms_is_member(rti, (stmt)->resultRelationRelids)
#else
#define neon_is_target(stmt, rti) \
	list_member_int((stmt)->resultRelations, rti)
#endif

/* Since 19 it tells, on demand, whether a constraint of the domain is volatile. */
#if PG_VERSION_NUM >= 190000
#define neon_domain_has_constraints(type)	DomainHasConstraints(type, NULL)
#else
#define neon_domain_has_constraints(type)	DomainHasConstraints(type)
#endif

/* Does the parser read strings as the standard says?  Since 19 always. */
#if PG_VERSION_NUM >= 190000
#define neon_standard_strings()	true
#else
#include "parser/parser.h"
#define neon_standard_strings()	standard_conforming_strings
#endif

/* Since 19 ON CONFLICT may hand back the row that is there (DO SELECT). */
#if PG_VERSION_NUM >= 190000
#define neon_conflict_selects(conflict) \
	((conflict)->action == ONCONFLICT_SELECT)
#else
#define neon_conflict_selects(conflict)	false
#endif

/* Sums of integers in states of aggregates: integers since 19, not numeric. */
#define neon_states_have_int128()	(PG_VERSION_NUM >= 190000)

/* RETURNING of a statement as it was parsed: since 18 it has a node of its own. */
#if PG_VERSION_NUM >= 180000
#define neon_raw_returning(stmt)	((stmt)->returningClause != NULL)
#else
#define neon_raw_returning(stmt)	((stmt)->returningList != NIL)
#endif

#endif							/* NEON_COMPAT_COMPAT_H */
