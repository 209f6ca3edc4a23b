/*-------------------------------------------------------------------------
 *
 * backend.c
 *		As much of a backend as code of the extension needs that reads texts.
 *
 * Each allocation is one of malloc(), so that a sanitizer knows its bounds;
 * all of them are freed at once, as a memory context would do it.  The
 * functions stand in for those of PostgreSQL, and for those of its library
 * for programs, which is linked for the rest.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>
#include <setjmp.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "lib/ilist.h"
#include "mb/pg_wchar.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include "backend.h"

/* ---------- memory ---------- */

typedef struct Block
{
	dlist_node	node;
	Size		size;
} Block;

static dlist_head blocks = DLIST_STATIC_INIT(blocks);

void *
palloc(Size size)
{
	Block	   *block = malloc(sizeof(Block) + size);

	if (block == NULL)
		abort();
	block->size = size;
	dlist_push_tail(&blocks, &block->node);
	return block + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *pointer)
{
	Block	   *block = (Block *) pointer - 1;

	dlist_delete(&block->node);
	free(block);
}

void *
repalloc(void *pointer, Size size)
{
	Size		old = ((Block *) pointer - 1)->size;
	void	   *result = palloc(size);

	memcpy(result, pointer, Min(old, size));
	pfree(pointer);
	return result;
}

char *
pnstrdup(const char *in, Size len)
{
	char	   *result;

	len = strnlen(in, len);
	result = memcpy(palloc(len + 1), in, len);
	result[len] = '\0';
	return result;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

void
backend_reset(void)
{
	while (!dlist_is_empty(&blocks))
		pfree(dlist_container(Block, node, dlist_head_node(&blocks)) + 1);
}

/* ---------- errors ---------- */

sigjmp_buf *PG_exception_stack = NULL;
ErrorContextCallback *error_context_stack = NULL;
char		backend_said[64 * 1024];
static int	level;

static int
say(const char *format, va_list args)
{
	size_t		used = strlen(backend_said);

	vsnprintf(backend_said + used, sizeof(backend_said) - used, format, args);
	used = strlen(backend_said);
	if (used + 1 < sizeof(backend_said))
		strcpy(backend_said + used, "\n");
	return 0;
}

#define SAYS(name) \
int \
name(const char *format,...) \
{ \
	va_list		args; \
\
	va_start(args, format); \
	say(format, args); \
	va_end(args); \
	return 0; \
}

SAYS(errmsg)
SAYS(errmsg_internal)
SAYS(errdetail)
SAYS(errdetail_internal)

/* Hints are constants, with words that a text may have by chance. */
int
errhint(const char *format,...)
{
	return 0;
}

bool
errstart(int elevel, const char *domain)
{
	level = elevel;
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

int
errcode(int sqlerrcode)
{
	return 0;
}

void
pg_re_throw(void)
{
	siglongjmp(*PG_exception_stack, 1);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	if (level >= ERROR)
		pg_re_throw();
}

bool
backend_try(void (*function) (const char *text, void *arg), const char *text,
			void *arg)
{
	sigjmp_buf	buffer;
	bool		done = false;

	backend_said[0] = '\0';
	if (sigsetjmp(buffer, 0) == 0)
	{
		PG_exception_stack = &buffer;
		function(text, arg);
		done = true;
	}
	PG_exception_stack = NULL;
	return done;
}

/* ---------- values of options ---------- */

bool
parse_bool(const char *value, bool *result)
{
	*result = strcmp(value, "on") == 0 || strcmp(value, "true") == 0;
	return *result || strcmp(value, "off") == 0 || strcmp(value, "false") == 0;
}

bool
parse_real(const char *value, double *result, int flags, const char **hint)
{
	char	   *end;

	*result = strtod(value, &end);
	return end != value && *end == '\0' && !isnan(*result);
}

/* ---------- the encoding, which is UTF8 ---------- */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

bool
pg_verify_mbstr(int encoding, const char *text, int len, bool no_error)
{
	return pg_encoding_verifymbstr(encoding, text, len) == len;
}

char *
pg_server_to_any(const char *text, int len, int encoding)
{
	return unconstify(char *, text);
}

/* Of other encodings, and of names of types and tables: never called. */
#define NOT_CALLED(declaration) declaration { abort(); }

NOT_CALLED(Oid FindDefaultConversionProc(int32 from, int32 to))
NOT_CALLED(bool IsTransactionState(void))
NOT_CALLED(int pg_do_encoding_conversion_buf(Oid proc, int from, int to, unsigned char *src, int srclen, unsigned char *dest, int destlen, bool no_error))
NOT_CALLED(bool SplitIdentifierString(char *text, char separator, List **names))
NOT_CALLED(char *quote_qualified_identifier(const char *qualifier, const char *name))
NOT_CALLED(char *NameListToQuotedString(List *names))
NOT_CALLED(List *raw_parser(const char *text, RawParseMode mode))
NOT_CALLED(int errposition(int position))
NOT_CALLED(int set_errcontext_domain(const char *domain))
NOT_CALLED(int errcontext_msg(const char *format,...))

/* ---------- checks ---------- */

void
backend_broken(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

void
backend_check_text(const char *text)
{
	int			len;

	if (text == NULL)
		return;
	len = (int) strlen(text);
	if (pg_encoding_verifymbstr(PG_UTF8, text, len) != len)
		backend_broken("not valid UTF-8", text);
	for (int i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ||
			(c == 0xc2 && (unsigned char) text[i + 1] < 0xa0))
			backend_broken("a control character", text);
	}
}
