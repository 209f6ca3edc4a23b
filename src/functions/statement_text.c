/*-------------------------------------------------------------------------
 *
 * functions/statement_text.c
 *		What can be told of a user's statement from its text.
 *
 * The remote may know syntax that this server does not know.  So a statement
 * is refused for its first keywords alone, and one that cannot be parsed here
 * is sent as it is.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/parsenodes.h"
#include "parser/parser.h"

#include "compat/compat.h"
#include "functions/statement_text.h"

/* ---------- transaction control ---------- */

/* The first word of the text, after white space, comments and semicolons. */
static const char *
skip_space(const char *sql)
{
	for (;;)
	{
		int			depth = 0;

		sql += strspn(sql, " \t\n\r\f\v;");
		if (sql[0] == '-' && sql[1] == '-')
		{
			sql += strcspn(sql, "\n\r");
			continue;
		}
		if (sql[0] != '/' || sql[1] != '*')
			return sql;
		do
		{
			int			step = 1;

			if (sql[0] == '/' && sql[1] == '*')
				step = 2, depth++;
			else if (sql[0] == '*' && sql[1] == '/')
				step = 2, depth--;
			sql += step;
		} while (depth > 0 && *sql != '\0');
	}
}

/* The length of the word if the text begins with it, else 0. */
static size_t
match_word(const char *sql, const char *word)
{
	size_t		len = strlen(word);

	if (pg_strncasecmp(sql, word, len) != 0 ||
		IS_HIGHBIT_SET(sql[len]) || isalnum((unsigned char) sql[len]) ||
		sql[len] == '_' || sql[len] == '$')
		return 0;
	return len;
}

/* The word of the list that the text begins with, or NULL. */
static const char *
find_word(const char *start, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (match_word(start, *words) > 0)
			return *words;
	}
	return NULL;
}

static void
check_transaction_control(const char *start)
{
	static const char *const words[] = {
		"ABORT", "BEGIN", "COMMIT", "END", "RELEASE", "ROLLBACK", "SAVEPOINT",
		"START", NULL
	};
	const char *found = find_word(start, words);
	size_t		prepare = match_word(start, "PREPARE");

	if (prepare > 0 &&
		match_word(skip_space(start + prepare), "TRANSACTION") > 0)
		found = "PREPARE TRANSACTION";
	if (found != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("cannot run %s on the remote server", found),
				 errdetail("A remote transaction never lasts longer than a request."),
				 errhint("Remote changes are committed or rolled back with the local transaction: use COMMIT, ROLLBACK and SAVEPOINT locally.")));
}

/*
 * Statements that the endpoint runs, but has no answer for: what they have
 * done can then be committed although an error is reported.
 */
static void
check_answer(const char *start)
{
	if (match_word(start, "COPY") > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot run %s on the remote server", "COPY"),
				 errdetail("The endpoint cannot transfer data of COPY."),
				 errhint("Use COPY with a foreign table, or neon_http_query() for the rows of a query.")));
	if (match_word(start, "LISTEN") > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot run %s on the remote server", "LISTEN"),
				 errdetail("No remote session lasts longer than a request, so a notification would never arrive."),
				 errhint("Use NOTIFY to notify sessions that are connected to the remote server in another way.")));
}

void
neon_statement_text_check(const char *sql)
{
	const char *start = skip_space(sql);

	check_transaction_control(start);
	check_answer(start);
}

/* ---------- the row count ---------- */

/*
 * The parse tree, or NULL if the text is not one statement that this server
 * understands.  It is safe to catch errors without a subtransaction: the
 * parser only allocates memory, and only errors about the text are caught.
 */
static RawStmt *
parse(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *volatile list = NIL;

	/* the remote reads string literals as standard SQL has them */
	if (!neon_standard_strings())
		return NULL;
	PG_TRY();
	{
		list = raw_parser(sql, RAW_PARSE_DEFAULT);
	}
	PG_CATCH();
	{
		int			category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
			category != ERRCODE_DATA_EXCEPTION &&
			category != ERRCODE_FEATURE_NOT_SUPPORTED)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return list_length(list) == 1 ? linitial_node(RawStmt, list) : NULL;
}

static bool
returns_rows(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_SelectStmt:
			return true;
		case T_InsertStmt:
			return neon_raw_returning((InsertStmt *) stmt);
		case T_UpdateStmt:
			return neon_raw_returning((UpdateStmt *) stmt);
		case T_DeleteStmt:
			return neon_raw_returning((DeleteStmt *) stmt);
		default:
			return false;
	}
}

char *
neon_statement_text_countable(const char *sql)
{
	RawStmt    *raw = parse(sql);
	Node	   *stmt;
	int			len;

	if (raw == NULL)
		return NULL;
	stmt = raw->stmt;
	if (!IsA(stmt, SelectStmt) && !IsA(stmt, InsertStmt) &&
		!IsA(stmt, UpdateStmt) && !IsA(stmt, DeleteStmt))
		return NULL;
	if (IsA(stmt, SelectStmt) && ((SelectStmt *) stmt)->intoClause != NULL)
		return NULL;

	/* up to the semicolon; a line feed ends a comment that may come last */
	sql += raw->stmt_location;
	len = raw->stmt_len > 0 ? raw->stmt_len : (int) strlen(sql);
	return psprintf("%.*s\n%s", len, sql,
					returns_rows(stmt) ? "" : "RETURNING 1");
}
