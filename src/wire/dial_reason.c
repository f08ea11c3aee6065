#include "wire/dial_reason.h"

#include <errno.h>
#include <string.h>

static enum haul_reason tls_or_other(CURLcode code)
{
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_USE_SSL_FAILED:
        return HAUL_REASON_TLS;
    default:
        return HAUL_REASON_INTERNAL;
    }
}

static bool lacks_resource(long os_errno)
{
    return os_errno == EMFILE || os_errno == ENFILE || os_errno == ENOBUFS ||
           os_errno == EADDRNOTAVAIL;
}

static enum haul_reason connect_reason(const struct haul_dial *dial)
{
    if (dial->refused_address)
        return HAUL_REASON_ADDRESS;
    return lacks_resource(haul_dial_os_errno(dial)) ? HAUL_REASON_NO_RESOURCE : HAUL_REASON_CONNECT;
}

/* A proxy has said something to CONNECT; or the connection was made, and broke at once. */
static enum haul_reason broken_reason(const struct haul_dial *dial)
{
    if (dial->tls.refuses_cert)
        return HAUL_REASON_TLS;
    return dial->proxy->kind == HAUL_PROXY_NONE ? HAUL_REASON_RESET : HAUL_REASON_CONNECT;
}

enum haul_reason haul_dial_reason(const struct haul_dial *dial, CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HAUL_REASON_DNS;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
        return connect_reason(dial);
    case CURLE_PROXY:
        return HAUL_REASON_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return HAUL_REASON_TIMEOUT;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return broken_reason(dial);
    case CURLE_URL_MALFORMAT:
        return HAUL_REASON_BAD_URL;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_ABORTED_BY_CALLBACK: /* a descriptor could not be watched: for that alone */
        return HAUL_REASON_NO_MEMORY;
    default:
        return tls_or_other(code);
    }
}

const char *haul_dial_message(struct haul_dial *dial, CURLcode code)
{
    if (strstr(dial->error, "Unsupported proxy"))
        return "the URL of the proxy cannot be used";
    if (strstr(dial->error, "getpeername() failed")) /* it was made, and is gone already */
        return NULL;
    if (strstr(dial->error, "unable to set private key file"))
        return "the private key cannot be used: wrong passphrase, no key in the file, or not that "
               "of the certificate";
    haul_kept_show(dial->kept, dial->error, sizeof dial->error);
    return dial->error[0] ? dial->error : curl_easy_strerror(code);
}
