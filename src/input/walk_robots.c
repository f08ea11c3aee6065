#include <errno.h>
#include <unistd.h>

#include "input/text.h"
#include "input/walk_inside.h"

/* The parser's memory, which the next URL takes. */
static enum haul_err keep_url(struct haul_buf *to, const struct haul_url *url)
{
    haul_buf_clear(to);
    haul_buf_add(to, url->url, url->url_len);
    return to->err ? HAUL_ERR_NOMEM : HAUL_OK;
}

/* What is relative there is relative to where it was found (RFC 3986, 5.1.3). */
static enum haul_err keep_effective(struct haul_walk *walk, const struct haul_buf *effective)
{
    struct haul_url url;
    enum haul_reason reason =
        haul_url_parse(walk->urls, haul_buf_str(effective), effective->len, &url);

    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    return reason ? HAUL_OK : keep_url(&walk->robots_url, &url);
}

static enum haul_err read_robots(struct haul_walk *walk, const struct haul_walk_answer *answer)
{
    enum haul_err err =
        haul_robots_read(&walk->robots, answer->fd, answer->was_cut, &walk->robots_text);

    if (err == HAUL_ERR_IO)
        return haul_walk_fail_system(walk, walk->robots_name, "reading failed", errno);
    if (err == HAUL_ERR_SYNTAX)
        return haul_walk_fail(walk, walk->robots_name, 0, walk->robots.problem, "");
    return err;
}

enum haul_err haul_walk_begin_robots(struct haul_walk *walk, const struct haul_url *url)
{
    const struct haul_walk_request request = {
        .url = url, .size_max = HAUL_ROBOTS_MAX, .may_be_cut = true, .given = walk->sent};
    struct haul_walk_answer answer = {.fd = -1};
    enum haul_err err = keep_url(&walk->robots_url, url);

    walk->robots_name = haul_walk_keep_name(walk, url);
    if (err || !walk->robots_name)
        return HAUL_ERR_NOMEM;
    err = haul_walk_get(walk, &request, walk->robots_name, &walk->site, &answer);
    if (!err) {
        walk->robots_sent = walk->sent;
        err = keep_effective(walk, &answer.effective);
        if (!err)
            err = read_robots(walk, &answer);
        close(answer.fd);
    }
    haul_buf_done(&answer.effective);
    if (err)
        walk->robots_name = NULL;
    return err;
}

/* A name that does not say on which host its sitemap is. */
struct reference {
    struct haul_span whole;  /* as it stands there */
    struct haul_span scheme; /* perhaps empty; it says as little as a scheme alone can */
    struct haul_span path;   /* what is behind it; not empty */
};

/* As "http:/s.xml" and "http:///s.xml", which lists take for a host; false: it has one, or is of
 * another scheme. */
static bool read_reference(struct haul_span name, struct reference *out)
{
    struct haul_span rest = name;
    size_t slashes = 0, len = haul_text_scheme_length(name);

    *out = (struct reference){.whole = name, .path = name};
    if (!len)
        return true;
    out->scheme = haul_span_take(&rest, len);
    (void)haul_span_take(&rest, 1);
    if (!haul_span_is_word(out->scheme, "http") && !haul_span_is_word(out->scheme, "https"))
        return false;
    while (slashes < rest.len && rest.at[slashes] == '/')
        slashes++;
    (void)haul_span_take(&rest, slashes ? slashes - 1 : 0);
    out->path = rest;
    return slashes != 2 && rest.len > (slashes ? 1 : 0);
}

/* Whether it begins with a host of the site itself, that only lacks what stands before one. A slash
 * alone begins a path. */
static enum haul_err begins_with_host(struct haul_walk *walk, struct reference *name, bool *does)
{
    struct haul_span path = name->path;
    enum haul_reason reason;
    struct haul_url url;

    if (name->scheme.len && *path.at == '/')
        (void)haul_span_take(&path, 1);
    reason = haul_url_parse(walk->urls, path.at, path.len, &url);
    *does = !reason && *path.at != '/' && haul_site_has(&walk->site, url.host);
    if (*does)
        name->path = path;
    return reason == HAUL_REASON_NO_MEMORY ? HAUL_ERR_NOMEM : HAUL_OK;
}

/* What a name means, as an entry whose text is the walk's. */
static enum haul_err resolve(struct haul_walk *walk, struct reference *name,
                             struct haul_list_entry *entry)
{
    struct haul_buf *whole = &walk->robots_named;
    enum haul_reason reason;
    struct haul_url url;
    bool has_host;
    enum haul_err err = begins_with_host(walk, name, &has_host);

    haul_buf_clear(whole);
    if (has_host && name->scheme.len) {
        haul_buf_add(whole, name->scheme.at, name->scheme.len);
        haul_buf_add_char(whole, ':');
    }
    haul_buf_add_str(whole, has_host ? "//" : "");
    haul_buf_add(whole, name->path.at, name->path.len);
    if (err || whole->err)
        return HAUL_ERR_NOMEM;
    reason =
        haul_url_join(walk->urls, haul_buf_str(&walk->robots_url), whole->data, whole->len, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    haul_sitemap_classify(name->whole.at, name->whole.len, entry);
    entry->reason = reason;
    if (reason)
        return HAUL_OK;
    err = keep_url(whole, &url);
    entry->text = whole->data;
    entry->len = whole->len;
    return err;
}

enum haul_err haul_walk_next_of_robots(struct haul_walk *walk, struct haul_list_entry *entry)
{
    const char *robots_name = walk->robots_name;
    enum haul_err err = HAUL_OK;
    struct reference reference;
    struct haul_span name;

    if (!haul_robots_next(&walk->robots, &name)) {
        walk->robots_name = NULL;
        haul_trims_tell(&walk->robots_trims, robots_name, &walk->warning);
        return walk->count || walk->faults
                   ? HAUL_ERR_END
                   : haul_walk_fail(walk, robots_name, 0, "names no sitemap", "");
    }
    haul_site_shrink(&walk->moved, 0);
    haul_site_shrink(&walk->lent, 0);
    if (read_reference(name, &reference))
        err = resolve(walk, &reference, entry);
    else
        haul_sitemap_classify(name.at, name.len, entry);
    entry->source = robots_name;
    entry->line = walk->robots.line;
    entry->trimmed = walk->robots.trimmed;
    haul_trims_note(&walk->robots_trims, entry);
    return err;
}
