#include "journal/head.h"

#include <string.h>

#include "base/escape.h"

static void add_string(struct haul_buf *buf, const char *text, size_t len)
{
    haul_buf_add_char(buf, '"');
    haul_escape_json(buf, text, len);
    haul_buf_add_char(buf, '"');
}

static void add_bool(struct haul_buf *buf, const char *key, bool value)
{
    haul_buf_addf(buf, "%s:%s", key, value ? "true" : "false");
}

static void add_lists(struct haul_buf *buf, const struct haul_config *config)
{
    size_t urls = 0, sitemaps = 0;
    const char *comma = "";

    haul_buf_add_str(buf, ",\"lists\":[");
    for (size_t i = 0; i < config->source_count; i++) {
        const struct haul_source *source = &config->source[i];

        if (source->kind == HAUL_SOURCE_URL) {
            urls++;
            continue;
        }
        if (source->kind != HAUL_SOURCE_FILE) {
            sitemaps++; /* its name may hold a password */
            continue;
        }
        haul_buf_add_str(buf, comma);
        add_string(buf, source->text, strlen(source->text));
        comma = ",";
    }
    haul_buf_addf(buf, "],\"urls\":%zu,\"sitemaps\":%zu", urls, sitemaps);
}

/* "Name: value" and "Name;": what stands before either is no secret. */
static void add_headers(struct haul_buf *buf, const struct haul_strings *headers)
{
    haul_buf_add_str(buf, ",\"headers\":[");
    for (size_t i = 0; i < headers->count; i++) {
        if (i)
            haul_buf_add_char(buf, ',');
        add_string(buf, headers->item[i], strcspn(headers->item[i], ":;"));
    }
    haul_buf_add_char(buf, ']');
}

static void add_statuses(struct haul_buf *buf, const struct haul_status_set *set)
{
    haul_buf_add_str(buf, ",\"accept\":[");
    for (size_t i = 0; i < set->count; i++)
        haul_buf_addf(buf, "%s[%d,%d]", i ? "," : "", set->range[i].first, set->range[i].last);
    haul_buf_add_char(buf, ']');
}

void haul_journal_add_options(struct haul_buf *buf, const struct haul_config *config)
{
    add_bool(buf, "{\"head\"", config->method == HAUL_METHOD_HEAD);
    add_bool(buf, ",\"auto\"", config->method == HAUL_METHOD_AUTO);
    add_bool(buf, ",\"compressed\"", config->compressed);
    add_bool(buf, ",\"location\"", config->follow);
    add_bool(buf, ",\"insecure\"", config->insecure);
    add_bool(buf, ",\"user\"", config->user != NULL);
    add_bool(buf, ",\"proxy\"", config->proxy != NULL || config->proxy_from_env);
    haul_buf_addf(buf, ",\"max_redirs\":%d,\"max_filesize\":%lld,\"retry\":%d,\"jobs\":%d",
                  config->max_redirs, (long long)config->max_filesize, config->retry, config->jobs);
    add_statuses(buf, &config->accept);
    if (config->dir) {
        haul_buf_add_str(buf, ",\"dir\":");
        add_string(buf, config->dir, strlen(config->dir));
        haul_buf_add_str(buf, ",\"name\":");
        add_string(buf, config->name, strlen(config->name));
    }
    add_headers(buf, &config->headers);
    add_lists(buf, config);
    haul_buf_add_char(buf, '}');
}
