#include "transfer/flood.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/clock.h"

enum { RECORDS_A_LOOK = 64, NOTICED_US = 1000000 };

/* Linked with both, haul and libcurl have the same OpenSSL if its major version is the same. */
bool haul_flood_is_heard(void)
{
    static const char wanted[] = "OpenSSL/3";
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;

    return library && !strncmp(library, wanted, sizeof wanted - 1) && OPENSSL_VERSION_MAJOR == 3;
}

void haul_flood_allow(struct haul_flood *flood, int64_t patience_us)
{
    if (!patience_us)
        patience_us = INT64_MAX;
    if (patience_us > flood->patience_us)
        flood->patience_us = patience_us;
}

static bool is_too_much(struct haul_flood *flood)
{
    int64_t now_us;

    if (++flood->records % RECORDS_A_LOOK)
        return false;
    now_us = haul_clock_us();
    if (!flood->since_us)
        flood->since_us = now_us;
    return now_us - flood->since_us > flood->patience_us ||
           haul_stop_level(flood->stop) >= HAUL_STOP_ABORT;
}

static void on_record(int written, int version, int type, const void *bytes, size_t len, SSL *ssl,
                      void *arg)
{
    struct haul_flood *flood = arg;

    (void)version;
    (void)bytes;
    (void)len;
    if (written || type != SSL3_RT_HEADER || !is_too_much(flood))
        return;
    flood->cut_us = haul_clock_us();
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

bool haul_flood_has_ended(const struct haul_flood *flood, int64_t begun_us)
{
    return flood->cut_us >= begun_us && haul_clock_us() - flood->cut_us < NOTICED_US;
}

void haul_flood_listen(struct haul_flood *flood, void *ssl_ctx)
{
    SSL_CTX_set_msg_callback(ssl_ctx, on_record);
    SSL_CTX_set_msg_callback_arg(ssl_ctx, flood);
}
