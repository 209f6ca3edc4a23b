/*-------------------------------------------------------------------------
 *
 * tls.c
 *		TLS on a connection's socket, which never blocks.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds for a handshake. */
#define HANDSHAKE_TIMEOUT 10000

/* What may be negotiated, each with its length in front. */
static const unsigned char all_protocols[] = "\2h2\10http/1.1";
static const unsigned char http1_only[] = "\10http/1.1";

static SSL_CTX *context;
static bool only_http1;

static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *outlen,
				const unsigned char *in, unsigned int inlen, void *arg)
{
	unsigned char *chosen;
	const unsigned char *ours = only_http1 ? http1_only : all_protocols;

	(void) ssl;
	(void) arg;
	if (SSL_select_next_proto(&chosen, outlen, ours,
							  strlen((const char *) ours), in,
							  inlen) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

bool
tls_init(const char *certificate, const char *key, bool http1)
{
	only_http1 = http1;
	context = SSL_CTX_new(TLS_server_method());
	if (context == NULL)
		return false;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
		SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1)
		return true;
	ERR_print_errors_fp(stderr);
	return false;
}

bool
tls_accept(Tls *tls, int fd)
{
	Client		client = {.fd = fd,.events = POLLRDHUP};
	const unsigned char *protocol;
	unsigned int len;
	int			result;

	memset(tls, 0, sizeof(*tls));
	tls->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	tls->ssl = SSL_new(context);
	if (tls->ssl == NULL || SSL_set_fd(tls->ssl, fd) != 1)
		return false;
	while ((result = SSL_accept(tls->ssl)) != 1)
	{
		int			want = SSL_get_error(tls->ssl, result);

		ERR_clear_error();
		if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
			return false;
		if (client_wait(&client, fd,
						want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT,
						HANDSHAKE_TIMEOUT) != WAIT_READY)
			return false;
	}
	SSL_get0_alpn_selected(tls->ssl, &protocol, &len);
	tls->http2 = len == 2 && memcmp(protocol, "h2", 2) == 0;
	return true;
}

void
tls_close(Tls *tls, bool notify)
{
	if (tls->ssl != NULL && notify)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	ERR_clear_error();
	close(tls->fd);
}

static long
check(Tls *tls, int result)
{
	int			want;

	if (result > 0)
		return result;
	want = SSL_get_error(tls->ssl, result);
	ERR_clear_error();
	return want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE ?
		0 : -1;
}

long
tls_read(Tls *tls, void *data, size_t size)
{
	return check(tls, SSL_read(tls->ssl, data, (int) size));
}

long
tls_write(Tls *tls, const void *data, size_t len)
{
	return check(tls, SSL_write(tls->ssl, data, (int) len));
}
