/*-------------------------------------------------------------------------
 *
 * transaction/table_facts.h
 *		What the remote's catalog says of a table that is written to: can one
 *		write's outcome depend on another write?
 *
 * A fact is asked for together with the first rehearsal that needs it and
 * kept for the session.  Whoever relies on one has it checked again in the
 * batch that commits: if the remote's tables have changed meanwhile, the
 * commit fails with 40001.  One statement proves for all tables that nothing
 * has changed; only where it does not, another batch checks each fact.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TABLE_FACTS_H
#define NEON_TRANSACTION_TABLE_FACTS_H

#include "nodes/nodes.h"
#include "nodes/pg_list.h"

#include "json/request.h"
#include "remote/remote.h"

/*
 * Columns of the table, as lists for SQL.  y.r stands for a pinned row.
 */
typedef struct NeonPinColumns
{
	char	   *names;			/* those that an INSERT may give values for */
	char	   *values;			/* the same of y.r */
	char	   *changeable;		/* those that an UPDATE may set */
	char	   *changes;		/* the same of y.r */
} NeonPinColumns;

/*
 * What a fact is about.  Arrays are the text form of arrays of remote column
 * names.
 */
typedef struct NeonFactSubject
{
	const char *table;			/* quoted and qualified remote name */
	CmdType		command;		/* CMD_INSERT, CMD_UPDATE or CMD_DELETE */
	const char *key;			/* array: what names one row, "{}" if nothing */
	const char *written;		/* array: what an UPDATE, or ON CONFLICT DO
								 * UPDATE, sets; else "{}" */
	const char *named;			/* array: what an INSERT names, or "{}" if
								 * that is no matter; else "" */
} NeonFactSubject;

typedef struct NeonFact
{
	const char *table;			/* as the remote writes its qualified name */

	/*
	 * The write changes rows of this table only, and no others than those
	 * that its condition or its VALUES name.
	 */
	bool		contained;

	/*
	 * And what becomes of it depends on no other row, but rows of parents.
	 */
	bool		independent;

	List	   *parents;		/* char *: tables that foreign keys refer to
								 * in which it may look */
	const char *text;			/* all of it as the remote has sent it */
	const char *fingerprint;	/* of the catalog's rows about the table */
	NeonFactSubject subject;

	/*
	 * What a rehearsal has found out about an INSERT's columns, see
	 * transaction/pinned_rows.h; NULL before one has.
	 */
	const NeonPinColumns *columns;
	const NeonPinColumns *unnamed;
} NeonFact;

/* The fact if it is known for this user mapping, else NULL. */
extern const NeonFact *neon_fact_find(Oid umid, const NeonFactSubject *subject);

/*
 * Fills in the statement that asks for a fact, and reads what it returned,
 * which becomes known.  The result lives until the cache is emptied, which
 * no transaction that relies on a fact lives to see.
 */
#define NEON_FACT_COLUMNS	7
extern void neon_fact_query(NeonQuery *query, const NeonFactSubject *subject);
extern const NeonFact *neon_fact_read(Oid umid,
									  const NeonFactSubject *subject,
									  NeonReader *reader);

/* Keeps what was found out about the columns, which is copied. */
extern void neon_fact_keep_columns(const NeonFact *fact,
								   const NeonPinColumns *columns,
								   const NeonPinColumns *unnamed);

/*
 * Fills in the statement that fails with NEON_STATE_PREFIX unless the remote's
 * catalog says of all tables of these facts what it said when they were asked
 * for.  It may fail although the facts still hold, because a table that the
 * transaction itself makes or alters is another one in each of its requests:
 * then neon_facts_unproved() has the facts forgotten at the end of the
 * transaction, and each is to be checked.
 */
extern void neon_facts_proof(NeonQuery *query, List *facts);
extern void neon_facts_unproved(void);

/* Fills in the statement that fails with 40001 unless the fact still holds. */
extern void neon_fact_check(NeonQuery *query, const NeonFact *fact);

/*
 * At the end of a transaction: forgets all facts if one of them may have been
 * wrong, or if they are too many to be kept.
 */
extern void neon_facts_end_transaction(bool failed);

#endif							/* NEON_TRANSACTION_TABLE_FACTS_H */
