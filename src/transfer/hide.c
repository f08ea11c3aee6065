#include <string.h>

#include "base/base64.h"
#include "base/span.h"
#include "base/wipe.h"
#include "http/cookie.h"
#include "model/host.h"
#include "model/netrc.h"
#include "model/notice.h"
#include "model/secret_field.h"
#include "model/url_parts.h"
#include "transfer/transfer_inside.h"
#include "wire/common.h"

/*
 * What a server says may hold what it was sent: the token of the URL as an ETag, the password in
 * the path that it redirects to. What --redact hides in any URL that was asked for the job, at
 * other mirrors and hops and in earlier attempts too, and credentials, are so looked for in all
 * that becomes a record's text. So is what answers have set as cookies, if it is as long as what
 * somebody could be known by: "english" would be found where it says something else.
 */
enum { COOKIE_SECRET_MIN = 16 };

/* ---- what was sent ---- */

static void learn(struct haul_transfer *t, const char *text)
{
    if (text)
        haul_redactor_secrets_add(&t->secrets, text, strlen(text));
}

/* A password, and the login as it is sent. */
static void learn_login(struct haul_transfer *t, const char *user, const char *password)
{
    struct haul_buf both, sent;

    if (!user)
        return;
    learn(t, password);
    haul_buf_init(&both, 0);
    haul_buf_init(&sent, 0);
    haul_buf_addf(&both, "%s:%s", user, password ? password : "");
    haul_base64_add(&sent, haul_buf_str(&both), both.len);
    learn(t, haul_buf_str(&sent));
    if (both.err || sent.err)
        t->secrets.values.err = HAUL_ERR_NOMEM;
    haul_wipe(both.data, both.cap);
    haul_wipe(sent.data, sent.cap);
    haul_buf_done(&both);
    haul_buf_done(&sent);
}

/* "NAME:PASSWORD", as --user has it. */
static void learn_user(struct haul_transfer *t, const char *text)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    struct haul_buf name;

    if (!colon)
        return;
    haul_buf_init(&name, 0);
    haul_buf_add(&name, text, (size_t)(colon - text));
    learn_login(t, haul_buf_str(&name), colon + 1);
    if (name.err)
        t->secrets.values.err = HAUL_ERR_NOMEM;
    haul_buf_done(&name);
}

/* What "Basic BASE64" says is "NAME:PASSWORD". */
static void learn_basic(struct haul_transfer *t, struct haul_span value)
{
    struct haul_span scheme;
    struct haul_buf both;
    const char *colon;

    if (!haul_span_take_before(&value, ' ', &scheme) || !haul_span_is_word(scheme, "Basic"))
        return;
    value = haul_span_trim(value);
    haul_buf_init(&both, 0);
    if (haul_base64_undo(&both, value.at, value.len)) {
        colon = strchr(haul_buf_str(&both), ':');
        learn(t, colon ? colon + 1 : NULL);
    }
    if (both.err)
        t->secrets.values.err = HAUL_ERR_NOMEM;
    haul_wipe(both.data, both.cap);
    haul_buf_done(&both);
}

/* Of a field that is a credential, the value: what stands behind "Bearer ", each cookie's. */
static void learn_field(struct haul_transfer *t, const char *field)
{
    struct haul_span value = haul_span_of(field), name;

    haul_redactor_secrets_learn(&t->secrets, t->env->net->redactor, field, strlen(field));
    if (!haul_secret_field_is_credential(field) || !haul_span_take_before(&value, ':', &name))
        return;
    value = haul_span_trim(value);
    if (!haul_span_is_word(haul_span_trim(name), "Cookie"))
        haul_redactor_secrets_add(&t->secrets, value.at, value.len);
    haul_redactor_secrets_add_parts(&t->secrets, value.at, value.len, true);
    learn_basic(t, value);
}

/* It sees what it is sent like any server, and answers in its place. */
static void learn_proxy(struct haul_transfer *t, const char *origin)
{
    const struct haul_span line = haul_wire_proxy_field(t->env->net->wire, origin);
    struct haul_buf field;

    if (!line.len)
        return;
    haul_buf_init(&field, 0);
    haul_buf_add(&field, line.at, line.len);
    learn_field(t, haul_buf_str(&field));
    if (field.err)
        t->secrets.values.err = HAUL_ERR_NOMEM;
    haul_wipe(field.data, field.cap);
    haul_buf_done(&field);
}

static void learn_fields(struct haul_transfer *t, const struct haul_strings *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        learn_field(t, fields->item[i]);
}

static void learn_options(struct haul_transfer *t, const struct haul_entry_options *options)
{
    learn_login(t, options->user, options->password);
    for (size_t i = 0; i < options->header_count; i++)
        learn_field(t, options->headers[i]);
    if (options->referer)
        haul_redactor_secrets_learn(&t->secrets, t->env->net->redactor, options->referer,
                                    strlen(options->referer));
}

/* As in a field Cookie of the user's: each value, and its parts. */
static void learn_cookie(struct haul_transfer *t, const struct haul_cookie *cookie)
{
    struct haul_buf pair;

    haul_buf_init(&pair, 0);
    haul_buf_addf(&pair, "%s=%s", cookie->name, cookie->value);
    haul_redactor_secrets_add_parts(&t->secrets, haul_buf_str(&pair), pair.len, true);
    if (pair.err)
        t->secrets.values.err = HAUL_ERR_NOMEM;
    haul_wipe(pair.data, pair.cap);
    haul_buf_done(&pair);
}

static size_t count_of(const struct haul_buf *sent)
{
    return sent->len / sizeof(void *);
}

static const void *sent_at(const struct haul_buf *sent, size_t i)
{
    const void *found;

    memcpy(&found, sent->data + i * sizeof found, sizeof found);
    return found;
}

/* Of the user's files. */
static void learn_sent(struct haul_transfer *t)
{
    const struct haul_buf *cookies = &t->job->sent_cookies, *logins = &t->job->sent_logins;

    for (size_t i = 0; i < count_of(cookies); i++)
        learn_cookie(t, sent_at(cookies, i));
    for (size_t i = 0; i < count_of(logins); i++) {
        const struct haul_netrc_login *login = sent_at(logins, i);

        learn_login(t, login->login, login->password);
    }
    if (cookies->err || logins->err)
        t->secrets.values.err = cookies->err ? cookies->err : logins->err;
}

/* What is sent with one URL of the entry, beyond what is in it. */
static void learn_sent_with(struct haul_transfer *t, const struct haul_mirror *mirror)
{
    struct haul_host_settings host;

    learn_login(t, mirror->user, mirror->password);
    learn_proxy(t, mirror->origin);
    haul_host_find_settings(t->config, mirror->origin, &host);
    learn_user(t, host.user);
    if (host.headers >= 0)
        learn_fields(t, &t->config->host_rule[host.headers].headers);
}

/* Of the jar as it is now: what a server has replaced there, it has made void. */
static void learn_jar(struct haul_transfer *t, const struct haul_cookie_jar *jar)
{
    for (size_t i = 0; jar && i < jar->count; i++)
        if (strlen(jar->cookie[i]->value) >= COOKIE_SECRET_MIN)
            learn(t, jar->cookie[i]->value);
}

/* All that may have been sent for the job, at whichever mirror and hop, in whichever attempt. */
static void learn_all(struct haul_transfer *t)
{
    const struct haul_job *job = t->job;
    const struct haul_asked asked = haul_job_asked(job);

    haul_redactor_secrets_begin(&t->secrets, job->url);
    haul_asked_learn(&asked, t->env->net->redactor, &t->secrets);
    learn_sent_with(t, &job->own);
    for (size_t i = 0; i < job->mirror; i++)
        learn_sent_with(t, &job->options->mirrors[i]);
    if (!t->attempt.at_home && t->origin.len)
        learn_proxy(t, haul_buf_str(&t->origin));
    if (job->options)
        learn_options(t, job->options);
    learn_fields(t, &t->config->headers);
    learn_jar(t, job->jar);
    learn_sent(t);
    if (job->given)
        haul_redactor_secrets_add_all(&t->secrets, job->given);
}

/* Who reads the body looks for the same in it. */
static void tell_reader(struct haul_transfer *t, const struct haul_job_body *body)
{
    if (body && body->sent) {
        haul_redactor_secrets_begin(body->sent, NULL);
        haul_redactor_secrets_add_all(body->sent, &t->secrets);
    }
    if (body && body->effective) {
        haul_buf_clear(body->effective);
        haul_buf_add(body->effective, t->url.data, t->url.len);
    }
}

static void note_sent(struct haul_buf *sent, const void *entry)
{
    for (size_t i = 0; i < count_of(sent); i++)
        if (sent_at(sent, i) == entry)
            return;
    haul_buf_add(sent, &entry, sizeof entry);
}

void haul_transfer_note_cookies(struct haul_transfer *t, const struct haul_cookies_sent *sent)
{
    for (size_t i = 0; i < sent->count; i++)
        note_sent(&t->job->sent_cookies, sent->cookie[i]);
}

void haul_transfer_note_login(struct haul_transfer *t, const struct haul_netrc_login *login)
{
    note_sent(&t->job->sent_logins, login);
}

void haul_transfer_note_asked(struct haul_transfer *t)
{
    haul_asked_note(&t->job->hops, t->env->net->redactor, haul_buf_str(&t->url), &t->shown);
}

/* ---- what came back ---- */

static void hide(struct haul_transfer *t, const struct haul_redactor_secrets *secrets,
                 const char *text)
{
    if (text)
        haul_redactor_apply_all(t->env->net->redactor, secrets, text, strlen(text), &t->shown);
    haul_buf_add_char(&t->shown, '\0');
}

void haul_transfer_hide(struct haul_transfer *t, struct haul_record *rec)
{
    const char **const text[] = {&rec->url_effective, &rec->content_type, &rec->etag,
                                 &rec->last_modified, &rec->errormsg};
    enum { TEXTS = sizeof text / sizeof *text };
    const char *at;

    learn_all(t);
    tell_reader(t, t->job->body);
    haul_buf_clear(&t->shown);
    if (!t->env->net->redactor && haul_redactor_secrets_are_none(&t->secrets))
        return;
    /* The job's own URL says what it says, as `url` does; another one may be made of a secret. */
    hide(t, t->attempt.redirects ? &t->secrets : t->job->given, rec->url_effective);
    for (size_t i = 1; i < TEXTS; i++)
        hide(t, &t->secrets, *text[i]);
    at = haul_buf_str(&t->shown);
    for (size_t i = 0; i < TEXTS; i++) {
        if (*text[i])
            *text[i] = t->shown.err ? NULL : at;
        at += t->shown.err ? 0 : strlen(at) + 1;
    }
}

/* The origin of the job says what its URL does; another one may be made of a secret. */
static void keep_notice(struct haul_transfer *t, const char *notice)
{
    const char *origin = haul_notice_origin(notice);
    bool is_own =
        strcmp(origin, t->job->origin) == 0 || haul_redactor_secrets_are_none(&t->secrets);

    haul_buf_clear(&t->shown);
    if (!is_own)
        hide(t, &t->secrets, origin);
    if (!t->shown.err)
        haul_notice_add(&t->job->notices, haul_notice_of(notice),
                        is_own ? origin : haul_buf_str(&t->shown));
}

void haul_transfer_keep_notices(struct haul_transfer *t)
{
    const char *at = haul_notice_first(&t->notices);

    for (; at; at = haul_notice_next(&t->notices, at))
        keep_notice(t, at);
    haul_buf_clear(&t->notices);
}
