#include <string.h>

#include "base/clock.h"
#include "model/host.h"
#include "model/url_parts.h"
#include "transfer/transfer_inside.h"

/* One request and its answer: what is prepared for it, and what of it is forgotten again. */

/* Finds what an earlier attempt, or an earlier run, has left of the body of t->url. */
static void look_for_part(struct haul_transfer *t)
{
    const struct haul_body_plan plan = {.url = t->job->url, .name = t->job->name};

    if (!t->config->continues || t->attempt.starts_anew || !plan.name || t->job->body ||
        t->job->step != HAUL_STEP_GET)
        return;
    t->hop.offset = haul_body_look(&t->body, &plan, haul_buf_str(&t->url), &t->hop.part);
}

void haul_transfer_rest_decoders(struct haul_transfer *t)
{
    haul_decoder_rest(&t->decoder);
    haul_decoder_rest(&t->other);
}

void haul_transfer_forget_hop(struct haul_transfer *t)
{
    haul_transfer_rest_decoders(t);
    t->hop = (struct haul_hop){.begun_us = haul_clock_us()};
    t->capture.sink.kind->discard(&t->capture.sink);
    haul_body_reset(&t->body);
}

const char *haul_transfer_origin(const struct haul_transfer *t)
{
    return t->attempt.at_home ? t->job->origin : haul_buf_str(&t->origin);
}

bool haul_transfer_is_readable(const struct haul_transfer *t)
{
    return !t->hop.is_local && strncmp(haul_buf_str(&t->url), "https:", strlen("https:")) != 0;
}

/* With a dot behind, a name below localhost is the resolver's to say, by which it may be any
 * machine's: libcurl knows it without. */
static bool is_local(const struct haul_transfer *t)
{
    const struct haul_span host = haul_url_parts_of(haul_buf_str(&t->url), t->url.len).host;

    return haul_host_without_dot(host).len == host.len &&
           haul_wire_is_local(t->env->net->wire, haul_transfer_origin(t));
}

/* Prepares the request for t->url. False: no memory. */
static bool prepare_hop(struct haul_transfer *t)
{
    if (t->url.err || t->origin.err)
        return false; /* what there is of a URL is no URL */
    t->hop.is_local = is_local(t);
    t->hop.packed = haul_transfer_packed(t);
    look_for_part(t);
    return haul_transfer_ask(t);
}

static bool begin_hop(struct haul_transfer *t)
{
    haul_transfer_forget_hop(t);
    return prepare_hop(t);
}

bool haul_transfer_repeat_hop(struct haul_transfer *t)
{
    const struct haul_exchange *x = &t->exchange;

    t->attempt.was_unserved = t->attempt.was_unserved || (x->unserved && !x->reused);
    t->exchange.fresh = true;
    t->exchange.http1 = t->exchange.wants_1_1;
    return begin_hop(t);
}

bool haul_transfer_begin_hop(struct haul_transfer *t)
{
    t->attempt.was_unserved = false;
    t->exchange.fresh = t->exchange.http1 = false;
    return begin_hop(t);
}

bool haul_transfer_begin_reserved(struct haul_transfer *t, int64_t bytes)
{
    t->attempt.was_unserved = false;
    t->exchange.fresh = t->exchange.http1 = false;
    t->hop.begun_us = haul_clock_us();
    t->hop.reserved = bytes;
    return prepare_hop(t);
}

void haul_transfer_count_hop(struct haul_transfer *t)
{
    t->attempt.header_bytes += t->response.header_bytes;
    t->attempt.request_bytes += t->exchange.request_bytes;
}
