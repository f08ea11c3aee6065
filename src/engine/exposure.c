#include "engine/exposure.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/span.h"
#include "http/cookie.h"
#include "model/host.h"
#include "model/netrc.h"
#include "model/url_parts.h"

void haul_exposure_done(struct haul_exposure *exposure)
{
    for (size_t i = 0; i < exposure->count; i++)
        free(exposure->told[i]);
    exposure->count = 0;
}

/* ---- what is sent ---- */

/* One that takes the field out, "Cookie:", sends nothing. */
static bool is_credential(const char *field)
{
    static const char *const names[] = {"Authorization", "Cookie", "Proxy-Authorization"};
    const struct haul_span name = {field, strcspn(field, ":;")};
    const char *value = field + name.len + (field[name.len] != '\0');

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (haul_span_is_word(name, names[i]))
            return value[strspn(value, " \t")] != '\0';
    return false;
}

static bool has_credential(const struct haul_strings *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (is_credential(fields->item[i]))
            return true;
    return false;
}

/* Of files of cookies and logins; a cookie that is for https only does not go there. */
static bool has_login_for(const struct haul_config *config, const struct haul_job *job,
                          const char *origin)
{
    const struct haul_span host = haul_url_parts_of(origin, strlen(origin)).host;
    const struct haul_cookies file = {config->cookie, config->cookie_count};
    struct haul_cookie_walk walk = haul_cookie_walk_of(&file, host);
    const struct haul_cookie *cookie;

    while ((cookie = haul_cookie_walk_next(&walk)) != NULL)
        if (!cookie->is_secure)
            return true;
    return haul_netrc_find(config, host, NULL, job->named_by == HAUL_NAMED_BY_USER) != NULL;
}

static bool sends_credentials(const struct haul_config *config, const struct haul_job *job,
                              const char *origin)
{
    const struct haul_host_rule *rule;
    struct haul_host_settings host;

    haul_host_find_settings(config, origin, &host);
    if ((host.user && !host.is_user_for_http) || has_credential(&config->headers) ||
        has_login_for(config, job, origin))
        return true;
    rule = host.headers < 0 ? NULL : &config->host_rule[host.headers];
    return rule && rule->scheme != HAUL_HOST_HTTP && has_credential(&rule->headers);
}

/* ---- where to ---- */

static bool is_plain(const struct haul_run *run, const char *origin)
{
    return haul_span_is_word(haul_url_parts_of(origin, strlen(origin)).scheme, "http") &&
           !haul_net_is_local(run->net, origin);
}

/* ---- telling ---- */

/* Whether it is told now; then it is remembered, as far as there is room. */
static bool is_new(struct haul_exposure *exposure, const char *origin)
{
    char *copy;

    for (size_t i = 0; i < exposure->count; i++)
        if (strcmp(exposure->told[i], origin) == 0)
            return false;
    if (exposure->count == HAUL_EXPOSURE_TOLD_MAX)
        return !exposure->has_ended;
    copy = strdup(origin);
    if (copy)
        exposure->told[exposure->count++] = copy;
    return copy != NULL;
}

static void look_at(struct haul_exposure *exposure, const struct haul_run *run,
                    const struct haul_job *job, const char *origin, struct haul_buf *message)
{
    bool was_full = exposure->count == HAUL_EXPOSURE_TOLD_MAX;

    if (!is_plain(run, origin) || !sends_credentials(run->config, job, origin) ||
        !is_new(exposure, origin))
        return;
    haul_message_next(message);
    exposure->has_ended = was_full;
    if (was_full)
        haul_buf_add_str(message, "credentials go to further hosts over plain http, which are not "
                                  "named any more");
    else
        haul_buf_addf(message,
                      "%s: credentials go there over plain http, for all on the way to read; those "
                      "of a section [host \"https://...\"] go over https only",
                      origin);
}

void haul_exposure_note(struct haul_exposure *exposure, const struct haul_run *run,
                        const struct haul_job *job, struct haul_buf *message)
{
    const struct haul_config *config = run->config;
    bool may_have = config->user || config->headers.count || config->host_rule_count ||
                    config->cookie_count || config->netrc_count;

    if (!may_have || !job->origin || job->named_by == HAUL_NAMED_BY_STRANGER || exposure->has_ended)
        return;
    look_at(exposure, run, job, job->origin, message);
    for (size_t i = 0; job->options && i < job->options->mirror_count; i++)
        look_at(exposure, run, job, job->options->mirrors[i].origin, message);
}
