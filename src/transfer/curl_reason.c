#include "transfer/curl_reason.h"

#include <errno.h>
#include <stdbool.h>
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

static enum haul_reason time_reason(const char *detail)
{
    return strstr(detail, "too slow") ? HAUL_REASON_STALL : HAUL_REASON_TIMEOUT;
}

/*
 * libcurl stops at some faults of an answer before haul sees the line, and has few codes for them:
 * its words say which it was. A word that is not found costs precision, never a wrong `ok`.
 */
static enum haul_reason answer_reason(const char *detail, enum haul_reason other)
{
    static const struct {
        const char *words;
        enum haul_reason reason;
    } row[] = {{"chunked-encod", HAUL_REASON_BAD_FRAMING},
               {"Too large response headers", HAUL_REASON_HEADERS_TOO_LARGE},
               {"Nul byte in header", HAUL_REASON_BAD_HEADER},
               {"Header without colon", HAUL_REASON_BAD_HEADER},
               {"Content-Length", HAUL_REASON_BAD_LENGTH},
               {"content encodings", HAUL_REASON_BAD_ENCODING}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (strstr(detail, row[i].words))
            return row[i].reason;
    }
    return other;
}

/* A stream is ended with PROTOCOL_ERROR because of a malformed answer (RFC 9113, 8.1.1), by
 * libcurl, or of a request that the server takes for one: neither gets better when asked again. */
static enum haul_reason stream_reason(const char *detail)
{
    return strstr(detail, "PROTOCOL_ERROR") ? HAUL_REASON_PROTOCOL : HAUL_REASON_RESET;
}

static bool lacks_resource(long os_errno)
{
    return os_errno == EMFILE || os_errno == ENFILE || os_errno == ENOBUFS ||
           os_errno == EADDRNOTAVAIL;
}

enum haul_reason haul_curl_reason(CURLcode code, const char *detail, long os_errno)
{
    switch (code) {
    case CURLE_OK:
        return HAUL_REASON_NONE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HAUL_REASON_DNS;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
        return lacks_resource(os_errno) ? HAUL_REASON_NO_RESOURCE : HAUL_REASON_CONNECT;
    case CURLE_PROXY:
        return HAUL_REASON_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return time_reason(detail);
    case CURLE_GOT_NOTHING:
        return HAUL_REASON_EMPTY_REPLY;
    case CURLE_PARTIAL_FILE:
        return HAUL_REASON_TRUNCATED;
    case CURLE_RECV_ERROR:
        return answer_reason(detail, HAUL_REASON_RESET);
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2: /* a GOAWAY that leaves this request out (RFC 9113, 6.8): ask again */
        return HAUL_REASON_RESET;
    case CURLE_HTTP2_STREAM:
        return stream_reason(detail);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* an answer that is HTTP/0.9 or not HTTP at all */
    case CURLE_HTTP3:
        return answer_reason(detail, HAUL_REASON_PROTOCOL);
    case CURLE_BAD_CONTENT_ENCODING: /* a transfer coding: content codings are not libcurl's here */
        return answer_reason(detail, HAUL_REASON_BAD_FRAMING);
    case CURLE_FILESIZE_EXCEEDED:
        return HAUL_REASON_TOO_LARGE;
    case CURLE_URL_MALFORMAT:
        return HAUL_REASON_BAD_URL;
    case CURLE_OUT_OF_MEMORY:
        return HAUL_REASON_NO_MEMORY;
    default:
        return tls_or_other(code);
    }
}
