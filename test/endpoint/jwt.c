/*-------------------------------------------------------------------------
 *
 * jwt.c
 *		Tokens (JWT) and the keys that sign them.
 *
 * RS256 with RSA keys and ES256 with keys on P-256, and nothing else: which
 * of the two is the key's word and not the token's.  The order of the checks
 * and the clock's leeway are the hosted endpoint's.
 *
 * The key file is read for each token, so a test may change it at any time.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "jwt.h"

#include <json-c/json.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"

/* Seconds that the clocks of issuer and endpoint may differ. */
#define LEEWAY 30

/* Of a coordinate of P-256, and of each half of its signatures. */
#define P256_BYTES 32

#define NOT_A_TOKEN \
	"Provided authentication token is not a valid JWT encoding"
#define WRONG_ALGORITHM "signature algorithm not supported"

/* A token's three parts; text points into it. */
typedef struct Token
{
	const char *signed_text;	/* header and claims, as they came */
	size_t		signed_len;
	struct json_object *header;
	struct json_object *claims;
	Buffer		claims_text;
	Buffer		signature;
} Token;

/* ---------- encodings ---------- */

static int
base64url_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int) (found - digits) : -1;
}

/* Without padding.  False if it is not in its one valid form. */
static bool
decode(const char *text, size_t len, Buffer *out)
{
	unsigned int bits = 0;
	int			nbits = 0;

	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		int			digit = base64url_digit(text[i]);

		if (digit < 0)
			return false;
		bits = (bits << 6 | digit) & 0xfff;
		nbits += 6;
		if (nbits >= 8)
		{
			nbits -= 8;
			buffer_append_char(out, (char) (bits >> nbits));
		}
	}
	/* what is left over must be zero, else two texts would mean the same */
	return (bits & ((1u << nbits) - 1)) == 0;
}

/* The object in a text, NULL if there is none. */
static struct json_object *
parse_object(Buffer *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	bool		ok;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						   JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text->data ? text->data : "",
								   (int) text->len);
	/* with the length given, the end of a valid object is the text's */
	ok = json_tokener_get_error(tokener) == json_tokener_success &&
		json_tokener_get_parse_end(tokener) == text->len &&
		json_object_is_type(object, json_type_object);
	json_tokener_free(tokener);
	if (ok)
		return object;
	json_object_put(object);
	return NULL;
}

static struct json_object *
field(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

/* NULL if it is not there, or no string. */
static const char *
text_field(struct json_object *object, const char *name)
{
	struct json_object *value = field(object, name);

	return json_object_is_type(value, json_type_string) ?
		json_object_get_string(value) : NULL;
}

static bool
is_text(struct json_object *object, const char *name, const char *expected)
{
	const char *text = text_field(object, name);

	return text != NULL && strcmp(text, expected) == 0;
}

/* ---------- keys ---------- */

/* A number in a key, NULL if there is none. */
static BIGNUM *
number_field(struct json_object *key, const char *name)
{
	const char *text = text_field(key, name);
	Buffer		bytes = {0};
	BIGNUM	   *number = NULL;

	if (text != NULL && decode(text, strlen(text), &bytes) && bytes.len > 0)
		number = BN_bin2bn((unsigned char *) bytes.data, (int) bytes.len,
						   NULL);
	buffer_free(&bytes);
	return number;
}

static EVP_PKEY *
key_of_parameters(const char *type, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY   *key = NULL;

	if (params != NULL && context != NULL &&
		EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
rsa_key(struct json_object *jwk)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM	   *n = number_field(jwk, "n");
	BIGNUM	   *e = number_field(jwk, "e");
	EVP_PKEY   *key = NULL;

	if (n != NULL && e != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
		key = key_of_parameters("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	return key;
}

static EVP_PKEY *
p256_key(struct json_object *jwk)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM	   *x = number_field(jwk, "x");
	BIGNUM	   *y = number_field(jwk, "y");
	unsigned char point[1 + 2 * P256_BYTES] = {4};	/* uncompressed */
	EVP_PKEY   *key = NULL;

	if (x != NULL && y != NULL &&
		BN_bn2binpad(x, point + 1, P256_BYTES) == P256_BYTES &&
		BN_bn2binpad(y, point + 1 + P256_BYTES, P256_BYTES) == P256_BYTES &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
										"prime256v1", 0) &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
										 point, sizeof(point)))
		key = key_of_parameters("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(x);
	BN_free(y);
	return key;
}

/*
 * The key of this id, to be released; NULL if the set has none.  Keys that
 * are not for signing are as good as absent.
 */
static struct json_object *
find_key(const char *file, const char *id)
{
	struct json_object *set = json_object_from_file(file);
	struct json_object *keys = field(set, "keys");
	struct json_object *found = NULL;
	size_t		n = json_object_is_type(keys, json_type_array) ?
		json_object_array_length(keys) : 0;

	if (set == NULL)
		fprintf(stderr, "neon_endpoint: %s\n", json_util_get_last_err());
	for (size_t i = 0; i < n && found == NULL; i++)
	{
		struct json_object *key = json_object_array_get_idx(keys, i);

		if (json_object_is_type(key, json_type_object) &&
			is_text(key, "kid", id) &&
			(field(key, "use") == NULL || is_text(key, "use", "sig")))
			found = json_object_get(key);
	}
	json_object_put(set);
	return found;
}

/* ---------- signatures ---------- */

/* From the two numbers side by side to what OpenSSL expects. */
static bool
to_der(Buffer *signature)
{
	ECDSA_SIG  *numbers;
	unsigned char *der = NULL;
	int			len;

	if (signature->len != 2 * P256_BYTES)
		return false;
	numbers = ECDSA_SIG_new();
	ECDSA_SIG_set0(numbers,
				   BN_bin2bn((unsigned char *) signature->data, P256_BYTES,
							 NULL),
				   BN_bin2bn((unsigned char *) signature->data + P256_BYTES,
							 P256_BYTES, NULL));
	len = i2d_ECDSA_SIG(numbers, &der);
	ECDSA_SIG_free(numbers);
	if (len <= 0)
		return false;
	signature->len = 0;
	buffer_append(signature, (char *) der, len);
	OPENSSL_free(der);
	return true;
}

static bool
signature_fits(EVP_PKEY *key, const Token *token)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool		ok;

	ok = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(context, (unsigned char *) token->signature.data,
						 token->signature.len,
						 (const unsigned char *) token->signed_text,
						 token->signed_len) == 1;
	EVP_MD_CTX_free(context);
	return ok;
}

/* What is wrong, NULL: nothing. */
static const char *
check_signature(Token *token, struct json_object *jwk)
{
	bool		rsa = is_text(jwk, "kty", "RSA");
	const char *algorithm = rsa ? "RS256" : "ES256";
	const char *problem = NULL;
	EVP_PKEY   *key;

	if (!rsa && !is_text(jwk, "kty", "EC"))
		return "unsupported key type";
	if (!is_text(token->header, "alg", algorithm) ||
		(field(jwk, "alg") != NULL && !is_text(jwk, "alg", algorithm)))
		return WRONG_ALGORITHM;
	if (!rsa && !is_text(jwk, "crv", "P-256"))
		return "unsupported EC key type";
	key = rsa ? rsa_key(jwk) : p256_key(jwk);
	if (key == NULL)
		return rsa ? "invalid RSA key" : "invalid P256 key";
	if ((!rsa && !to_der(&token->signature)) || !signature_fits(key, token))
		problem = "signature error: signature error";
	EVP_PKEY_free(key);
	return problem;
}

/* ---------- claims ---------- */

/* One of those that the token is for. */
static bool
is_audience(struct json_object *claims, const char *expected)
{
	struct json_object *audience = field(claims, "aud");
	size_t		n = json_object_is_type(audience, json_type_array) ?
		json_object_array_length(audience) : 0;

	for (size_t i = 0; i < n; i++)
	{
		struct json_object *one = json_object_array_get_idx(audience, i);

		if (json_object_is_type(one, json_type_string) &&
			strcmp(json_object_get_string(one), expected) == 0)
			return true;
	}
	return is_text(claims, "aud", expected);
}

/* False if it is there and no whole number of seconds. */
static bool
get_time(struct json_object *claims, const char *name, int64_t missing,
		 int64_t *result)
{
	struct json_object *value = field(claims, name);

	*result = missing;
	if (value == NULL)
		return true;
	*result = json_object_get_int64(value);
	return json_object_is_type(value, json_type_int) && *result >= 0;
}

static const char *
check_claims(const JwtOptions *options, struct json_object *claims)
{
	int64_t		now = time(NULL);
	int64_t		expires;
	int64_t		begins;

	if (!get_time(claims, "exp", INT64_MAX, &expires) ||
		!get_time(claims, "nbf", 0, &begins))
		return NOT_A_TOKEN;
	if (options->audience != NULL && !is_audience(claims, options->audience))
		return "invalid JWT token audience";
	if (now - LEEWAY >= expires)
		return "JWT token has expired";
	if (begins >= now + LEEWAY)
		return "JWT token is not yet ready to use";
	return NULL;
}

/* ---------- the token ---------- */

static bool
take_apart(Token *token, const char *text)
{
	const char *first = strchr(text, '.');
	const char *last = strrchr(text, '.');
	Buffer		header = {0};
	bool		ok;

	if (first == NULL || first == last)
		return false;
	token->signed_text = text;
	token->signed_len = last - text;
	ok = decode(text, first - text, &header) &&
		decode(first + 1, last - first - 1, &token->claims_text) &&
		decode(last + 1, strlen(last + 1), &token->signature);
	if (ok)
	{
		token->header = parse_object(&header);
		token->claims = parse_object(&token->claims_text);
	}
	buffer_free(&header);
	return token->header != NULL && token->claims != NULL;
}

static const char *
check_token(const JwtOptions *options, Token *token, const char *text)
{
	const char *id;
	struct json_object *jwk;
	const char *problem;

	if (!take_apart(token, text))
		return NOT_A_TOKEN;
	id = text_field(token->header, "kid");
	if (id == NULL)
		return "missing key id";
	jwk = find_key(options->jwks, id);
	if (jwk == NULL)
		return "jwk not found";
	problem = check_signature(token, jwk);
	json_object_put(jwk);
	return problem ? problem : check_claims(options, token->claims);
}

const char *
jwt_verify(const JwtOptions *options, const char *text, JwtClaims *claims)
{
	Token		token = {0};
	const char *problem = check_token(options, &token, text);

	if (problem == NULL)
	{
		const char *subject = text_field(token.claims, "sub");

		claims->text = must_strndup(token.claims_text.data,
									token.claims_text.len);
		claims->subject = subject ? must_strdup(subject) : NULL;
	}
	json_object_put(token.header);
	json_object_put(token.claims);
	buffer_free(&token.claims_text);
	buffer_free(&token.signature);
	return problem;
}

void
jwt_free(JwtClaims *claims)
{
	free(claims->text);
	free(claims->subject);
	memset(claims, 0, sizeof(*claims));
}
