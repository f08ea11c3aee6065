#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "input/walk_inside.h"

enum {
    NAMES_BYTES_MAX = 64 << 20 /* of all sitemaps' names */
};

/* ---- failing ---- */

enum haul_err haul_walk_fail(struct haul_walk *walk, const char *name, uint64_t line,
                             const char *cause, const char *effect)
{
    haul_buf_clear(&walk->message);
    if (++walk->faults > HAUL_WALK_FAULTS_SHOWN_MAX)
        return HAUL_ERR_IO;
    haul_buf_add_str(&walk->message, name);
    if (line)
        haul_buf_addf(&walk->message, ":%llu", (unsigned long long)line);
    haul_buf_addf(&walk->message, ": %s%s", cause, effect);
    return HAUL_ERR_IO;
}

enum haul_err haul_walk_fail_system(struct haul_walk *walk, const char *name, const char *what,
                                    int error)
{
    char text[HAUL_IO_ERROR_MAX];

    haul_buf_clear(&walk->cause);
    haul_buf_addf(&walk->cause, "%s: %s", what, haul_io_error_text(error, text));
    return haul_walk_fail(walk, name, 0, haul_buf_str(&walk->cause), "");
}

/* ---- names and hosts ---- */

const char *haul_walk_keep_name(struct haul_walk *walk, const struct haul_url *url)
{
    struct haul_walk_name *name = NULL;
    struct haul_buf shown;

    haul_buf_init(&shown, 0);
    haul_redactor_apply_all(walk->env.redactor, walk->sent, url->display, url->display_len, &shown);
    if (!shown.err && shown.len <= NAMES_BYTES_MAX - walk->names_bytes)
        name = malloc(sizeof *name + shown.len + 1);
    if (name) {
        memcpy(name->text, haul_buf_str(&shown), shown.len + 1);
        name->before = walk->last_name;
        walk->last_name = name;
        walk->names_bytes += shown.len;
    }
    haul_buf_done(&shown);
    return name ? name->text : NULL;
}

bool haul_walk_may_name(const struct haul_walk *walk, const struct haul_url *url)
{
    return !walk->from_network || walk->env.config->sitemap_any_host ||
           haul_site_has(&walk->site, url->host) || haul_site_has(&walk->moved, url->host);
}

bool haul_walk_is_in_file(const struct haul_walk *walk)
{
    return !walk->from_network && walk->depth == 1;
}

enum haul_named_by haul_walk_named_by(const struct haul_walk *walk, const struct haul_url *url)
{
    if (haul_walk_is_in_file(walk) || haul_site_has(&walk->site, url->host))
        return HAUL_NAMED_BY_USER;
    return walk->env.config->sitemap_any_host ? HAUL_NAMED_BY_SITEMAP : HAUL_NAMED_BY_STRANGER;
}

enum haul_err haul_walk_add_host(const struct haul_walk *walk, struct haul_site *site,
                                 const char *host)
{
    return haul_site_has(&walk->site, host) || haul_site_has(site, host)
               ? HAUL_OK
               : haul_site_add(site, host);
}

static enum haul_err add_effective_host(struct haul_walk *walk, struct haul_site *site,
                                        const struct haul_buf *effective)
{
    struct haul_url url;
    enum haul_reason reason =
        haul_url_parse(walk->urls, haul_buf_str(effective), effective->len, &url);

    if (effective->err || reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    return reason ? HAUL_OK : haul_walk_add_host(walk, site, url.host);
}

/* ---- documents ---- */

enum haul_err haul_walk_get(struct haul_walk *walk, const struct haul_walk_request *request,
                            const char *name, struct haul_site *site,
                            struct haul_walk_answer *answer)
{
    enum haul_err err;

    haul_buf_clear(&walk->cause);
    haul_buf_init(&answer->effective, 0);
    haul_redactor_secrets_init(&answer->sent);
    err = walk->env.fetch(walk->env.arg, request, answer, &walk->cause);
    if (err == HAUL_ERR_IO)
        err = haul_walk_fail(walk, name, 0, haul_buf_str(&walk->cause), "");
    if (err)
        haul_redactor_secrets_done(&answer->sent);
    else
        walk->sent = haul_walk_keep_sent(walk, &answer->sent);
    if (!err && site) {
        err = add_effective_host(walk, site, &answer->effective);
        if (err)
            close(answer->fd);
    }
    return err;
}
