/*-------------------------------------------------------------------------
 *
 * ship/source.c
 *		Which tables does a query read: foreign tables of one server only?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/own.h"
#include "ship/source.h"

typedef struct SourceWalk
{
	Query	   *query;			/* the one whose range table is walked */
	NeonRemoteQuery *remote;
} SourceWalk;

/* ---------- is there a foreign table of ours? ---------- */

static bool
foreign_table_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		return rte->rtekind == RTE_RELATION &&
			rte->relkind == RELKIND_FOREIGN_TABLE &&
			neon_is_own_table(rte->relid);
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, foreign_table_walker, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, foreign_table_walker, context);
}

bool
neon_reads_foreign_table(Query *query)
{
	return foreign_table_walker((Node *) query, NULL);
}

/* ---------- is there nothing else? ---------- */

/* Does the FROM list refer to the range table entry of that number? */
static bool
in_jointree_walker(Node *node, int *rtindex)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblRef))
		return ((RangeTblRef *) node)->rtindex == *rtindex;
	if (IsA(node, FromExpr))
		return in_jointree_walker((Node *) ((FromExpr *) node)->fromlist,
								  rtindex);
	if (IsA(node, JoinExpr))
		return in_jointree_walker(((JoinExpr *) node)->larg, rtindex) ||
			in_jointree_walker(((JoinExpr *) node)->rarg, rtindex);
	if (IsA(node, List))
		return expression_tree_walker(node, in_jointree_walker, rtindex);
	return false;
}

/* True if a relation is anything but a table of the one server. */
static bool
is_other_relation(SourceWalk *walk, RangeTblEntry *rte)
{
	NeonRemoteQuery *remote = walk->remote;
	int			rtindex = 1;
	Oid			serverid;
	Oid			userid;
	ListCell   *lc;

	foreach(lc, walk->query->rtable)
	{
		if (lfirst(lc) == rte)
			break;
		rtindex++;
	}
	/* Views that were expanded keep an entry, for permission checks alone. */
	if (!in_jointree_walker((Node *) walk->query->jointree, &rtindex))
		return rte->relkind != RELKIND_VIEW;
	if (rte->relkind != RELKIND_FOREIGN_TABLE || rte->tablesample != NULL ||
		rte->securityQuals != NIL || !neon_is_own_table(rte->relid))
		return true;
	if (rte->inh && has_subclass(rte->relid))
		return true;

	serverid = GetForeignServerIdByRelId(rte->relid);
	userid = neon_rte_check_as_user(walk->query, rte);
	if (OidIsValid(remote->serverid) &&
		(serverid != remote->serverid || userid != remote->userid))
		return true;
	remote->serverid = serverid;
	remote->userid = userid;
	return !neon_add_table(&remote->ship, rte->relid);
}

/* True if a range table entry must stay here. */
static bool
is_other_source(SourceWalk *walk, RangeTblEntry *rte)
{
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			return is_other_relation(walk, rte);
		case RTE_SUBQUERY:
			return rte->security_barrier || rte->tablesample != NULL;
		case RTE_JOIN:
		case RTE_VALUES:
		case RTE_CTE:
		case RTE_FUNCTION:
			return rte->securityQuals != NIL;
		case RTE_RESULT:
			return false;		/* stands for nothing, see ship/write.c */
		default:
			return neon_rte_is_other(rte);
	}
}

static bool
other_source_walker(Node *node, SourceWalk *walk)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return is_other_source(walk, (RangeTblEntry *) node);
	if (IsA(node, Query))
	{
		Query	   *outer = walk->query;
		bool		result;

		walk->query = (Query *) node;
		result = query_tree_walker((Query *) node, other_source_walker, walk,
								   QTW_EXAMINE_RTES_BEFORE);
		walk->query = outer;
		return result;
	}
	return expression_tree_walker(node, other_source_walker, walk);
}

bool
neon_reads_one_server(NeonRemoteQuery *remote, Node *query)
{
	SourceWalk	walk = {NULL, remote};

	return !other_source_walker(query, &walk) &&
		OidIsValid(remote->serverid);
}
