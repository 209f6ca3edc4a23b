/*-------------------------------------------------------------------------
 *
 * transaction/table_facts.c
 *		What the remote's catalog says of a table that is written to: can one
 *		write's outcome depend on another write?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "deparse/check.h"
#include "remote/array_text.h"
#include "remote/error.h"
#include "remote/row_text.h"
#include "transaction/table_facts.h"
#include "transaction/text_hash.h"

/* More facts than an application has statements are not worth their memory. */
#define MAX_FACTS	10000

typedef struct FactEntry
{
	char	   *key;			/* must be first: what identifies the subject */
	NeonFact	fact;
} FactEntry;

/* NULL until the first fact is known. */
static MemoryContext facts_context = NULL;
static HTAB *facts = NULL;
static bool is_stale = false;	/* emptied at the end of the transaction */

/* ---------- what is asked ---------- */

/*
 * $1 table, $2 key, $3 written columns, $4 command.  A table is plain if a
 * write runs no code of a user's (triggers, rules, policies, functions in
 * constraints, defaults and indexes) and has no rows elsewhere (partitions,
 * children).  The flags of pg_class stay true when the last rule or child is
 * gone, so they are not looked at.  Only functions that are not built in have entries in pg_depend.
 */
#define FACT_TABLE \
	"t AS (SELECT c.*, quote_ident(n.nspname) || '.' || quote_ident(c.relname)" \
	" AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE c.oid = to_regclass($1)), " \
	"a AS (SELECT a.attnum, a.attname::text AS attname, a.attgenerated," \
	" y.oid AS type, y.typtype, e.typtype AS inner_type" \
	" FROM t JOIN pg_attribute a ON a.attrelid = t.oid" \
	" JOIN pg_type y ON y.oid = a.atttypid" \
	" LEFT JOIN pg_type e ON e.oid = COALESCE(NULLIF(y.typelem, 0), y.typbasetype)" \
	" WHERE a.attnum > 0 AND NOT a.attisdropped), " \
	"o AS (SELECT 'pg_constraint'::regclass AS class, k.oid FROM t" \
	" JOIN pg_constraint k ON k.conrelid = t.oid OR k.contypid IN (SELECT type FROM a)" \
	" UNION ALL SELECT 'pg_type'::regclass, y.oid FROM a" \
	" JOIN pg_type y ON y.oid = a.type AND y.typdefaultbin IS NOT NULL" \
	" UNION ALL SELECT 'pg_attrdef'::regclass, d.oid FROM t" \
	" JOIN pg_attrdef d ON d.adrelid = t.oid" \
	" UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM t" \
	" JOIN pg_index i ON i.indrelid = t.oid)"

#define FACT_PLAIN \
	"p AS (SELECT t.relkind = 'r' AND NOT t.relispartition" \
	" AND NOT t.relrowsecurity" \
	" AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = t.oid)" \
	" AND NOT EXISTS (SELECT FROM pg_inherits WHERE t.oid IN (inhrelid, inhparent))" \
	" AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid" \
	" AND NOT g.tgisinternal AND g.tgenabled <> 'D')" \
	" AND NOT EXISTS (SELECT FROM a WHERE typtype = 'c' OR inner_type IN ('c', 'd'))" \
	" AND NOT EXISTS (SELECT FROM o JOIN pg_depend d ON d.classid = o.class" \
	" AND d.objid = o.oid WHERE d.refclassid = 'pg_proc'::regclass)" \
	" AS plain FROM t)"

/*
 * The index of the key; columns of other unique and exclusion indexes (all
 * columns if an index has expressions, a condition or generated columns);
 * foreign keys of this table and to it.
 */
#define FACT_TIES \
	"i AS (SELECT i.*, i.indisunique AND i.indisvalid AND i.indimmediate" \
	" AND i.indpred IS NULL AND i.indexprs IS NULL" \
	" AND (SELECT array_agg(a.attname ORDER BY a.attname COLLATE \"C\") FROM a" \
	" WHERE a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))" \
	" = (SELECT array_agg(k ORDER BY k COLLATE \"C\") FROM unnest($2::text[]) k)" \
	" AS is_key FROM t JOIN pg_index i ON i.indrelid = t.oid), " \
	"u AS (SELECT a.attname FROM i JOIN a ON a.attnum = ANY (i.indkey)" \
	" OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL" \
	" OR EXISTS (SELECT FROM a g WHERE g.attgenerated <> ''" \
	" AND g.attnum = ANY (i.indkey))" \
	" WHERE (i.indisunique OR i.indisexclusion) AND NOT i.is_key), " \
	"f AS (SELECT k.confrelid, a.attname FROM t" \
	" JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'" \
	" JOIN a ON a.attnum = ANY (k.conkey)" \
	" WHERE $4 = 'insert' OR a.attname = ANY ($3::text[])), " \
	"r AS (SELECT k.confdeltype, k.confupdtype, a.attname FROM t" \
	" JOIN pg_constraint k ON k.confrelid = t.oid AND k.contype = 'f'" \
	" JOIN a ON a.attnum = ANY (k.confkey)" \
	" WHERE $4 = 'delete' OR a.attname = ANY ($3::text[]))"

/* A deletion, or a new value of its key, that reaches rows of other tables. */
#define FACT_CONTAINED \
	"(p.plain AND NOT EXISTS (SELECT FROM r WHERE" \
	" CASE $4 WHEN 'delete' THEN r.confdeltype ELSE r.confupdtype END" \
	" NOT IN ('a', 'r')))"

#define FACT_INDEPENDENT \
	"(p.plain AND EXISTS (SELECT FROM i WHERE i.is_key)" \
	" AND NOT EXISTS (SELECT FROM r)" \
	" AND NOT EXISTS (SELECT FROM u WHERE $4 = 'insert'" \
	" OR u.attname = ANY ($3::text[])))"

#define FACT_PARENTS \
	"COALESCE((SELECT array_agg(DISTINCT quote_ident(n.nspname) || '.' ||" \
	" quote_ident(c.relname)) FROM f JOIN pg_class c ON c.oid = f.confrelid" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace), '{}')"

/* Changes when columns or triggers do: pinned rows depend on these. */
#define FACT_SHAPE \
	"md5(COALESCE((SELECT string_agg(concat_ws(' ', a.attnum, a.attname," \
	" a.atttypid, a.attgenerated, a.attidentity, a.atthasdef), ','" \
	" ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.oid" \
	" AND a.attnum > 0 AND NOT a.attisdropped), '') || ';' ||" \
	" COALESCE((SELECT string_agg(concat_ws(' ', g.tgname, g.tgtype," \
	" g.tgenabled), ',' ORDER BY g.tgname) FROM pg_trigger g" \
	" WHERE g.tgrelid = t.oid AND NOT g.tgisinternal), ''))"

/*
 * Changes when any row of the catalog does that says something about the
 * table: each is there in the version that some transaction made.  A foreign
 * key from another table has triggers on this one.  Of pg_class, whose row is
 * another one after TRUNCATE, only what matters counts.  What reads few rows
 * by an index is planned in a tenth of the time that the facts take.
 */
#define FINGERPRINT(oid) \
	"md5(concat_ws(';', (SELECT concat_ws(' ', c.oid, n.nspname, c.relname," \
	" c.relkind, c.relispartition, c.relrowsecurity) FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " oid ")," \
	" (SELECT string_agg(concat_ws(' ', v.class, v.oid, v.xmin), ','" \
	" ORDER BY v.class, v.oid) FROM (" \
	"SELECT 1, a.attnum, a.xmin FROM pg_attribute a" \
	" WHERE a.attrelid = " oid " AND a.attnum > 0" \
	" UNION ALL SELECT 2, d.oid, d.xmin FROM pg_attrdef d" \
	" WHERE d.adrelid = " oid \
	" UNION ALL SELECT 3, i.indexrelid, i.xmin FROM pg_index i" \
	" WHERE i.indrelid = " oid \
	" UNION ALL SELECT 4, k.oid, k.xmin FROM pg_constraint k" \
	" WHERE k.conrelid = " oid \
	" UNION ALL SELECT 5, g.oid, g.xmin FROM pg_trigger g" \
	" WHERE g.tgrelid = " oid \
	" UNION ALL SELECT 6, r.oid, r.xmin FROM pg_rewrite r" \
	" WHERE r.ev_class = " oid \
	" UNION ALL SELECT 7, h.inhparent, h.xmin FROM pg_inherits h" \
	" WHERE h.inhrelid = " oid \
	" UNION ALL SELECT 8, h.inhrelid, h.xmin FROM pg_inherits h" \
	" WHERE h.inhparent = " oid \
	" UNION ALL SELECT 9, y.oid, y.xmin FROM pg_attribute a" \
	" JOIN pg_type y ON y.oid = a.atttypid AND y.typtype = 'd'" \
	" WHERE a.attrelid = " oid " AND a.attnum > 0" \
	" UNION ALL SELECT 10, k.oid, k.xmin FROM pg_attribute a" \
	" JOIN pg_type y ON y.oid = a.atttypid AND y.typtype = 'd'" \
	" JOIN pg_constraint k ON k.contypid = y.oid" \
	" WHERE a.attrelid = " oid " AND a.attnum > 0" \
	") v (class, oid, xmin))))"

/*
 * The last but one column is all of those before, to be compared at the
 * commit if the last one has changed.
 */
#define FACT_SQL \
	"WITH " FACT_TABLE ", " FACT_PLAIN ", " FACT_TIES \
	" SELECT x.*, x::text AS fact, " FINGERPRINT("t.oid") " AS fingerprint" \
	" FROM (SELECT t.name, " \
	FACT_CONTAINED "::text AS contained, " \
	FACT_INDEPENDENT "::text AS independent, " \
	FACT_PARENTS "::text AS parents, " FACT_SHAPE " AS shape FROM t, p) x, t"

/* $1 tables, $2 their fingerprints. */
#define PROOF_SQL \
	"SELECT (CASE WHEN (SELECT array_agg(" FINGERPRINT("t.oid") \
	" ORDER BY t.n) FROM (SELECT to_regclass(u.t), u.n" \
	" FROM unnest($1::text[]) WITH ORDINALITY u (t, n)) t (oid, n))" \
	" = $2::text[] THEN '0' ELSE '" NEON_STATE_PREFIX \
	"a table may have changed' END)::int"

static const char *
command_name(CmdType command)
{
	switch (command)
	{
		case CMD_INSERT:
			return "insert";
		case CMD_UPDATE:
			return "update";
		default:
			return "delete";
	}
}

static const char **
subject_params(const NeonFactSubject *subject, int nmore)
{
	const char **params = palloc((4 + nmore) * sizeof(char *));

	params[0] = subject->table;
	params[1] = subject->key;
	params[2] = subject->written;
	params[3] = command_name(subject->command);
	return params;
}

void
neon_fact_query(NeonQuery *query, const NeonFactSubject *subject)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = FACT_SQL;
	query->shown = "";
	query->nparams = 4;
	query->params = subject_params(subject, 0);
	query->ncolumns = NEON_FACT_COLUMNS;
}

void
neon_fact_check(NeonQuery *query, const NeonFact *fact)
{
	const char **params = subject_params(&fact->subject, 1);

	params[4] = fact->text;
	memset(query, 0, sizeof(NeonQuery));
	query->sql = neon_check_sql(FACT_SQL,
								"max(w.fact) IS NOT DISTINCT FROM $5::text",
								"a table that this transaction writes to has got other triggers, constraints or indexes");
	query->shown = "";
	query->nparams = 5;
	query->params = params;
	query->ncolumns = 1;
}

/* The same table with the same fingerprint need not be looked at twice. */
static bool
is_among(List *facts, const NeonFact *fact)
{
	ListCell   *lc;

	foreach(lc, facts)
	{
		const NeonFact *other = lfirst(lc);

		if (strcmp(other->subject.table, fact->subject.table) == 0 &&
			strcmp(other->fingerprint, fact->fingerprint) == 0)
			return true;
	}
	return false;
}

void
neon_facts_proof(NeonQuery *query, List *facts)
{
	const char **params = palloc(2 * sizeof(char *));
	List	   *shown = NIL;
	StringInfoData tables;
	StringInfoData fingerprints;
	ListCell   *lc;

	initStringInfo(&tables);
	initStringInfo(&fingerprints);
	foreach(lc, facts)
	{
		NeonFact   *fact = lfirst(lc);

		if (is_among(shown, fact))
			continue;
		shown = lappend(shown, fact);
		neon_array_append(&tables, fact->subject.table);
		neon_array_append(&fingerprints, fact->fingerprint);
	}
	neon_array_end(&tables);
	neon_array_end(&fingerprints);
	params[0] = tables.data;
	params[1] = fingerprints.data;
	memset(query, 0, sizeof(NeonQuery));
	query->sql = PROOF_SQL;
	query->shown = "";
	query->nparams = 2;
	query->params = params;
	query->ncolumns = 1;
}

/* ---------- what is known ---------- */

/* The mapping or the server may be for another database now. */
static void
invalidate(Datum arg, int cacheid, uint32 hash)
{
	is_stale = true;
}

static void
init_facts(void)
{
	static bool registered = false;

	if (!registered)
	{
		CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate, 0);
		CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate, 0);
		registered = true;
	}
	facts_context = AllocSetContextCreate(TopMemoryContext, "neon facts",
										  ALLOCSET_DEFAULT_SIZES);
	facts = neon_text_hash("neon facts", sizeof(FactEntry), facts_context);
}

void
neon_facts_unproved(void)
{
	is_stale = true;
}

void
neon_facts_end_transaction(bool failed)
{
	if (facts_context == NULL ||
		!(failed || is_stale || hash_get_num_entries(facts) > MAX_FACTS))
		return;
	MemoryContextDelete(facts_context);
	facts_context = NULL;
	facts = NULL;
	is_stale = false;
}

/* Names are unique among the parts: none of them can have a newline. */
static char *
subject_key(Oid umid, const NeonFactSubject *subject)
{
	return psprintf("%u\n%s\n%s\n%s\n%s\n%s", umid,
					command_name(subject->command), subject->table,
					subject->key, subject->written, subject->named);
}

const NeonFact *
neon_fact_find(Oid umid, const NeonFactSubject *subject)
{
	char	   *key = subject_key(umid, subject);
	FactEntry  *entry;

	if (facts == NULL)
		return NULL;
	entry = hash_search(facts, &key, HASH_FIND, NULL);
	return entry != NULL ? &entry->fact : NULL;
}

/* The elements of the text form of an array of texts. */
static List *
read_names(const char *array)
{
	Datum		value;
	Datum	   *elements;
	int			n;
	List	   *names = NIL;

	value = OidInputFunctionCall(F_ARRAY_IN, unconstify(char *, array),
								 TEXTOID, -1);
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, NULL, &n);
	for (int i = 0; i < n; i++)
		names = lappend(names, TextDatumGetCString(elements[i]));
	return names;
}

static bool
is_true(const char *text)
{
	return text != NULL && text[0] == 't';
}

/* A column, copied to where facts live; "" if it is null. */
static char *
keep_text(const NeonRow *row, int i)
{
	const char *text = row != NULL ? neon_row_text(row, i) : NULL;

	return MemoryContextStrdup(facts_context, text != NULL ? text : "");
}

static void
keep_subject(NeonFactSubject *copy, const NeonFactSubject *subject)
{
	copy->table = MemoryContextStrdup(facts_context, subject->table);
	copy->command = subject->command;
	copy->key = MemoryContextStrdup(facts_context, subject->key);
	copy->written = MemoryContextStrdup(facts_context, subject->written);
	copy->named = MemoryContextStrdup(facts_context, subject->named);
}

/*
 * The reply has no row if there is no such table; the statement itself will
 * say so.
 */
const NeonFact *
neon_fact_read(Oid umid, const NeonFactSubject *subject, NeonReader *reader)
{
	const NeonRow *row = neon_remote_next_row(reader);
	NeonFact	fact = {0};
	FactEntry  *entry;
	MemoryContext old;
	char	   *key;
	bool		found;

	if (facts == NULL)
		init_facts();
	fact.table = keep_text(row, 0);
	fact.contained = is_true(keep_text(row, 1));
	fact.independent = is_true(keep_text(row, 2));
	fact.text = keep_text(row, 5);
	fact.fingerprint = keep_text(row, 6);
	old = MemoryContextSwitchTo(facts_context);
	if (row != NULL)
		fact.parents = read_names(neon_row_text(row, 3));
	key = subject_key(umid, subject);
	MemoryContextSwitchTo(old);
	keep_subject(&fact.subject, subject);
	entry = hash_search(facts, &key, HASH_ENTER, &found);
	entry->fact = fact;
	return &entry->fact;
}

static char *
keep_list(const char *list)
{
	return list != NULL ? MemoryContextStrdup(facts_context, list) : NULL;
}

static const NeonPinColumns *
keep_columns(const NeonPinColumns *columns)
{
	NeonPinColumns *copy = MemoryContextAlloc(facts_context,
											  sizeof(NeonPinColumns));

	copy->names = keep_list(columns->names);
	copy->values = keep_list(columns->values);
	copy->changeable = keep_list(columns->changeable);
	copy->changes = keep_list(columns->changes);
	return copy;
}

void
neon_fact_keep_columns(const NeonFact *fact, const NeonPinColumns *columns,
					   const NeonPinColumns *unnamed)
{
	NeonFact   *known = unconstify(NeonFact *, fact);

	known->columns = keep_columns(columns);
	known->unnamed = keep_columns(unnamed);
}
