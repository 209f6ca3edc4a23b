/*-------------------------------------------------------------------------
 *
 * deparse/read_digest.c
 *		SQL that computes what a statement returned once more.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "deparse/check.h"
#include "deparse/read_digest.h"

/* Names of ours, which those of a statement must not hide. */
#define ROW		"neon_http_read"
#define VALUES	"neon_http_values"

#define CHANGED	"what this transaction has read was changed by another one"

/* The digest and further columns, none if more is empty. */
static char *
digest_sql(const char *sql, const char *more)
{
	/* the text may end with a comment */
	return psprintf("SELECT pg_catalog.count(*) AS n,"
					" pg_catalog.sum(pg_catalog.hashtextextended("
					ROW "::pg_catalog.text, 0)) AS s%s FROM (%s\n) " ROW,
					more, sql);
}

char *
neon_digest_sql(const char *sql)
{
	return digest_sql(sql, "");
}

char *
neon_digest_with_sql(const char *sql, const char *columns)
{
	return digest_sql(sql, psprintf(", %s", columns));
}

char *
neon_digest_check_sql(const char *sql, int nparams)
{
	return neon_check_sql(neon_digest_sql(sql),
						  psprintf("w.n = $%d::bigint AND"
								   " w.s IS NOT DISTINCT FROM $%d::numeric",
								   nparams + 1, nparams + 2),
						  CHANGED);
}

/* ---------- words of a statement ---------- */

/* A name, keyword or parameter outside of quotes. */
typedef struct Word
{
	const char *start;
	int			len;
} Word;

static bool
is_word_character(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' ||
		IS_HIGHBIT_SET(c);
}

/*
 * Finds the next word from p on; false at the end of the text.  What
 * ruleutils and we print has quotes, but no other strings and no comments.
 */
static bool
next_word(const char *p, Word *word)
{
	while (*p != '\0' && !is_word_character(*p))
	{
		if (*p == '"' || *p == '\'')
		{
			/* A doubled quote reads as the end and a new start. */
			p = strchr(p + 1, *p);
			if (p == NULL)
				return false;
		}
		p++;
	}
	word->start = p;
	while (is_word_character(*p))
		p++;
	word->len = p - word->start;
	return word->len > 0;
}

static bool
word_is(const Word *word, const char *text)
{
	return word->len == strlen(text) &&
		pg_strncasecmp(word->start, text, word->len) == 0;
}

static bool
is_parameter(const Word *word)
{
	return word->len > 1 && word->start[0] == '$';
}

/* ---------- many sets of values ---------- */

/* Keywords behind WHERE with which something else begins. */
static bool
ends_condition(const Word *word)
{
	static const char *const keywords[] = {
		"group", "having", "window", "order", "union", "intersect", "except"
	};

	for (int i = 0; i < lengthof(keywords); i++)
	{
		if (word_is(word, keywords[i]))
			return true;
	}
	return false;
}

/*
 * A parameter becomes a column of the rows of values.  In the last condition
 * of a statement that means the same, and in a LIMIT.  Elsewhere it might
 * not: an aggregate of such a column would be one of the outer query, and
 * FULL JOIN does not take every condition.  The column is text, so that a
 * cast must say what it stands for.
 */
bool
neon_digest_takes_many(const char *sql)
{
	Word		word = {sql, 0};
	bool		found = false;
	bool		allowed = false;

	while (next_word(word.start + word.len, &word))
	{
		if (is_parameter(&word))
		{
			if (!allowed || strncmp(word.start + word.len, "::", 2) != 0)
				return false;
			found = true;
		}
		else if (word_is(&word, "full"))
			return false;
		else if (word_is(&word, "select"))
		{
			if (found)
				return false;
			allowed = false;
		}
		else if (word_is(&word, "where") || word_is(&word, "limit"))
			allowed = true;
		else if (ends_condition(&word))
			allowed = false;
	}
	return found;
}

/* The statement with columns in the place of its parameters. */
static char *
with_columns(const char *sql)
{
	StringInfoData buf;
	Word		word = {sql, 0};
	const char *p = sql;

	initStringInfo(&buf);
	while (next_word(word.start + word.len, &word))
	{
		if (!is_parameter(&word))
			continue;
		appendBinaryStringInfo(&buf, p, word.start - p);
		appendStringInfo(&buf, VALUES ".p%.*s", word.len - 1, word.start + 1);
		p = word.start + word.len;
	}
	appendStringInfoString(&buf, p);
	return buf.data;
}

char *
neon_digest_check_many_sql(const char *sql, int nparams)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT c.n, c.s, " VALUES ".n AS wanted_n, "
						   VALUES ".s AS wanted_s FROM unnest(");
	for (int i = 1; i <= nparams + 2; i++)
		appendStringInfo(&buf, "%s$%d::text[]", i > 1 ? ", " : "", i);
	appendStringInfoString(&buf, ") AS " VALUES " (");
	for (int i = 1; i <= nparams; i++)
		appendStringInfo(&buf, "p%d, ", i);
	appendStringInfo(&buf, "n, s) CROSS JOIN LATERAL (%s) c",
					 neon_digest_sql(with_columns(sql)));
	return neon_check_sql(buf.data,
						  "bool_and(w.n = w.wanted_n::bigint AND"
						  " w.s IS NOT DISTINCT FROM w.wanted_s::numeric)",
						  CHANGED);
}

/* ---------- other texts ---------- */

char *
neon_digest_without_places(const char *sql)
{
	StringInfoData buf;
	Word		word = {sql, 0};
	const char *p = sql;

	initStringInfo(&buf);
	while (next_word(word.start + word.len, &word))
	{
		const char *start = word.start;

		if (!word_is(&word, "ctid"))
			continue;
		/* "r1." before it goes, too */
		if (start > p && start[-1] == '.')
			start--;
		while (start > p && is_word_character(start[-1]))
			start--;
		appendBinaryStringInfo(&buf, p, start - p);
		appendStringInfoString(&buf, "NULL::tid");
		p = word.start + word.len;
	}
	appendStringInfoString(&buf, p);
	return buf.data;
}

bool
neon_digest_is_possible(const char *sql)
{
	static const char *const keywords[] = {"select", "with", "values", "table"};
	Word		word;

	/* It may be the end of the statement, or be anywhere in a string. */
	if (strchr(sql, ';') != NULL)
		return false;
	while (isspace((unsigned char) *sql) || *sql == '(')
		sql++;
	if (!next_word(sql, &word) || word.start != sql)
		return false;
	for (int i = 0; i < lengthof(keywords); i++)
	{
		if (word_is(&word, keywords[i]))
			return true;
	}
	return false;
}
