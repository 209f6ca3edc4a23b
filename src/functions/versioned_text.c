/*-------------------------------------------------------------------------
 *
 * functions/versioned_text.c
 *		A user's UPDATE or DELETE that tells which rows it concerns.
 *
 * RETURNING sees a row as the statement leaves it.  So the target is joined to
 * itself by the rows' places, under names that no statement uses.  All else
 * of the text stays as it is: only the places of its clauses must be known,
 * which PostgreSQL's own scanner tells.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scanner.h"
#include "utils/builtins.h"

#include "deparse/query.h"
#include "functions/versioned_text.h"

/* Names of the joined target and of what it has. */
#define OLD		"neon_http_old"
#define PLACE	"neon_http_place"
#define TABLE	"neon_http_table"

/* Where the clauses of a statement begin; -1: there is no such clause. */
typedef struct Clauses
{
	int			from;			/* FROM of an UPDATE, USING of a DELETE */
	int			where;
	int			returning;
	int			end;
} Clauses;

/* ---------- finding the clauses ---------- */

static bool
is_word(const char *token, const char *word)
{
	size_t		len = strlen(word);

	return pg_strncasecmp(token, word, len) == 0 &&
		!isalnum((unsigned char) token[len]) && token[len] != '_' &&
		!IS_HIGHBIT_SET(token[len]);
}

/*
 * Takes note of a word outside of all parentheses.  Words before UPDATE or
 * DELETE belong to WITH; the FROM of IS DISTINCT FROM is no clause.
 */
static void
take_word(Clauses *clauses, bool update, const char *sql, int at,
		  const char *previous)
{
	const char *word = sql + at;

	if (clauses->from < 0 && clauses->where < 0 &&
		is_word(word, update ? "from" : "using") &&
		!is_word(previous, "distinct"))
		clauses->from = at;
	else if (clauses->where < 0 && is_word(word, "where"))
		clauses->where = at;
	else if (is_word(word, "returning"))
		clauses->returning = at;
}

static void
find_clauses(Clauses *clauses, char *sql, bool update)
{
	core_yy_extra_type extra;
	core_YYSTYPE value;
	YYLTYPE		at;
	core_yyscan_t scanner = scanner_init(sql, &extra, &ScanKeywords,
										 ScanKeywordTokens);
	const char *previous = "";
	bool		begun = false;
	int			depth = 0;
	int			token;

	clauses->from = clauses->where = clauses->returning = -1;
	while ((token = core_yylex(&value, &at, scanner)) != 0)
	{
		if (token == '(' || token == '[')
			depth++;
		else if (token == ')' || token == ']')
			depth--;
		else if (depth == 0 && begun)
			take_word(clauses, update, sql, at, previous);
		else if (depth == 0)
			begun = is_word(sql + at, update ? "update" : "delete");
		previous = sql + at;
	}
	clauses->end = (int) strlen(sql);
	scanner_finish(scanner);
}

/* ---------- the statement ---------- */

/* The text of a clause without its first word, NULL if there is none. */
static char *
clause_text(const char *sql, const Clauses *clauses, int begin,
			const char *word)
{
	int			end = clauses->end;

	if (begin < 0)
		return NULL;
	if (clauses->returning > begin)
		end = clauses->returning;
	if (clauses->where > begin)
		end = clauses->where;
	begin += strlen(word);
	return pnstrdup(sql + begin, end - begin);
}

static int
first_clause(const Clauses *clauses)
{
	return clauses->from >= 0 ? clauses->from :
		clauses->where >= 0 ? clauses->where :
		clauses->returning >= 0 ? clauses->returning : clauses->end;
}

/* The statement again; each line feed ends a comment that may come last. */
static char *
join_target(const char *sql, const Clauses *clauses, bool update,
			const RangeVar *target)
{
	const char *alias = quote_identifier(target->alias != NULL ?
										 target->alias->aliasname :
										 target->relname);
	char	   *from = clause_text(sql, clauses, clauses->from,
								   update ? "from" : "using");
	char	   *where = clause_text(sql, clauses, clauses->where, "where");
	char	   *returning = clause_text(sql, clauses, clauses->returning,
										"returning");
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%.*s\n%s (SELECT ctid AS " PLACE
					 ", tableoid AS " TABLE ", " NEON_VERSION_SQL
					 " AS " NEON_VERSION_COLUMN " FROM %s%s) AS " OLD,
					 first_clause(clauses), sql, update ? "FROM" : "USING",
					 target->inh ? "" : "ONLY ",
					 quote_qualified_identifier(target->schemaname,
												target->relname));
	if (from != NULL)
		appendStringInfo(&buf, ", %s\n", from);
	appendStringInfo(&buf, " WHERE " OLD "." PLACE " = %s.ctid AND "
					 OLD "." TABLE " = %s.tableoid", alias, alias);
	if (where != NULL)
		appendStringInfo(&buf, " AND (%s\n)", where);
	appendStringInfo(&buf, " RETURNING " OLD "." NEON_VERSION_COLUMN);
	if (returning != NULL)
		appendStringInfo(&buf, ", %s", returning);
	return buf.data;
}

char *
neon_versioned_text(const char *sql)
{
	RawStmt    *raw = linitial_node(RawStmt,
									raw_parser(sql, RAW_PARSE_DEFAULT));
	bool		update = IsA(raw->stmt, UpdateStmt);
	RangeVar   *target;
	Clauses		clauses;
	char	   *text;

	if (update)
		target = ((UpdateStmt *) raw->stmt)->relation;
	else if (IsA(raw->stmt, DeleteStmt))
		target = ((DeleteStmt *) raw->stmt)->relation;
	else
		return NULL;
	text = raw->stmt_len > 0 ?
		pnstrdup(sql + raw->stmt_location, raw->stmt_len) :
		pstrdup(sql + raw->stmt_location);
	find_clauses(&clauses, text, update);
	return join_target(text, &clauses, update, target);
}
