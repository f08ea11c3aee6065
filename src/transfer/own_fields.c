#include <string.h>
#include <strings.h>

#include "model/url_parts.h"
#include "transfer/transfer_inside.h"

size_t haul_transfer_own_name(const char *field)
{
    return strcspn(field, ":;");
}

static bool is_of_name(const char *field, const char *name, size_t len)
{
    return haul_transfer_own_name(field) == len && !strncasecmp(field, name, len);
}

static bool is_same_host(const char *url, const char *other)
{
    struct haul_span host = haul_url_parts_of(url, strlen(url)).host;
    struct haul_span another = haul_url_parts_of(other, strlen(other)).host;

    return host.len == another.len && !strncasecmp(host.at, another.at, host.len);
}

enum haul_named_by haul_transfer_named_by(const struct haul_transfer *t)
{
    if (t->job->named_by != HAUL_NAMED_BY_SITE)
        return t->job->named_by;
    return t->attempt.at_home || is_same_host(t->job->url, haul_buf_str(&t->url))
               ? HAUL_NAMED_BY_USER
               : HAUL_NAMED_BY_STRANGER;
}

bool haul_transfer_is_trusted(const struct haul_transfer *t)
{
    return t->attempt.at_home && t->job->named_by != HAUL_NAMED_BY_STRANGER;
}

/* `rule`: the rule of the configuration whose headers are sent, -1: none. */
static struct haul_own_fields fields_for(const struct haul_config *config,
                                         const struct haul_job *job, int rule)
{
    return (struct haul_own_fields){.list = haul_job_options_to_send(job),
                                    .rule = rule < 0 ? NULL : &config->host_rule[rule].headers,
                                    .general = &config->headers};
}

struct haul_own_fields haul_transfer_own_fields(const struct haul_transfer *t)
{
    if (!haul_transfer_is_trusted(t))
        return (struct haul_own_fields){NULL, NULL, NULL};
    return fields_for(t->config, t->job, t->attempt.host.headers);
}

static const char *find_in(const char *const *item, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (is_of_name(item[i], name, len))
            return item[i];
    return NULL;
}

static const char *find_in_list(const struct haul_entry_options *list, const char *name, size_t len)
{
    return list ? find_in(list->headers, list->header_count, name, len) : NULL;
}

static const char *find_in_strings(const struct haul_strings *strings, const char *name, size_t len)
{
    return strings ? find_in(strings->item, strings->count, name, len) : NULL;
}

const char *haul_transfer_find_own(const struct haul_own_fields *from, const char *name)
{
    size_t len = strlen(name);
    const char *found = find_in_list(from->list, name, len);

    if (!found)
        found = find_in_strings(from->rule, name, len);
    return found ? found : find_in_strings(from->general, name, len);
}

static enum haul_own_source source_of_rule(const struct haul_transfer *t)
{
    int rule = t->attempt.host.headers;

    return rule >= 0 && t->config->host_rule[rule].scheme == HAUL_HOST_HTTP ? HAUL_OWN_FOR_THIS
                                                                            : HAUL_OWN_FOR_ANY;
}

void haul_transfer_each_own(struct haul_transfer *t, haul_own_field_visit *visit)
{
    const struct haul_own_fields own = haul_transfer_own_fields(t), *from = &own;
    const enum haul_own_source of_rule = source_of_rule(t);

    for (size_t i = 0; from->general && i < from->general->count; i++) {
        const char *field = from->general->item[i];

        if (!find_in_strings(from->rule, field, haul_transfer_own_name(field)) &&
            !find_in_list(from->list, field, haul_transfer_own_name(field)))
            visit(t, field, HAUL_OWN_FOR_ANY);
    }
    for (size_t i = 0; from->rule && i < from->rule->count; i++) {
        const char *field = from->rule->item[i];

        if (!find_in_list(from->list, field, haul_transfer_own_name(field)))
            visit(t, field, of_rule);
    }
    for (size_t i = 0; from->list && i < from->list->header_count; i++)
        visit(t, from->list->headers[i], HAUL_OWN_FOR_THIS);
}

/* "Name: value"; "Name:" sends none, "Name;" an empty one. */
static const char *value_of(const char *field)
{
    const char *value = field + haul_transfer_own_name(field);

    return *value ? value + 1 + strspn(value + 1, " \t") : value;
}

const char *haul_transfer_user_agent(const struct haul_config *config, const struct haul_job *job)
{
    const struct haul_entry_options *list = haul_job_options_to_send(job);
    const char *field, *agent = config->user_agent;
    struct haul_host_settings host;
    struct haul_own_fields from;

    if (job->named_by == HAUL_NAMED_BY_STRANGER)
        return agent ? agent : "";
    haul_host_find_settings(config, job->origin, &host);
    from = fields_for(config, job, host.headers);
    field = haul_transfer_find_own(&from, "User-Agent");
    if (field)
        return value_of(field);
    agent = list && list->user_agent ? list->user_agent : host.user_agent;
    return agent ? agent : "";
}
