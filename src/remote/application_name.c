/*-------------------------------------------------------------------------
 *
 * remote/application_name.c
 *		What this session is called on the remote.
 *
 * The escapes are those of postgres_fdw, so that a name can be taken over
 * from there.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "remote/application_name.h"

#define DEFAULT_NAME	"neon_http_fdw"

/* The parameter of the session; wins over the server's option. */
static char *session_name = NULL;

void
neon_application_name_init(void)
{
	DefineCustomStringVariable("neon_http_fdw.application_name",
							   "Sets the application_name of remote transactions.",
							   "It wins over option \"application_name\" of a server.",
							   &session_name,
							   NULL,
							   PGC_USERSET,
							   GUC_IS_NAME,
							   NULL,
							   NULL,
							   NULL);
}

static const char *
known(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "[unknown]";
}

static void
append_escape(StringInfo name, char escape)
{
	switch (escape)
	{
		case 'a':
			appendStringInfoString(name, application_name ?
								   application_name : "");
			break;
		case 'c':
			appendStringInfo(name, "%lx.%x", (long) MyStartTime, MyProcPid);
			break;
		case 'C':
			appendStringInfoString(name, cluster_name);
			break;
		case 'd':
			appendStringInfoString(name,
								   known(get_database_name(MyDatabaseId)));
			break;
		case 'p':
			appendStringInfo(name, "%d", MyProcPid);
			break;
		case 'u':
			appendStringInfoString(name,
								   known(GetUserNameFromId(GetSessionUserId(),
														   true)));
			break;
		case '%':
			appendStringInfoChar(name, '%');
			break;
		default:
			break;				/* an unknown escape stands for nothing */
	}
}

/*
 * PostgreSQL replaces other characters anyway; and this is sent before the
 * remote knows that text is in UTF-8.
 */
static void
make_ascii(char *name)
{
	for (unsigned char *p = (unsigned char *) name; *p; p++)
	{
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
}

char *
neon_application_name(const char *option)
{
	const char *pattern = session_name != NULL && session_name[0] != '\0' ?
		session_name : option;
	StringInfoData name;

	initStringInfo(&name);
	for (const char *p = pattern != NULL ? pattern : "%a"; *p; p++)
	{
		if (*p != '%')
			appendStringInfoChar(&name, *p);
		else if (p[1] != '\0')
			append_escape(&name, *++p);
	}
	if (name.len == 0)
		appendStringInfoString(&name, DEFAULT_NAME);
	make_ascii(name.data);
	return name.data;
}
