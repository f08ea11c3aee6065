#ifndef HAUL_TRANSFER_NET_CURL_H
#define HAUL_TRANSFER_NET_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/cidr.h"
#include "transfer/hosts.h"
#include "transfer/net.h"

/*
 * The inside of haul_net, for net.c, transfer.c and streams.c only. Outside of this room only the
 * parser of URLs (input/url_reader.c) uses libcurl.
 */
struct haul_net {
    const struct haul_config *config;     /* [const after create] */
    const struct haul_redactor *redactor; /* [const after create] or NULL */
    const struct haul_body_store *bodies; /* [const after create] where bodies go */
    struct haul_address_filter *filter;   /* [const after create] or NULL: all addresses */
    struct haul_hosts *hosts;             /* [const after create] */
    struct curl_slist *headers;           /* [const after create] the user's own */
    struct curl_slist **host_headers;     /* [const after create] for each rule of the configuration
                                             what is sent instead, if it says headers; or NULL */
    struct curl_slist *resolve;           /* [const after create] */
    bool shows_header; /* [const after create] header lines come as body first: transfer.c */
    bool blurs_end; /* [const after create] how a stream of HTTP/2 ended is not told: transfer.c */
};

/* Sets one option of the handle `easy`; a failure is remembered in *ok. */
#define SET(option, value) (*ok = curl_easy_setopt(easy, option, value) == CURLE_OK && *ok)

/* Sets what never changes, and is the same for all handles. A failure is remembered in *ok. Any
 * thread. */
void haul_net_set(const struct haul_net *net, CURL *easy, bool *ok);

#endif
