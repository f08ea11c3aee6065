#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "model/identity.h"
#include "model/netrc.h"
#include "model/notice.h"
#include "model/secret_field.h"
#include "model/url_parts.h"
#include "transfer/transfer_inside.h"

/* ---- fields ---- */

static void add_field(struct haul_transfer *t, const char *name, const char *value)
{
    struct haul_buf *out = &t->fields;

    haul_buf_add_str(out, name);
    haul_buf_add(out, ": ", 2);
    haul_buf_add_str(out, value);
    haul_buf_add(out, "\r\n", 2);
}

/* "Name:" takes the field out, "Name;" sends it without a value (http/field.h). There is one Host
 * and one Cookie, with what haul has to say in it. */
static void add_own(struct haul_transfer *t, const char *field, enum haul_own_source source)
{
    size_t len = haul_transfer_own_name(field);
    const struct haul_span name = {field, len};
    const char *value = field + len + (field[len] != '\0');
    bool has_value = value[strspn(value, " \t")] != '\0';

    if (source == HAUL_OWN_FOR_ANY && has_value && haul_secret_field_is_credential(field))
        t->fixed.has_credential = true;
    if (haul_span_is_word(name, "Host") || haul_span_is_word(name, "Cookie") ||
        (field[len] == ':' && !has_value))
        return;
    haul_buf_add(&t->fields, field, len);
    haul_buf_add_char(&t->fields, ':');
    haul_buf_add_str(&t->fields, value);
    haul_buf_add(&t->fields, "\r\n", 2);
}

/* One of haul's, unless the user has his own. */
static void add_default(struct haul_transfer *t, const struct haul_own_fields *from,
                        const char *name, const char *value)
{
    if (value && !haul_transfer_find_own(from, name))
        add_field(t, name, value);
}

static const char no_coding[] = "identity", all_codings[] = HAUL_DECODE_ACCEPT_ENCODING;

/*
 * For a size that is only told, no coding is asked for: it would be the size of the coded body. Nor
 * for the rest of a body that came without, or for a file that is packed already.
 */
static const char *accepted_codings(const struct haul_transfer *t)
{
    if (t->job->step != HAUL_STEP_GET || t->hop.offset || !t->config->compressed ||
        t->attempt.asks_plain || t->hop.packed)
        return no_coding;
    return all_codings;
}

/*
 * The configuration's headers, general ones and those for a host, and the list's go to the origin
 * of the job's own URL and no other, and not there if the job is foreign.
 */
static void write_fixed(struct haul_transfer *t)
{
    struct haul_fixed_fields *fixed = &t->fixed;
    const char *coding = accepted_codings(t);
    bool is_trusted = haul_transfer_is_trusted(t);
    struct haul_own_fields from;

    t->hop.offers = coding == all_codings;
    if (fixed->is_known && !t->fields.err && fixed->is_trusted == is_trusted &&
        fixed->coding == coding && !t->attempt.varies) {
        haul_buf_cut(&t->fields, fixed->len);
        return;
    }
    from = haul_transfer_own_fields(t);
    fixed->has_credential = false;
    haul_buf_clear(&t->fields);
    add_default(t, &from, "Accept", "*/*");
    add_default(t, &from, "Accept-Encoding", coding);
    add_default(t, &from, "User-Agent",
                is_trusted ? t->attempt.host.user_agent : t->config->user_agent);
    add_default(t, &from, "Referer", from.list ? from.list->referer : NULL);
    haul_transfer_each_own(t, add_own);
    *fixed = (struct haul_fixed_fields){.is_known = !t->attempt.varies && !t->fields.err,
                                        .is_trusted = is_trusted,
                                        .coding = coding,
                                        .has_credential = fixed->has_credential,
                                        .len = t->fields.len};
}

/* ---- credentials ---- */

static void add_basic(struct haul_transfer *t, const char *text, size_t len)
{
    haul_buf_add_str(&t->fields, "Authorization: Basic ");
    haul_base64_add(&t->fields, text, len);
    haul_buf_add(&t->fields, "\r\n", 2);
}

static void add_user(struct haul_transfer *t, const char *user, const char *password)
{
    struct haul_buf both;

    haul_buf_init(&both, 0);
    haul_buf_add_str(&both, user);
    haul_buf_add_char(&both, ':');
    haul_buf_add_str(&both, password ? password : "");
    if (both.err)
        t->fields.err = both.err;
    else
        add_basic(t, both.data, both.len);
    haul_wipe(both.data, both.cap);
    haul_buf_done(&both);
}

/* Of the user's file, for the host of this hop and the name that its URL has, or NULL. */
static const struct haul_netrc_login *netrc_of(const struct haul_transfer *t, const char *user)
{
    const char *url = haul_buf_str(&t->url);

    if (!t->config->netrc_count)
        return NULL;
    return haul_netrc_find(t->config, haul_url_parts_of(url, t->url.len).host, user,
                           t->attempt.at_home && haul_transfer_named_by(t) == HAUL_NAMED_BY_USER);
}

/* A name without a password may have one in the file. */
static void add_own_user(struct haul_transfer *t)
{
    const struct haul_netrc_login *login = t->job->password ? NULL : netrc_of(t, t->job->user);

    if (login) {
        t->hop.has_credential = true;
        haul_transfer_note_login(t, login);
    }
    add_user(t, t->job->user, login ? login->password : t->job->password);
}

/* Somebody else has led there: over plain http, anybody on the way to any page could collect the
 * login of any host that the file has. */
static bool is_lured(const struct haul_transfer *t)
{
    return !t->attempt.at_home && haul_transfer_is_readable(t);
}

static void add_netrc(struct haul_transfer *t)
{
    const struct haul_netrc_login *login = netrc_of(t, NULL);

    if (!login)
        return;
    haul_transfer_note_login(t, login); /* it may be known there all the same */
    if (is_lured(t))
        return;
    t->hop.has_credential = true;
    add_user(t, login->login, login->password);
}

/* Of --user, or a section for the host. */
static void add_general(struct haul_transfer *t, const char *user)
{
    if (!t->attempt.host.is_user_for_http)
        t->hop.has_credential = true;
    if (strchr(user, ':'))
        add_basic(t, user, strlen(user));
    else
        add_user(t, user, NULL);
}

/*
 * Userinfo of the URL itself goes before what the list says, that before --user, and that before
 * what a netrc file says of the host. None but the last goes elsewhere: even the credentials that a
 * rule names for that host are not sent, for whoever redirects there would act in the user's name.
 * With --netrc he wants what curl does: each host on the way gets its own entry, though never the
 * default one, and none that others could read. Where he has not even named the first one, nobody
 * gets anything.
 */
static void add_credentials(struct haul_transfer *t)
{
    const struct haul_entry_options *options = haul_job_options_to_send(t->job);
    const struct haul_own_fields from = haul_transfer_own_fields(t);
    const char *general = t->attempt.host.user;

    if (haul_transfer_named_by(t) == HAUL_NAMED_BY_STRANGER ||
        haul_transfer_find_own(&from, "Authorization"))
        return;
    if (!t->attempt.at_home) {
        add_netrc(t);
        return;
    }
    if (t->job->user)
        add_own_user(t);
    else if (options && options->user)
        add_user(t, options->user, options->password);
    else if (general)
        add_general(t, general);
    else
        add_netrc(t);
}

/* What the user has named for no way in particular goes where others may read it. */
static void note_exposure(struct haul_transfer *t)
{
    if (t->hop.has_credential && haul_transfer_is_readable(t))
        haul_notice_add(&t->notices, HAUL_NOTICE_EXPOSED, haul_transfer_origin(t));
}

/* ---- conditions and ranges ---- */

/* The server of this hop is asked only for what has changed (RFC 9110, 13.1). */
static bool is_conditional(const struct haul_transfer *t)
{
    const struct haul_job_validators *validators = t->job->validators;

    return validators &&
           haul_identity_is_same(&t->config->ignore_params, validators->url,
                                 haul_buf_str(&t->url)) &&
           ((t->config->etags && validators->etag) ||
            (t->config->timestamping && validators->modified));
}

static void add_conditions(struct haul_transfer *t)
{
    const struct haul_job_validators *validators = t->job->validators;

    if (!is_conditional(t))
        return;
    if (t->config->etags && validators->etag)
        add_field(t, "If-None-Match", validators->etag);
    if (t->config->timestamping && validators->modified)
        add_field(t, "If-Modified-Since", validators->modified);
}

/* Only what follows on the bytes that are left is asked for, and only of the same body. */
static void add_range(struct haul_transfer *t)
{
    if (t->hop.offset) {
        haul_buf_addf(&t->fields, "Range: bytes=%lld-\r\n", (long long)t->hop.offset);
        if (haul_part_validator(&t->hop.part))
            add_field(t, "If-Range", haul_part_validator(&t->hop.part));
    } else if (t->job->step == HAUL_STEP_RANGE) {
        add_field(t, "Range", "bytes=0-0");
    }
}

static struct haul_request_facts request_facts(const struct haul_transfer *t)
{
    enum haul_step step = t->job->step;
    int64_t offset = t->hop.offset;

    return (struct haul_request_facts){.head = step == HAUL_STEP_HEAD,
                                       .range = step == HAUL_STEP_RANGE || offset,
                                       .cookies = t->config->cookies,
                                       .range_probe = step == HAUL_STEP_RANGE,
                                       .validator = is_conditional(t),
                                       .range_start = offset,
                                       .range_total = offset ? t->hop.part.total : -1,
                                       .coding = t->attempt.rule,
                                       .packed = t->hop.packed};
}

/* ---- the exchange ---- */

/* What Host says: the URL's, or what the user has written instead. */
static const char *authority_of(struct haul_transfer *t)
{
    const struct haul_own_fields from = haul_transfer_own_fields(t);
    const char *own = haul_transfer_find_own(&from, "Host");
    const char *host = strstr(haul_buf_str(&t->url), "://") + strlen("://");

    haul_buf_clear(&t->authority);
    if (own) {
        own += haul_transfer_own_name(own) + 1;
        haul_buf_add_str(&t->authority, own + strspn(own, " \t"));
    }
    if (!t->authority.len)
        haul_buf_add(&t->authority, host, strcspn(host, "/?"));
    return haul_buf_str(&t->authority);
}

/* NULL: the name is none of those that end with a dot. */
static const char *looked_up_of(struct haul_transfer *t)
{
    const struct haul_span host = haul_url_parts_of(haul_buf_str(&t->url), t->url.len).host;
    const char *origin = haul_transfer_origin(t), *port = strrchr(origin, ':');

    if (!port || haul_host_without_dot(host).len == host.len)
        return NULL;
    haul_buf_clear(&t->looked_up);
    haul_buf_add(&t->looked_up, origin, (size_t)(port - origin));
    haul_buf_add_char(&t->looked_up, '.');
    haul_buf_add_str(&t->looked_up, port);
    return haul_buf_str(&t->looked_up);
}

int64_t haul_transfer_until_us(const struct haul_transfer *t)
{
    int64_t max_us = t->attempt.host.max_time_ms * 1000;

    if (!max_us)
        return HAUL_CLOCK_NEVER;
    return t->attempt.begun_us + (max_us > t->job->spent_us ? max_us - t->job->spent_us : 0);
}

/* Limits are those of the job's own origin, or the list's, on the whole way. */
static struct haul_exchange_limits limits_of(const struct haul_transfer *t)
{
    const struct haul_host_settings *host = &t->attempt.host;

    return (struct haul_exchange_limits){.connect_timeout_ms = host->connect_timeout_ms,
                                         .until_us = haul_transfer_until_us(t),
                                         .speed_limit = host->speed_limit,
                                         .speed_time_s = host->speed_time_s};
}

/* A certificate is a credential, too. */
static struct haul_client_cert cert_of(const struct haul_transfer *t)
{
    const struct haul_host_settings *host = &t->attempt.host;

    if (!haul_transfer_is_trusted(t))
        return (struct haul_client_cert){NULL, NULL, NULL};
    return (struct haul_client_cert){host->cert, host->key, host->key_pass};
}

/* Politeness is for the host that is asked, wherever the way began. */
static int64_t limit_rate_of(const struct haul_transfer *t)
{
    struct haul_host_settings host;

    if (t->attempt.at_home || !t->config->host_rule_count)
        return t->attempt.host.limit_rate;
    haul_host_find_settings(t->config, haul_buf_str(&t->origin), &host);
    return host.limit_rate;
}

bool haul_transfer_ask(struct haul_transfer *t)
{
    const struct haul_request_facts facts = request_facts(t);
    struct haul_exchange *x = &t->exchange;

    haul_response_begin(&t->response, &facts, NULL);
    write_fixed(t);
    t->hop.has_credential = t->fixed.has_credential;
    haul_transfer_add_cookies(t);
    add_credentials(t);
    note_exposure(t);
    add_range(t);
    add_conditions(t);
    x->request = (struct haul_request){.method = t->job->step == HAUL_STEP_HEAD ? "HEAD" : "GET",
                                       .url = haul_buf_str(&t->url),
                                       .origin = haul_transfer_origin(t),
                                       .looked_up = looked_up_of(t),
                                       .authority = authority_of(t),
                                       .fields = &t->fields};
    x->limits = limits_of(t);
    x->cert = cert_of(t);
    x->limit_rate = limit_rate_of(t);
    return !t->fields.err && !t->authority.err && !t->looked_up.err;
}
