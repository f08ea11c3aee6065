#include "transfer/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "http/chunked.h"
#include "http/size_probe.h"
#include "http/verdict.h"
#include "model/host.h"
#include "sink/body.h"
#include "sink/decode.h"
#include "transfer/curl_reason.h"
#include "transfer/net_curl.h"
#include "transfer/sockets.h"

/*
 * A redirect's own body is read and thrown away up to this size, so that its connection can be used
 * again; a longer one is cut off.
 */
enum { REDIRECT_BODY_MAX = 65536 };

/* A header field that haul makes itself, as the head of a list of others. */
struct own_field {
    struct curl_slist node;
    struct haul_buf text;
};

struct haul_transfer {
    const struct haul_transfer_env *env; /* [const] */
    const struct haul_config *config;    /* [const] */
    CURL *easy;
    struct haul_hosts_seat hosts; /* where its handle has addresses from */
    char error[CURL_ERROR_SIZE];
    struct haul_response response;
    struct haul_decoder decoder;
    struct haul_body body;
    struct haul_job *job; /* NULL: no attempt under way */

    /* of the attempt */
    struct haul_host_settings host; /* what holds for the job's origin, and for the job */
    bool varies;                    /* it may differ from what holds for all */
    int64_t begun_us;               /* monotonic */
    int64_t hop_begun_us;           /* monotonic */
    int redirects, connects;
    int64_t header_bytes, request_bytes; /* of the hops that are over */
    struct haul_buf url;                 /* of this hop, without userinfo */
    struct haul_buf shown;               /* the same, redacted */
    bool at_home;                        /* this hop's origin is the job's own */
    uint64_t route;                      /* hops of the same route may share a connection; not 0 */
    bool starts_anew;                    /* what is left of its body is of no use */

    /* of the hop */
    int64_t offset;              /* bytes left of the body, for which it is not asked; 0: none */
    struct haul_part part;       /* what is known of the body, if it may be left and gone on with */
    enum haul_reason cut;        /* why a callback aborted it, or NONE */
    struct haul_chunked chunked; /* the body's framing, if it is chunked */
    bool line_goes_on;           /* the next bytes of the header continue a line */
    bool has_leftover;           /* bytes came behind the end of the answer */
    bool decoding;               /* a body was begun */
    bool address_refused;        /* an address of the host is not among those allowed */
    bool is_there;               /* its file is there already: the body is not wanted */
    bool redirect_cut;           /* the body of a redirect, or of what is there, was too long */
    bool second_try;             /* on a fresh connection, after a reused one failed */
    bool recounts;         /* a third one, because libcurl had counted others: has_lost_count */
    uint64_t connection;   /* sockets.h: its id; 0: none yet */
    int64_t raw_bytes;     /* of the body, as it was received */
    bool stale;            /* not sent: the connection that libcurl chose cannot be trusted */
    bool doubtful;         /* what came over a reused connection may not be its answer */
    bool lost;             /* libcurl has dropped a part of the head */
    bool asked_again;      /* by libcurl: a connection died before it answered, or was found dead */
    bool awaits;           /* it ended, and its connection is still to be heard of */
    struct haul_mark mark; /* sockets.h: when it ended */
    CURLcode code;         /* with which it ended */
    bool cut_off;          /* nothing but a dead connection tells where its body ends */

    /* what the handle is set to now, so that it is not set again for each URL */
    enum haul_step has_step;
    int64_t has_offset;
    const char *has_coding;
    bool has_home_options;
    bool has_job_user;
    bool has_fresh;
    bool is_verbose;
    bool varied;                    /* the attempt before this one had options of its own */
    struct curl_slist *headers;     /* the configuration's and the list's, or NULL */
    struct own_field agent, coding; /* what stands before these */
};

/* ---- callbacks: they run on the worker, inside libcurl ---- */

static bool is_followed(const struct haul_transfer *t)
{
    return t->config->follow && haul_response_is_redirect(&t->response);
}

static int64_t body_max(const struct haul_transfer *t)
{
    return t->job->body ? t->job->body->max : t->config->max_filesize;
}

/* The answer is what follows on the bytes that are left. */
static bool is_continuation(const struct haul_transfer *t)
{
    return t->offset && t->response.status == 206;
}

static int64_t offset_of(const struct haul_transfer *t)
{
    return is_continuation(t) ? t->offset : 0;
}

static bool announces_too_much(const struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;

    return body_max(t) && haul_response_is_complete(res) && !haul_response_has_no_body(res) &&
           !res->content_encoding[0] && !is_followed(t) &&
           haul_response_expected_bytes(res) > body_max(t) - offset_of(t);
}

static bool differs(const char *now, const char *before)
{
    return now[0] && strcmp(now, before) != 0;
}

/*
 * A part is of use only if all that it says fits what is left; what it need not say, it may leave
 * out (RFC 9110, 15.3.7). That it begins and ends where it has to, the response sees to.
 */
static bool is_foreign_part(const struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;

    return is_continuation(t) && haul_response_is_complete(res) &&
           (res->range_total < 0 || res->content_encoding[0] || res->etag_ambiguous ||
            res->date_ambiguous || differs(res->etag, t->part.etag) ||
            differs(res->last_modified, t->part.last_modified));
}

static bool is_https(const struct haul_transfer *t)
{
    return strncmp(haul_buf_str(&t->url), "https:", 6) == 0;
}

static long info_long(const struct haul_transfer *t, CURLINFO info)
{
    long value = 0;

    curl_easy_getinfo(t->easy, info, &value);
    return value;
}

/* libcurl takes the number from the status line; over plain http it can only be a lie. */
static bool is_multiplexed(const struct haul_transfer *t)
{
    long version = is_https(t) ? info_long(t, CURLINFO_HTTP_VERSION) : 0;

    return version == CURL_HTTP_VERSION_2_0 || version == CURL_HTTP_VERSION_3;
}

/* Over plain http, and with no proxy that might add its own, haul is given all that is received. */
static bool sees_all_bytes(const struct haul_transfer *t)
{
    return !is_https(t) && !t->config->proxy && !t->config->proxy_from_env;
}

/*
 * What stands, in one read, behind an answer without a body, libcurl throws away. It keeps the
 * connection and says so in words only (on_words). To make it speak costs time, so it is asked to
 * only when there is such an answer.
 */
static void listen_for_surplus(struct haul_transfer *t)
{
    if (haul_response_is_complete(&t->response) && !haul_response_expected_bytes(&t->response) &&
        !sees_all_bytes(t) && !t->is_verbose)
        t->is_verbose = curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L) == CURLE_OK;
}

static int on_words(CURL *easy, curl_infotype type, char *text, size_t len, void *arg)
{
    static const char words[] = "Excess found";
    struct haul_transfer *t = arg;

    (void)easy;
    if (type == CURLINFO_TEXT && len >= sizeof words - 1 && !memcmp(text, words, sizeof words - 1))
        t->has_leftover = true;
    return 0;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    struct haul_transfer *t = arg;
    size_t len = size * count;

    haul_flood_rest(t->env->flood);
    t->cut = haul_response_header_line(&t->response, line, len);
    if (t->cut == HAUL_REASON_NONE && announces_too_much(t))
        t->cut = HAUL_REASON_TOO_LARGE;
    if (t->cut == HAUL_REASON_NONE && is_foreign_part(t))
        t->cut = HAUL_REASON_BAD_RANGE;
    listen_for_surplus(t);
    return t->cut == HAUL_REASON_NONE ? len : 0;
}

/* The size of the whole body, or -1. */
static int64_t whole_size(const struct haul_transfer *t)
{
    int64_t expected = haul_response_expected_bytes(&t->response);

    return t->response.content_encoding[0] || expected < 0 ? -1 : expected + offset_of(t);
}

/* Only of a body that comes as it is, and that can be known again, a part is worth something. */
static bool may_be_continued(const struct haul_transfer *t)
{
    return t->config->continues && !t->job->body && t->job->name &&
           !t->response.content_encoding[0] &&
           (is_continuation(t) ||
            (t->response.status == 200 &&
             haul_response_strong_validator(&t->response, haul_clock_wall_us() / 1000000)));
}

/* What is to become of the body of this answer. */
static struct haul_body_plan plan_body(struct haul_transfer *t)
{
    return (struct haul_body_plan){.url = t->job->url,
                                   .name = t->job->name,
                                   .checksum = t->job->checksum,
                                   .expected = whole_size(t),
                                   .offset = offset_of(t),
                                   .part = may_be_continued(t) ? &t->part : NULL};
}

static void copy_text(char *place, size_t size, const char *text)
{
    snprintf(place, size, "%s", text);
}

/* Of a continuation all this is known already, and an answer need not repeat it. */
static void fill_part(struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;
    struct haul_part *part = &t->part;

    if (is_continuation(t))
        return;
    part->url = haul_hash(haul_buf_str(&t->url), t->url.len);
    part->total = whole_size(t);
    copy_text(part->etag, sizeof part->etag, res->etag);
    copy_text(part->last_modified, sizeof part->last_modified, res->last_modified);
    copy_text(part->content_type, sizeof part->content_type, res->content_type);
}

static bool wants_body(const struct haul_transfer *t, const struct haul_body_plan *plan)
{
    return !t->job->body && t->job->step == HAUL_STEP_GET &&
           haul_status_set_has(&t->config->accept, is_continuation(t) ? 200 : t->response.status) &&
           haul_body_is_wanted(&t->body, plan);
}

static enum haul_reason on_decoded(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_transfer *t = arg;

    return haul_body_write(&t->body, bytes, len);
}

static enum haul_reason begin_saving(struct haul_transfer *t, const struct haul_body_plan *plan)
{
    t->is_there = t->config->skip_existing && haul_body_is_there(&t->body, plan);
    if (plan->part)
        fill_part(t);
    return t->is_there ? HAUL_REASON_NONE : haul_body_begin(&t->body, plan);
}

/* What may still come; 0: no limit. */
static int64_t decoded_max(const struct haul_transfer *t)
{
    int64_t max = body_max(t);

    return !max || max > offset_of(t) ? max - (max ? offset_of(t) : 0) : 1;
}

static enum haul_reason begin_body(struct haul_transfer *t)
{
    const struct haul_job_body *body = t->job->body;
    const struct haul_body_plan plan = plan_body(t);
    bool wanted = wants_body(t, &plan);
    const struct haul_decode_limits limits = {.body_max = decoded_max(t),
                                              .ratio_max = HAUL_DECODE_RATIO_MAX,
                                              .ratio_from = HAUL_DECODE_RATIO_FROM};
    enum haul_reason reason = HAUL_REASON_NONE;

    if (body)
        reason = body->begin(body->arg);
    else if (wanted)
        reason = begin_saving(t, &plan);
    t->decoding = true;
    if (reason != HAUL_REASON_NONE)
        return reason;
    if (body)
        return haul_decoder_begin(&t->decoder, t->response.content_encoding, &limits, body->take,
                                  body->arg);
    return haul_decoder_begin(&t->decoder, t->response.content_encoding, &limits,
                              wanted ? on_decoded : NULL, t);
}

/* A coded body may go on without end and never come to a byte that counts. */
static bool is_beyond_wire_max(const struct haul_transfer *t)
{
    const struct haul_job_body *body = t->job->body;

    return body && body->wire_max && t->response.wire_bytes > body->wire_max;
}

/* Body bytes, transfer coding undone. */
static enum haul_reason take_body(struct haul_transfer *t, const char *bytes, size_t len)
{
    enum haul_reason reason = haul_response_body(&t->response, len);

    if (reason != HAUL_REASON_NONE)
        return reason;
    if (is_followed(t)) {
        t->redirect_cut = t->response.wire_bytes > REDIRECT_BODY_MAX;
        return HAUL_REASON_NONE;
    }
    if (is_beyond_wire_max(t))
        return HAUL_REASON_TOO_LARGE;
    if (!t->decoding)
        reason = begin_body(t);
    if (reason != HAUL_REASON_NONE)
        return reason;
    if (t->is_there) {
        t->redirect_cut = t->response.wire_bytes > REDIRECT_BODY_MAX;
        return HAUL_REASON_NONE;
    }
    return haul_decoder_feed(&t->decoder, (const uint8_t *)bytes, len);
}

static enum haul_reason take_chunked(struct haul_transfer *t, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    enum haul_reason reason;
    const char *body;
    size_t body_len;

    do {
        reason = haul_chunked_next(&t->chunked, &bytes, end, &body, &body_len);
        if (reason == HAUL_REASON_NONE && body_len)
            reason = take_body(t, body, body_len);
    } while (reason == HAUL_REASON_NONE && body_len);
    t->has_leftover = bytes < end;
    return reason;
}

/*
 * Libraries before 8.2 keep, in a handle that is used again, a pointer to a freed header field of
 * its last transfer, and follow it when the first line of a header is a folded one (curl's pull
 * request 11103): a server could write to freed memory. With CURLOPT_HEADER they show each line
 * here before they do that, so that it can be refused. A long line comes in pieces.
 */
static bool is_folded_first_line(struct haul_transfer *t, const char *bytes, size_t len)
{
    bool begins_line = !t->line_goes_on;

    t->line_goes_on = bytes[len - 1] != '\n';
    return begins_line && !t->response.fields && (bytes[0] == ' ' || bytes[0] == '\t');
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct haul_transfer *t = arg;
    size_t len = size * count;

    haul_flood_rest(t->env->flood);
    if (t->env->net->shows_header && !haul_response_is_complete(&t->response)) {
        if (len && is_folded_first_line(t, bytes, len))
            t->cut = HAUL_REASON_BAD_HEADER;
        return t->cut == HAUL_REASON_NONE ? len : 0;
    }
    t->raw_bytes += (int64_t)len;
    if (t->env->net->blurs_end && is_multiplexed(t))
        haul_sockets_note_body(t->env->sockets, t->connection);
    t->cut = t->response.chunked ? take_chunked(t, bytes, len) : take_body(t, bytes, len);
    return t->cut == HAUL_REASON_NONE && !t->redirect_cut ? len : 0;
}

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct haul_transfer *t = arg;
    int fd;

    (void)purpose;
    if (!haul_address_filter_permits(t->env->net->filter, &address->addr)) {
        t->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    haul_sockets_add(t->env->sockets, fd, t);
    return fd;
}

static int on_close_socket(void *arg, curl_socket_t fd)
{
    haul_sockets_remove(arg, fd);
    return close(fd);
}

/* Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio. */
static uint64_t mixed(uint64_t hash, uint64_t more)
{
    return (hash ^ more) * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t end_hash(const char *ip, int port)
{
    return mixed(haul_hash(ip, strlen(ip)), (uint64_t)port);
}

/*
 * libcurl has chosen a connection, new or used, and the request is not yet sent. A second call says
 * that the first connection died before it answered; or that the stream was reset with
 * REFUSED_STREAM or HTTP_1_1_REQUIRED (RFC 9113, 7), and that happens in the middle of an answer,
 * too: the next one would be taken for its rest.
 */
static int on_request(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct haul_transfer *t = arg;
    bool again = t->connection;

    if (again)
        haul_sockets_leave(t->env->sockets, t->connection);
    t->asked_again = again || t->error[0];
    t->connection = mixed(end_hash(remote_ip, remote_port), end_hash(local_ip, local_port)) | 1;
    t->stale = !haul_sockets_begin(t->env->sockets, t->connection, t);
    if (again && t->response.header_bytes)
        t->cut = HAUL_REASON_RESET;
    return t->stale || t->cut ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- the handle ---- */

static void set_callbacks(CURL *easy, const struct haul_transfer_env *env, bool *ok)
{
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_DEBUGFUNCTION, on_words);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
    SET(CURLOPT_CLOSESOCKETDATA, env->sockets);
}

/* A flood: flood.h. */
static CURLcode on_tls_context(CURL *easy, void *ssl_ctx, void *arg)
{
    (void)easy;
    haul_flood_listen(arg, ssl_ctx);
    return CURLE_OK;
}

static void set_flood(CURL *easy, struct haul_flood *flood, bool *ok)
{
    if (!haul_flood_is_heard())
        return;
    SET(CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
    SET(CURLOPT_SSL_CTX_DATA, flood);
}

static bool make_handle(struct haul_transfer *t)
{
    CURL *easy = curl_easy_init();
    bool all_set = easy;
    bool *ok = &all_set;

    t->easy = easy;
    if (!easy)
        return false;
    haul_net_set(t->env->net, easy, ok);
    set_callbacks(easy, t->env, ok);
    set_flood(easy, t->env->flood, ok);
    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_PREREQDATA, t);
    SET(CURLOPT_DEBUGDATA, t);
    return all_set && haul_hosts_join(t->env->net->hosts, &t->hosts, easy);
}

enum haul_err haul_transfer_create(const struct haul_transfer_env *env, struct haul_transfer **out)
{
    struct haul_transfer *t = calloc(1, sizeof *t);

    if (!t)
        return HAUL_ERR_NOMEM;
    t->env = env;
    t->config = env->net->config;
    haul_response_init(&t->response);
    haul_decoder_init(&t->decoder);
    haul_body_init(&t->body, env->net->bodies);
    haul_buf_init(&t->agent.text, 0);
    haul_buf_init(&t->coding.text, 0);
    haul_buf_init(&t->url, HAUL_URL_MAX + 1);
    haul_buf_init(&t->shown, 0);
    if (!make_handle(t)) {
        haul_transfer_free(t);
        return HAUL_ERR_NOMEM;
    }
    *out = t;
    return HAUL_OK;
}

void haul_transfer_free(struct haul_transfer *t)
{
    if (!t)
        return;
    haul_hosts_leave(&t->hosts);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    haul_response_done(&t->response);
    haul_decoder_done(&t->decoder);
    haul_body_done(&t->body);
    haul_buf_done(&t->agent.text);
    haul_buf_done(&t->coding.text);
    haul_buf_done(&t->url);
    haul_buf_done(&t->shown);
    free(t);
}

CURL *haul_transfer_easy(struct haul_transfer *t)
{
    return t->easy;
}

/* ---- one request ---- */

static struct curl_slist *home_headers(const struct haul_transfer *t)
{
    const struct haul_net *net = t->env->net;

    return t->host.headers < 0 ? net->headers : net->host_headers[t->host.headers];
}

static bool has_field(const struct haul_entry_options *options, const char *field)
{
    size_t len = strcspn(field, ":;");

    for (size_t i = 0; i < options->header_count; i++)
        if (strcspn(options->headers[i], ":;") == len &&
            strncasecmp(options->headers[i], field, len) == 0)
            return true;
    return false;
}

static bool add_field(struct haul_transfer *t, const char *field)
{
    struct curl_slist *longer = curl_slist_append(t->headers, field);

    if (longer)
        t->headers = longer;
    return longer;
}

/* The server of this hop is asked only for what has changed (RFC 9110, 13.1). */
static bool is_conditional(const struct haul_transfer *t)
{
    const struct haul_job_validators *validators = t->job->validators;

    return validators && strcmp(validators->url, haul_buf_str(&t->url)) == 0 &&
           ((t->config->etags && validators->etag) ||
            (t->config->timestamping && validators->modified));
}

static bool add_condition(struct haul_transfer *t, const char *name, const char *value)
{
    struct haul_buf field;
    bool is_added = true;

    if (!value)
        return true;
    haul_buf_init(&field, 0);
    haul_buf_addf(&field, "%s: %s", name, value);
    is_added = !field.err && add_field(t, haul_buf_str(&field));
    haul_buf_done(&field);
    return is_added;
}

static bool add_conditions(struct haul_transfer *t)
{
    const struct haul_job_validators *validators = t->job->validators;

    if (!is_conditional(t))
        return true;
    return add_condition(t, "If-None-Match", t->config->etags ? validators->etag : NULL) &&
           add_condition(t, "If-Modified-Since",
                         t->config->timestamping ? validators->modified : NULL);
}

/* Only what follows on the bytes that are left is asked for, and only of the same body. */
static bool add_range_condition(struct haul_transfer *t)
{
    return !t->offset || add_condition(t, "If-Range", haul_part_validator(&t->part));
}

/* A header of the list replaces one of the configuration with the same name. */
static bool add_home_headers(struct haul_transfer *t)
{
    const struct haul_entry_options *options = haul_job_options_to_send(t->job);
    bool is_whole = true;

    for (const struct curl_slist *at = home_headers(t); at; at = at->next)
        if (!options || !has_field(options, at->data))
            is_whole = add_field(t, at->data) && is_whole;
    for (size_t i = 0; options && i < options->header_count; i++)
        is_whole = add_field(t, options->headers[i]) && is_whole;
    return is_whole;
}

/* The headers of this hop that the user asked for, or that name a part or a validator. */
static struct curl_slist *make_headers(struct haul_transfer *t, bool *ok)
{
    const struct haul_entry_options *options = t->at_home ? haul_job_options_to_send(t->job) : NULL;
    bool has_own = (options && options->header_count) || is_conditional(t) || t->offset;

    if (!has_own)
        return t->at_home ? home_headers(t) : NULL;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    if (t->at_home)
        *ok = add_home_headers(t) && *ok;
    *ok = add_conditions(t) && add_range_condition(t) && *ok;
    return t->headers;
}

/*
 * For a size that is only told, no coding is asked for: it would be the size of the coded body. Nor
 * for the rest of a body that came without.
 */
static const char *accepted_codings(const struct haul_transfer *t)
{
    if (t->job->step != HAUL_STEP_GET || t->offset)
        return "identity";
    return t->config->compressed ? HAUL_DECODE_ACCEPT_ENCODING : NULL;
}

static bool is_in_list(const struct curl_slist *list, const char *name)
{
    size_t len = strlen(name);

    for (; list; list = list->next)
        if (strcspn(list->data, ":;") == len && strncasecmp(list->data, name, len) == 0)
            return true;
    return false;
}

/* Puts "name: value" before the list, unless that has the field already. */
static struct curl_slist *with_own(struct own_field *own, const char *name, const char *value,
                                   struct curl_slist *list)
{
    if (!value || is_in_list(list, name))
        return list;
    haul_buf_clear(&own->text);
    haul_buf_add_str(&own->text, name);
    haul_buf_add(&own->text, ": ", 2);
    haul_buf_add_str(&own->text, value);
    own->node = (struct curl_slist){.data = own->text.data, .next = list};
    return &own->node;
}

/*
 * libcurl has options for these two fields, too, but formats each twice for every request; and with
 * its option for codings it would look into Content-Encoding, which is haul's to judge.
 */
static void set_fields(struct haul_transfer *t, bool *ok)
{
    const char *coding = accepted_codings(t);
    const char *agent = t->at_home ? t->host.user_agent : t->config->user_agent;
    struct curl_slist *list;
    CURL *easy = t->easy;

    if (t->has_home_options == t->at_home && t->has_coding == coding && !t->varies && !t->varied)
        return;
    list = make_headers(t, ok);
    list = with_own(&t->agent, "User-Agent", agent, list);
    list = with_own(&t->coding, "Accept-Encoding", coding, list);
    *ok = *ok && !t->agent.text.err && !t->coding.text.err;
    SET(CURLOPT_HTTPHEADER, list);
    t->has_coding = coding;
}

/*
 * The configuration's headers and credentials, general ones and those for a host, go to the origin
 * of the job's own URL and no other. Elsewhere even the credentials that a rule names for that host
 * are not sent: whoever redirects there would act in the user's name.
 */
static void set_home_options(struct haul_transfer *t, bool *ok)
{
    bool varies = t->varies || t->varied;
    const struct haul_entry_options *options = t->at_home ? haul_job_options_to_send(t->job) : NULL;
    CURL *easy = t->easy;

    if (t->has_home_options == t->at_home && !varies)
        return;
    if (t->config->user || varies)
        SET(CURLOPT_USERPWD, t->at_home ? t->host.user : NULL);
    if (varies)
        SET(CURLOPT_REFERER, options ? options->referer : NULL);
    t->has_home_options = t->at_home;
}

/* Limits are those of the job's own origin, or the list's, on the whole way. */
static void set_host_limits(struct haul_transfer *t, bool *ok)
{
    const struct haul_host_settings *host = &t->host;
    CURL *easy = t->easy;

    if (!t->varies && !t->varied)
        return;
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)host->connect_timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)host->speed_limit);
    SET(CURLOPT_LOW_SPEED_TIME, host->speed_limit ? (long)host->speed_time_s : 0L);
}

/* Userinfo of the URL itself goes before what the list says, and that before --user. */
static const char *user_of(const struct haul_job *job, const char **password)
{
    const struct haul_entry_options *options = haul_job_options_to_send(job);
    bool is_of_url = job->user || !options;
    const char *user = is_of_url ? job->user : options->user;

    *password = is_of_url ? job->password : options->password;
    if (!*password)
        *password = "";
    return user;
}

static void set_job_user(struct haul_transfer *t, bool *ok)
{
    const char *password, *user = user_of(t->job, &password);
    bool wanted = t->at_home && user;
    CURL *easy = t->easy;

    if (!wanted && !t->has_job_user)
        return;
    SET(CURLOPT_USERPWD, !wanted && t->at_home ? t->host.user : NULL);
    if (wanted) {
        SET(CURLOPT_USERNAME, user);
        SET(CURLOPT_PASSWORD, password);
    }
    t->has_job_user = wanted;
}

/* What is left of --max-time for this hop, in ms; 0: no limit. At least 1 when there is one. */
static long time_left_ms(const struct haul_transfer *t)
{
    int64_t left;

    if (!t->host.max_time_ms)
        return 0;
    left = t->host.max_time_ms - (t->job->spent_us + t->hop_begun_us - t->begun_us) / 1000;
    if (left > INT32_MAX)
        left = INT32_MAX;
    return left > 0 ? (long)left : 1;
}

static void set_range(struct haul_transfer *t, bool *ok)
{
    CURL *easy = t->easy;
    char range[32];

    if (t->offset) {
        snprintf(range, sizeof range, "%lld-", (long long)t->offset);
        SET(CURLOPT_RANGE, range);
    } else {
        SET(CURLOPT_RANGE, t->job->step == HAUL_STEP_RANGE ? "0-0" : NULL);
    }
    t->has_offset = t->offset;
}

static void set_step(struct haul_transfer *t, bool *ok)
{
    enum haul_step step = t->job->step;
    CURL *easy = t->easy;

    if (t->has_step == step && t->has_offset == t->offset)
        return;
    SET(CURLOPT_NOBODY, step == HAUL_STEP_HEAD ? 1L : 0L);
    if (step != HAUL_STEP_HEAD)
        SET(CURLOPT_HTTPGET, 1L);
    set_range(t, ok);
    t->has_step = step;
}

static void set_quiet(struct haul_transfer *t, bool *ok)
{
    CURL *easy = t->easy;

    if (t->is_verbose)
        SET(CURLOPT_VERBOSE, 0L);
    t->is_verbose = false;
}

static void set_reuse(struct haul_transfer *t, bool *ok)
{
    CURL *easy = t->easy;
    bool fresh = t->second_try || haul_sockets_is_dirty(t->env->sockets, t->route);

    if (fresh != t->has_fresh)
        SET(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    t->has_fresh = fresh;
}

static void set_request(struct haul_transfer *t, bool *ok)
{
    CURL *easy = t->easy;

    SET(CURLOPT_URL, haul_buf_str(&t->url));
    /* Streams wait to share a connection only where there may be one to share: HTTP/2. */
    SET(CURLOPT_PIPEWAIT, is_https(t) && t->config->streams > 1 ? 1L : 0L);
    set_step(t, ok);
    set_fields(t, ok);
    set_home_options(t, ok);
    set_job_user(t, ok);
    set_host_limits(t, ok);
    if (t->config->max_time_ms || t->config->host_rule_count)
        SET(CURLOPT_TIMEOUT_MS, time_left_ms(t));
    set_reuse(t, ok);
    set_quiet(t, ok);
    *ok = haul_hosts_take(&t->hosts, haul_buf_str(&t->url), t->hop_begun_us) && *ok;
}

/* How long the request may go without any progress; 0: for ever. */
static int64_t patience_us(const struct haul_transfer *t)
{
    int64_t total = (int64_t)time_left_ms(t) * 1000;
    int64_t stall = t->host.speed_limit ? (int64_t)t->host.speed_time_s * 1000000 : 0;

    return total && (!stall || total < stall) ? total : stall;
}

/* Through a proxy, one connection may serve any origin. */
static uint64_t route_of(const struct haul_transfer *t, const char *origin)
{
    if (t->config->proxy || t->config->proxy_from_env)
        return 1;
    return haul_hash(origin, strlen(origin)) | 1; /* 0 has a meaning of its own */
}

/* Finds what an earlier attempt, or an earlier run, has left of the body of t->url. */
static void look_for_part(struct haul_transfer *t)
{
    const struct haul_body_plan plan = {.url = t->job->url, .name = t->job->name};

    t->offset = 0;
    if (!t->config->continues || t->starts_anew || !plan.name || t->job->body ||
        t->job->step != HAUL_STEP_GET)
        return;
    t->offset = haul_body_look(&t->body, &plan, haul_buf_str(&t->url), &t->part);
    t->varies = t->varies || t->offset;
}

static struct haul_request_facts request_facts(const struct haul_transfer *t)
{
    enum haul_step step = t->job->step;

    return (struct haul_request_facts){.head = step == HAUL_STEP_HEAD,
                                       .range = step == HAUL_STEP_RANGE || t->offset,
                                       .range_probe = step == HAUL_STEP_RANGE,
                                       .validator = is_conditional(t),
                                       .range_start = t->offset,
                                       .range_total = t->offset ? t->part.total : -1};
}

/* Prepares the request for t->url. A failure to do so ends the hop when libcurl is asked to run it.
 */
static void begin_hop(struct haul_transfer *t)
{
    struct haul_request_facts facts;
    bool all_set = t->url.err == HAUL_OK;

    haul_body_reset(&t->body);
    look_for_part(t);
    facts = request_facts(t);
    t->hop_begun_us = haul_clock_us();
    haul_flood_allow(t->env->flood, patience_us(t));
    t->cut = HAUL_REASON_NONE;
    t->decoding = t->has_leftover = false;
    t->chunked = (struct haul_chunked){.left = 0};
    t->redirect_cut = t->address_refused = t->is_there = false;
    t->stale = t->doubtful = t->lost = t->asked_again = t->cut_off = t->awaits = false;
    t->connection = 0;
    t->raw_bytes = 0;
    t->error[0] = '\0';
    haul_response_begin(&t->response, &facts, NULL);
    t->line_goes_on = false;
    set_request(t, &all_set);
    if (!all_set) {
        t->cut = HAUL_REASON_NO_MEMORY;
        curl_easy_setopt(t->easy, CURLOPT_URL, NULL);
    }
}

/* What the list says about a URL goes before all else. */
static void apply_options(struct haul_host_settings *host, const struct haul_entry_options *options,
                          const struct haul_entry_options *to_send)
{
    if (to_send && to_send->user_agent)
        host->user_agent = to_send->user_agent;
    if (options->connect_timeout_ms >= 0)
        host->connect_timeout_ms = (int)options->connect_timeout_ms;
    if (options->speed_limit >= 0)
        host->speed_limit = options->speed_limit;
    if (options->timeout_ms < 0)
        return;
    host->speed_time_s = (int)(options->timeout_ms / 1000);
    if (!host->speed_limit)
        host->speed_limit = 1;
}

static void find_settings(struct haul_transfer *t)
{
    haul_host_find_settings(t->config, t->job->origin, &t->host);
    if (t->job->options)
        apply_options(&t->host, t->job->options, haul_job_options_to_send(t->job));
    t->varied = t->varies;
    t->varies = t->config->host_rule_count > 0 || t->job->options || t->job->validators;
}

static enum haul_step first_step(const struct haul_transfer *t)
{
    if (t->job->body || t->config->method == HAUL_METHOD_GET)
        return HAUL_STEP_GET;
    return HAUL_STEP_HEAD;
}

/* What the steps before have cost is the attempt's, too. */
static void go_on(struct haul_transfer *t)
{
    const struct haul_record *rec = &t->job->rec;

    t->job->goes_on = false;
    t->connects = rec->num_connects;
    t->header_bytes = rec->size_header;
    t->request_bytes = rec->size_request;
}

static void begin_attempt(struct haul_transfer *t)
{
    struct haul_job *job = t->job;

    job->step = first_step(t);
    job->spent_us = 0;
    if (!job->rec.attempts++) {
        job->rec.started_us = haul_clock_wall_us();
        job->first_start_us = t->begun_us;
    }
}

void haul_transfer_begin(struct haul_transfer *t, struct haul_job *job)
{
    assert(!t->job);
    t->job = job;
    t->begun_us = haul_clock_us();
    find_settings(t);
    t->redirects = t->connects = 0;
    t->header_bytes = t->request_bytes = 0;
    t->at_home = true;
    t->route = route_of(t, job->origin);
    t->second_try = t->recounts = t->starts_anew = false;
    if (job->goes_on)
        go_on(t);
    else
        begin_attempt(t);
    haul_buf_clear(&t->url);
    haul_buf_add_str(&t->url, job->url);
    begin_hop(t);
}

/* ---- the end of a request ---- */

static int64_t info_us(const struct haul_transfer *t, CURLINFO info)
{
    curl_off_t value = 0;

    curl_easy_getinfo(t->easy, info, &value);
    return value;
}

static bool ends_with_connection(const struct haul_response *res)
{
    return haul_response_expected_bytes(res) < 0 && !res->chunked;
}

/*
 * Bytes that went missing behind an empty body may have been anything; before a body, they were a
 * line of the head: libcurl drops one that begins with NUL and comes in pieces.
 */
static bool has_lost(const struct haul_transfer *t, enum haul_answer_end end)
{
    if (end == HAUL_ANSWER_LOST)
        return t->raw_bytes;
    return end == HAUL_ANSWER_SURPLUS && ends_with_connection(&t->response);
}

/*
 * Of an answer that is malformed, nothing but its connection's history is known: on a used one it
 * may be anything.
 */
static bool is_malformed(const struct haul_transfer *t)
{
    return t->cut && t->cut != HAUL_REASON_TOO_LARGE && t->cut != HAUL_REASON_NO_MEMORY;
}

/* A 408 on a used connection is the server's goodbye to it, sent before it saw this request. */
static bool is_late_goodbye(const struct haul_transfer *t, bool used)
{
    return used && t->response.status == 408;
}

/*
 * libcurl before 8.2 calls an answer whole where the session ended under it, be it by a fault of
 * the server's frames or by an end of the connection right behind a reset of the stream. All that
 * can be seen of that is that the connection is gone, or goes as soon as nobody uses it any more. A
 * body whose length is known, or whose coding has an end of its own, is not in doubt.
 */
static bool has_vague_end(const struct haul_transfer *t, CURLcode code)
{
    const struct haul_response *res = &t->response;

    return t->env->net->blurs_end && is_multiplexed(t) && !code && !t->cut &&
           haul_response_is_complete(res) && !is_followed(t) &&
           haul_response_expected_bytes(res) < 0 && !(t->decoding && t->decoder.stages);
}

/*
 * libcurl keeps a connection of HTTP/2 whose session has failed, and one that has fallen silent,
 * and the next requests would wait in vain: it gets no further ones. Those under way may go on
 * unless the session has failed.
 */
static void note_session(struct haul_transfer *t, CURLcode code)
{
    struct haul_sockets *sockets = t->env->sockets;

    t->awaits = has_vague_end(t, code);
    if (t->awaits)
        t->mark = haul_sockets_mark(sockets, t->connection);
    if (!t->stale)
        haul_sockets_leave(sockets, t->connection);
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR)
        haul_sockets_distrust(sockets, t->connection, strstr(t->error, "nghttp2_session"));
}

void haul_transfer_note_connection(struct haul_transfer *t, CURLcode code)
{
    const struct haul_answer answer = {
        .id = t->connection,
        .route = is_multiplexed(t) ? 0 : t->route,
        .keeps_open = haul_response_keeps_open(&t->response),
        .bytes = sees_all_bytes(t) ? t->response.header_bytes + t->raw_bytes : -1};
    bool used = !info_long(t, CURLINFO_NUM_CONNECTS);
    enum haul_answer_end end;

    t->code = code;
    if (!t->connection)
        return;
    note_session(t, code);
    if (!answer.route)
        return;
    if (t->has_leftover || is_malformed(t) || is_late_goodbye(t, used)) {
        t->doubtful = used;
        if (!is_malformed(t))
            haul_sockets_spoil(t->env->sockets, &answer);
    } else if (!code && !t->cut && haul_response_is_complete(&t->response)) {
        end = haul_sockets_end(t->env->sockets, &answer);
        t->doubtful = used && end != HAUL_ANSWER_ALONE;
        t->lost = has_lost(t, end);
    }
}

/* Whether a byte of the answer has arrived, be it one that no callback was shown. */
static bool has_answered(const struct haul_transfer *t)
{
    return t->response.header_bytes || info_us(t, CURLINFO_STARTTRANSFER_TIME_T);
}

/* Fewer bytes than announced make an answer malformed (RFC 9113, 8.1.1), but that may pass. */
static bool is_early_end(const struct haul_transfer *t, CURLcode code)
{
    const struct haul_response *res = &t->response;

    return code == CURLE_HTTP2_STREAM && haul_response_is_complete(res) &&
           res->wire_bytes < haul_response_expected_bytes(res) &&
           strstr(t->error, "PROTOCOL_ERROR");
}

/* Its session was cut because of a flood (flood.h), and that is what libcurl's code is about. */
static bool is_flooded(const struct haul_transfer *t, CURLcode code)
{
    return code && code != CURLE_OPERATION_TIMEDOUT && is_https(t) &&
           haul_flood_has_ended(t->env->flood, t->hop_begun_us);
}

static enum haul_reason flood_reason(const struct haul_transfer *t)
{
    int64_t taken_ms = (t->job->spent_us + haul_clock_us() - t->begun_us) / 1000;

    return t->host.max_time_ms && taken_ms >= t->host.max_time_ms ? HAUL_REASON_TIMEOUT
                                                                  : HAUL_REASON_STALL;
}

static enum haul_reason end_reason(const struct haul_transfer *t, CURLcode code)
{
    enum haul_reason reason;

    if (t->cut != HAUL_REASON_NONE)
        return t->cut;
    if (t->redirect_cut)
        return HAUL_REASON_NONE;
    if (t->lost)
        return HAUL_REASON_BAD_HEADER;
    if (is_flooded(t, code))
        return flood_reason(t);
    reason = haul_curl_reason(code, t->error, info_long(t, CURLINFO_OS_ERRNO));
    if (reason == HAUL_REASON_NONE && t->response.chunked && !haul_chunked_is_done(&t->chunked) &&
        !haul_response_has_no_body(&t->response))
        return HAUL_REASON_TRUNCATED;
    if (t->cut_off || is_early_end(t, code))
        return HAUL_REASON_TRUNCATED;
    if (reason == HAUL_REASON_CONNECT && t->address_refused)
        return HAUL_REASON_ADDRESS;
    if (haul_response_is_complete(&t->response) || !has_answered(t))
        return reason;
    switch (reason) {
    case HAUL_REASON_NO_MEMORY: /* what libcurl says when a header line overflows its buffer */
        return HAUL_REASON_HEADERS_TOO_LARGE;
    case HAUL_REASON_INTERNAL: /* a folded line that follows nothing is a "bad argument" */
        return HAUL_REASON_BAD_HEADER;
    default:
        return reason;
    }
}

static bool is_timeout_before_contact(const struct haul_transfer *t, bool https)
{
    return !info_us(t, https ? CURLINFO_APPCONNECT_TIME_T : CURLINFO_CONNECT_TIME_T) &&
           !t->response.header_bytes;
}

static enum haul_contact contact_of(const struct haul_transfer *t, enum haul_reason reason)
{
    if (!t->at_home)
        return HAUL_CONTACT_MADE;
    switch (reason) {
    case HAUL_REASON_DNS:
    case HAUL_REASON_CONNECT:
    case HAUL_REASON_TLS:
        return HAUL_CONTACT_FAILED;
    case HAUL_REASON_TIMEOUT:
        return is_timeout_before_contact(t, strncmp(t->job->url, "https:", 6) == 0)
                   ? HAUL_CONTACT_FAILED
                   : HAUL_CONTACT_MADE;
    case HAUL_REASON_NO_MEMORY:
    case HAUL_REASON_NO_RESOURCE:
    case HAUL_REASON_ADDRESS:
        return HAUL_CONTACT_UNKNOWN;
    default:
        return HAUL_CONTACT_MADE;
    }
}

static int64_t setup_time_us(const struct haul_transfer *t)
{
    return t->at_home && is_https(t) && info_long(t, CURLINFO_NUM_CONNECTS)
               ? info_us(t, CURLINFO_APPCONNECT_TIME_T)
               : 0;
}

static void note_origin(struct haul_transfer *t, enum haul_reason reason)
{
    const struct haul_response *res = &t->response;
    bool throttled = res->status == 429 || res->status == 503;
    int64_t wait_s =
        throttled ? haul_response_retry_after_s(res, haul_clock_wall_us() / 1000000) : -1;
    int64_t setup_us = setup_time_us(t);

    t->job->attempt = (struct haul_attempt){.contact = contact_of(t, reason),
                                            .setup_us = setup_us,
                                            .work_us = haul_clock_us() - t->hop_begun_us - setup_us,
                                            .throttled = throttled && t->at_home,
                                            .elsewhere = !t->at_home,
                                            .pause_us = wait_s > 0 ? wait_s * 1000000 : 0};
}

static const char *version_text(int version)
{
    switch (version) {
    case 10:
        return "1.0";
    case 11:
        return "1.1";
    case 20:
        return "2";
    case 30:
        return "3";
    default:
        return NULL;
    }
}

/*
 * A moment of the last hop, counted from the start of the attempt, as curl's are after redirects;
 * -1 if it never came, of which libcurl says 0.
 */
static int64_t moment_us(const struct haul_transfer *t, CURLINFO info)
{
    int64_t in_hop = info_us(t, info);

    return in_hop ? t->hop_begun_us - t->begun_us + in_hop : -1;
}

/* libcurl also notes the moment at which a connection ended instead of an answer. */
static int64_t answered_us(const struct haul_transfer *t, CURLcode code)
{
    return code == CURLE_GOT_NOTHING ? -1 : moment_us(t, CURLINFO_STARTTRANSFER_TIME_T);
}

static void record_times(const struct haul_transfer *t, struct haul_record *rec, CURLcode code)
{
    rec->time_redirect_us = t->redirects ? t->hop_begun_us - t->begun_us : 0;
    rec->time_namelookup_us = moment_us(t, CURLINFO_NAMELOOKUP_TIME_T);
    rec->time_connect_us = moment_us(t, CURLINFO_CONNECT_TIME_T);
    rec->time_appconnect_us = moment_us(t, CURLINFO_APPCONNECT_TIME_T);
    rec->time_pretransfer_us = moment_us(t, CURLINFO_PRETRANSFER_TIME_T);
    rec->time_starttransfer_us = answered_us(t, code);
    rec->time_total_us = haul_clock_us() - t->begun_us;
}

static void record_sizes(const struct haul_transfer *t, struct haul_record *rec)
{
    const struct haul_response *res = &t->response;

    rec->http_code = res->status;
    rec->http_version = version_text(res->version);
    rec->num_headers = res->fields;
    rec->content_length = res->content_length;
    rec->size_download = res->wire_bytes;
    rec->size_body = t->decoding ? t->decoder.size_body + offset_of(t) : 0;
    rec->size_header = t->header_bytes + res->header_bytes;
    rec->size_request = t->request_bytes + info_long(t, CURLINFO_REQUEST_SIZE);
    rec->num_redirects = t->redirects;
    rec->num_connects = t->connects;
    rec->ssl_verify_result = info_long(t, CURLINFO_SSL_VERIFYRESULT);
    rec->remote_port = (int)info_long(t, CURLINFO_PRIMARY_PORT);
}

static const char *text_or_null(const char *text)
{
    return text && text[0] ? text : NULL;
}

/*
 * libcurl's words for a failure. Of a proxy that it cannot use it tells the URL, password and all.
 */
static const char *curl_message(const struct haul_transfer *t, CURLcode code)
{
    if (strstr(t->error, "Unsupported proxy"))
        return "the URL of the proxy cannot be used";
    return t->error[0] ? t->error : curl_easy_strerror(code);
}

/* What went wrong in words: libcurl's own if it found the fault, else the reason's. */
static const char *message_of(const struct haul_transfer *t, const struct haul_record *rec,
                              CURLcode code)
{
    if (rec->reason == HAUL_REASON_NONE || rec->reason == HAUL_REASON_HTTP_STATUS)
        return NULL;
    if (haul_body_message(&t->body))
        return haul_body_message(&t->body);
    if (t->cut == HAUL_REASON_NONE && code != CURLE_OK && rec->reason != HAUL_REASON_ADDRESS)
        return curl_message(t, code);
    return haul_reason_text(rec->reason);
}

/* The URL of the last hop, for the record. */
static const char *shown_url(struct haul_transfer *t)
{
    if (!t->env->net->redactor)
        return haul_buf_str(&t->url);
    haul_buf_clear(&t->shown);
    haul_redactor_apply(t->env->net->redactor, haul_buf_str(&t->url), t->url.len, &t->shown);
    return t->shown.err ? NULL : haul_buf_str(&t->shown);
}

/* A 304 need not repeat them (RFC 9110, 15.4.5); the run after this one asks with them again. */
static void keep_validators(const struct haul_job_validators *validators, struct haul_record *text)
{
    if (!text->etag)
        text->etag = validators->etag;
    if (!text->last_modified)
        text->last_modified = validators->modified;
}

/* A 206 need not repeat what the answer said whose beginning is left (RFC 9110, 15.3.7). */
static void keep_part(const struct haul_part *part, struct haul_record *text)
{
    if (!text->etag)
        text->etag = text_or_null(part->etag);
    if (!text->last_modified)
        text->last_modified = text_or_null(part->last_modified);
    if (!text->content_type)
        text->content_type = text_or_null(part->content_type);
}

static void record_text(struct haul_transfer *t, CURLcode code)
{
    struct haul_record text = {.url_effective = shown_url(t),
                               .content_type = text_or_null(t->response.content_type),
                               .etag = text_or_null(t->response.etag),
                               .last_modified = text_or_null(t->response.last_modified),
                               .filename_effective =
                                   t->is_there ? t->job->name : haul_body_name(&t->body),
                               .md5 = haul_body_hex(&t->body, HAUL_HASH_MD5),
                               .sha1 = haul_body_hex(&t->body, HAUL_HASH_SHA1),
                               .sha256 = haul_body_hex(&t->body, HAUL_HASH_SHA256),
                               .sha512 = haul_body_hex(&t->body, HAUL_HASH_SHA512),
                               .errormsg = message_of(t, &t->job->rec, code)};
    char *ip = NULL;

    if (t->job->rec.outcome == HAUL_OUTCOME_UNCHANGED)
        keep_validators(t->job->validators, &text);
    if (is_continuation(t))
        keep_part(&t->part, &text);
    if (curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK)
        text.remote_ip = text_or_null(ip);
    haul_job_keep_text(t->job, &text);
}

static const char *last_modified(const struct haul_transfer *t)
{
    return is_continuation(t) ? t->part.last_modified : t->response.last_modified;
}

/* Whether all that came until then is as good as ever. */
static bool is_only_cut(enum haul_reason reason)
{
    switch (reason) {
    case HAUL_REASON_TRUNCATED:
    case HAUL_REASON_TIMEOUT:
    case HAUL_REASON_STALL:
    case HAUL_REASON_RESET:
    case HAUL_REASON_STOPPED:
    case HAUL_REASON_DISK_FULL:
        return true;
    default:
        return false;
    }
}

static void give_up_body(struct haul_transfer *t, const struct haul_verdict *verdict)
{
    const struct haul_body_plan plan = plan_body(t);
    bool keeps = t->config->continues && verdict->outcome == HAUL_OUTCOME_FAILED;

    if (!t->body.is_begun && !keeps)
        haul_body_sweep(&t->body, &plan);
    if (keeps && is_only_cut(verdict->reason))
        haul_body_leave(&t->body);
    else
        haul_body_discard(&t->body);
}

/* The verdict stands if what is whole can be saved, too. */
static void settle_body(struct haul_transfer *t, struct haul_verdict *verdict)
{
    const struct haul_body_plan plan = plan_body(t);
    enum haul_reason reason = HAUL_REASON_NONE;

    if (verdict->outcome != HAUL_OUTCOME_OK) {
        give_up_body(t, verdict);
        return;
    }
    if (!t->body.is_begun && wants_body(t, &plan)) /* it is empty */
        reason = begin_saving(t, &plan);
    if (reason == HAUL_REASON_NONE && t->body.is_begun)
        reason = haul_body_publish(&t->body, last_modified(t));
    if (reason != HAUL_REASON_NONE)
        *verdict = (struct haul_verdict){.outcome = HAUL_OUTCOME_FAILED, .reason = reason};
}

/* Of what is there already, nothing needs to have come. */
static void skip_body(const struct haul_transfer *t, struct haul_record *rec)
{
    rec->outcome = HAUL_OUTCOME_SKIPPED;
    rec->reason = HAUL_REASON_EXISTS;
    rec->verified = false;
    rec->size_body = whole_size(t);
}

/* Where the size came from; and one that was only told proves nothing about a body. */
static void record_size_method(const struct haul_transfer *t, int64_t told)
{
    struct haul_record *rec = &t->job->rec;

    rec->size_method = NULL;
    if (t->job->step == HAUL_STEP_HEAD || told >= 0) {
        rec->verified = false;
        rec->size_body = told;
    }
    if (rec->outcome != HAUL_OUTCOME_OK || rec->size_body < 0)
        return;
    rec->size_method = told < 0 ? "get" : t->job->step == HAUL_STEP_HEAD ? "head" : "range";
}

/* What a step came to, if it is one of several: the size that it told, or the next one. */
static int64_t evaluate_step(struct haul_transfer *t, const struct haul_verdict *verdict)
{
    struct haul_job *job = t->job;
    struct haul_size_probe probe;

    if (job->step == HAUL_STEP_HEAD && t->config->method == HAUL_METHOD_HEAD)
        return haul_size_probe_head_size(&t->response);
    probe = haul_size_probe_evaluate(job->step, &t->response, verdict);
    job->goes_on = !probe.over;
    if (!job->goes_on)
        return probe.size;
    job->step = probe.next;
    job->spent_us += haul_clock_us() - t->begun_us;
    if (job->rec.outcome == HAUL_OUTCOME_OK) {
        job->rec.outcome = HAUL_OUTCOME_FAILED;
        job->rec.reason = HAUL_REASON_HOST_DOWN;
    }
    return -1;
}

static void finish_attempt(struct haul_transfer *t, CURLcode code, enum haul_reason reason)
{
    struct haul_record *rec = &t->job->rec;
    const struct haul_transfer_end end = {.reason = reason,
                                          .decode = t->decoding ? haul_decoder_end(&t->decoder)
                                                                : HAUL_REASON_NONE,
                                          .http2 = is_multiplexed(t),
                                          .blurred = t->env->net->blurs_end};
    struct haul_verdict verdict = haul_verdict(&t->response, &end, &t->config->accept);

    if (!t->is_there)
        settle_body(t, &verdict);
    rec->outcome = verdict.outcome;
    rec->reason = verdict.reason;
    rec->verified = verdict.verified;
    rec->exitcode = (int)code;
    rec->method = t->job->step == HAUL_STEP_HEAD ? "HEAD" : "GET";
    record_sizes(t, rec);
    record_size_method(t, evaluate_step(t, &verdict));
    if (t->is_there)
        skip_body(t, rec);
    if (verdict.outcome == HAUL_OUTCOME_UNCHANGED)
        rec->size_body = t->job->validators->size;
    record_times(t, rec, code);
    record_text(t, code);
    note_origin(t, verdict.reason);
}

/* Sets t->url to where the redirect leads. NONE, or why it is not followed. */
static enum haul_reason find_next_hop(struct haul_transfer *t)
{
    const char *location = haul_response_location(&t->response);
    bool was_https = is_https(t);
    struct haul_url next;
    enum haul_reason reason;

    if (t->redirects >= t->config->max_redirs)
        return HAUL_REASON_REDIRECTS;
    reason = haul_url_join(t->env->urls, haul_buf_str(&t->url), location, strlen(location), &next);
    if (reason == HAUL_REASON_SCHEME || reason == HAUL_REASON_NO_MEMORY)
        return reason;
    if (reason != HAUL_REASON_NONE)
        return HAUL_REASON_BAD_REDIRECT;
    if (was_https && !next.is_https && !t->config->allow_downgrade)
        return HAUL_REASON_DOWNGRADE;
    haul_buf_clear(&t->url);
    haul_buf_add(&t->url, next.url, next.url_len);
    t->at_home = haul_url_same_origin(t->job->url, next.url);
    t->route = route_of(t, next.origin);
    t->redirects++;
    return HAUL_REASON_NONE;
}

/*
 * Where libcurl has asked again by itself, its words still tell of the connection that died, and
 * for some faults of an answer only the words say which it was. Out of time is out of time.
 */
static bool has_stale_words(const struct haul_transfer *t, enum haul_reason reason)
{
    return t->asked_again && t->cut == HAUL_REASON_NONE && !t->lost && t->error[0] &&
           reason != HAUL_REASON_NONE && reason != HAUL_REASON_TIMEOUT &&
           reason != HAUL_REASON_STALL;
}

/*
 * libcurl repeats a request by itself where its connection died, and counts that over the life of
 * the handle: the sixth time it gives up, though the first may have been a thousand URLs ago, and
 * begins to count anew. That says nothing about this URL, which is asked for once more.
 */
static bool has_lost_count(const struct haul_transfer *t)
{
    return !t->recounts && t->code == CURLE_SEND_ERROR && strstr(t->error, "tried 5 times");
}

/*
 * What comes over a reused connection may be meant for an earlier request: the end of a connection
 * that the server had given up, the rest of an answer that was longer than it said, or a late 408.
 * It says nothing about this URL, which is asked for once more on a fresh connection.
 */
static bool deserves_second_try(const struct haul_transfer *t, enum haul_reason reason)
{
    if (has_lost_count(t))
        return true;
    if (t->second_try)
        return false;
    if (has_stale_words(t, reason) || t->cut_off)
        return true;
    if (info_long(t, CURLINFO_NUM_CONNECTS))
        return false;
    if (t->stale || t->doubtful)
        return true;
    return !t->response.header_bytes &&
           (reason == HAUL_REASON_RESET || reason == HAUL_REASON_EMPTY_REPLY ||
            reason == HAUL_REASON_PROTOCOL || reason == HAUL_REASON_TRUNCATED);
}

/*
 * The rest of a body is of no use: what the server calls the rest does not fit, or it says that
 * there is none. Then all of it is asked for, in the same attempt.
 */
static bool must_start_anew(const struct haul_transfer *t, enum haul_reason reason)
{
    return t->offset && !t->starts_anew &&
           (reason == HAUL_REASON_BAD_RANGE ||
            (t->response.status == 416 && haul_response_is_complete(&t->response)));
}

bool haul_transfer_awaits(struct haul_transfer *t, bool is_last)
{
    enum haul_fate fate;

    if (!t->awaits)
        return false;
    fate = haul_sockets_fate(t->env->sockets, t->connection, &t->mark);
    if (fate == HAUL_FATE_OPEN && !is_last)
        return true;
    t->cut_off = fate != HAUL_FATE_WORKS;
    t->awaits = false;
    return false;
}

CURLcode haul_transfer_code(const struct haul_transfer *t)
{
    return t->code;
}

bool haul_transfer_end_hop(struct haul_transfer *t, CURLcode code)
{
    enum haul_reason reason = end_reason(t, code);

    t->job->received += t->response.wire_bytes;
    t->connects += (int)info_long(t, CURLINFO_NUM_CONNECTS);
    if (must_start_anew(t, reason)) {
        t->starts_anew = true;
        begin_hop(t);
        return true;
    }
    if (deserves_second_try(t, reason)) {
        t->recounts = t->second_try;
        t->second_try = true;
        begin_hop(t);
        return true;
    }
    if (reason == HAUL_REASON_NONE && is_followed(t)) {
        int64_t header_bytes = t->response.header_bytes;

        reason = find_next_hop(t);
        if (reason == HAUL_REASON_NONE) {
            t->header_bytes += header_bytes;
            t->request_bytes += info_long(t, CURLINFO_REQUEST_SIZE);
            t->second_try = t->recounts = false;
            begin_hop(t);
            return true;
        }
        t->cut = reason;
    }
    finish_attempt(t, code, reason);
    return false;
}

void haul_transfer_abandon(struct haul_transfer *t)
{
    struct haul_record *rec = &t->job->rec;

    t->job->received += t->response.wire_bytes;
    t->connects += (int)info_long(t, CURLINFO_NUM_CONNECTS);
    t->cut = HAUL_REASON_STOPPED;
    finish_attempt(t, CURLE_ABORTED_BY_CALLBACK, HAUL_REASON_STOPPED);
    t->job->goes_on = false;
    rec->outcome = HAUL_OUTCOME_PENDING;
    rec->reason = HAUL_REASON_STOPPED;
    rec->verified = false;
    t->job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_UNKNOWN};
}

struct haul_job *haul_transfer_take_job(struct haul_transfer *t)
{
    struct haul_job *job = t->job;

    t->job = NULL;
    return job;
}
