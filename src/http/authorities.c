/*-------------------------------------------------------------------------
 *
 * http/authorities.c
 *		Where the system keeps the certificates of the authorities it trusts.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <dirent.h>

#include "http/authorities.h"

/* Names that OpenSSL looks for: the hash, and a number from 0 on. */
#define HASH_DIGITS		8

static bool
is_hash(const char *name)
{
	for (int i = 0; i < HASH_DIGITS; i++)
	{
		if (!isxdigit((unsigned char) name[i]))
			return false;
	}
	return name[HASH_DIGITS] == '.' &&
		isdigit((unsigned char) name[HASH_DIGITS + 1]);
}

static bool
has_hashes(const char *path)
{
	DIR		   *directory = opendir(path);
	struct dirent *entry;
	bool		found = false;

	if (directory == NULL)
		return false;
	while (!found && (entry = readdir(directory)) != NULL)
		found = is_hash(entry->d_name);
	closedir(directory);
	return found;
}

/* For the endpoint, and likewise for an https proxy. */
static CURLcode
set_file(CURL *easy, const char *file)
{
	CURLcode	rc = curl_easy_setopt(easy, CURLOPT_CAINFO, file);

	if (rc == CURLE_OK &&
		(curl_version_info(CURLVERSION_NOW)->features &
		 CURL_VERSION_HTTPS_PROXY) != 0)
		rc = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, file);
	return rc;
}

bool
neon_authorities_by_name(CURL *easy)
{
	static int	usable = -1;	/* -1: not looked at yet */
	const char *file;
	const char *directory;

	neon_curl_authorities(&file, &directory);
	/* other libraries than OpenSSL read all of the directory */
	if (usable < 0)
		usable = file != NULL && directory != NULL &&
			neon_curl_has_openssl() && has_hashes(directory);
	return usable && set_file(easy, NULL) == CURLE_OK;
}

bool
neon_authorities_by_file(CURL *easy)
{
	const char *file;
	const char *directory;

	neon_curl_authorities(&file, &directory);
	return set_file(easy, file) == CURLE_OK;
}
