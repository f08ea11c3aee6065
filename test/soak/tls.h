#ifndef HAUL_SOAK_TLS_H
#define HAUL_SOAK_TLS_H

#include <openssl/ssl.h>

/* Makes a context for servers, with a key and a certificate of its own that nobody signed. NULL:
 * OpenSSL refuses. Freed with SSL_CTX_free. */
SSL_CTX *soak_tls_create(void);

#endif
