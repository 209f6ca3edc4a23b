/*-------------------------------------------------------------------------
 *
 * test_cases.c
 *		Replies from cases.txt, good and broken, against what they must give.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "harness.h"

#define RANDOM_SPLITS	50
#define MAX_RESULTS		8

typedef struct Case
{
	StringInfoData name;
	StringInfoData reply;
	StringInfoData expected;
	int			nresults;
	int			ncolumns[MAX_RESULTS];
} Case;

static void
begin_case(Case *c, const char *name)
{
	resetStringInfo(&c->name);
	resetStringInfo(&c->reply);
	resetStringInfo(&c->expected);
	appendStringInfoString(&c->name, name);
	c->nresults = 1;
	c->ncolumns[0] = 2;
}

/* Appends text in which <<EF BB>> stands for bytes. */
static void
append_bytes(StringInfo out, const char *text)
{
	while (*text)
	{
		if (strncmp(text, "<<", 2) != 0)
		{
			appendStringInfoChar(out, *text++);
			continue;
		}
		text += 2;
		while (strncmp(text, ">>", 2) != 0)
		{
			char	   *end;

			appendStringInfoChar(out, (char) strtol(text, &end, 16));
			text = end;
		}
		text += 2;
	}
}

static void
read_columns(Case *c, char *text)
{
	c->nresults = 0;
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
	{
		if (strcmp(word, "single") == 0)
		{
			c->nresults = SINGLE_RESULT;
			return;
		}
		c->ncolumns[c->nresults++] = strcmp(word, "*") == 0 ? -1 : atoi(word);
	}
}

static bool
same(const Case *c, uint32 split)
{
	StringInfoData out;
	bool		passed;

	initStringInfo(&out);
	transcribe(&out, c->reply.data, c->reply.len, c->nresults, c->ncolumns,
			   split, false);
	passed = out.len == c->expected.len &&
		memcmp(out.data, c->expected.data, out.len) == 0;
	if (!passed)
		printf("--- expected\n%s--- got, split %u\n%s",
			   c->expected.data, split, out.data);
	pfree(out.data);
	return passed;
}

static void
run_case(const Case *c)
{
	bool		passed = same(c, SPLIT_WHOLE) && same(c, SPLIT_BYTES);

	for (uint32 i = 0; passed && i < RANDOM_SPLITS; i++)
		passed = same(c, 1000 + i);
	ok(passed, "%s", c->name.data);
}

/* Writes the case as a seed for the fuzzer. */
static void
write_seed(const Case *c, const char *directory, int number)
{
	char		path[MAXPGPATH];
	FILE	   *file;
	int			ncolumns = c->nresults > 0 ? c->ncolumns[0] & 7 : 0;

	snprintf(path, sizeof(path), "%s/case-%03d", directory, number);
	file = fopen(path, "w");
	if (file == NULL)
	{
		perror(path);
		exit(1);
	}
	fputc(Max(Min(c->nresults, 3), 0) | ncolumns << 2, file);
	fwrite(c->reply.data, 1, c->reply.len, file);
	fclose(file);
}

void
test_cases(void)
{
	const char *seeds = getenv("WRITE_SEEDS");
	FILE	   *file = fopen("cases.txt", "r");
	Case		c;
	char		line[4096];
	int			number = 0;

	initStringInfo(&c.name);
	initStringInfo(&c.reply);
	initStringInfo(&c.expected);
	if (file == NULL)
	{
		perror("cases.txt");
		exit(1);
	}
	while (fgets(line, sizeof(line), file) != NULL)
	{
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "= ", 2) == 0)
			begin_case(&c, line + 2);
		else if (strncmp(line, "columns", 7) == 0)
			read_columns(&c, line + 7);
		else if (strncmp(line, "reply ", 6) == 0)
			append_bytes(&c.reply, line + 6);
		else if (strncmp(line, "rows ", 5) == 0)
		{
			appendStringInfoString(&c.reply,
								   "{\"results\":[{\"fields\":[],\"rows\":");
			append_bytes(&c.reply, line + 5);
			appendStringInfoString(&c.reply,
								   ",\"command\":\"SELECT\",\"rowCount\":1}]}");
		}
		else if (strncmp(line, "> ", 2) == 0)
		{
			append_bytes(&c.expected, line + 2);
			appendStringInfoChar(&c.expected, '\n');
		}
		else if (line[0] == '\0' && c.expected.len > 0)
		{
			run_case(&c);
			if (seeds != NULL)
				write_seed(&c, seeds, number++);
			resetStringInfo(&c.expected);
		}
	}
	fclose(file);
	pfree(c.name.data);
	pfree(c.reply.data);
	pfree(c.expected.data);
}
