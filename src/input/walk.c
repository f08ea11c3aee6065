#include "input/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "input/nothing.h"
#include "input/walk_inside.h"
#include "model/url_parts.h"

enum {
    SITEMAP_URL_MAX = 2048 /* sitemaps.org: a loc has less than 2048 characters */
};

/* ---- what is told ---- */

/* The sitemap that an entry names is not read. */
static enum haul_err refuse(struct haul_walk *walk, const struct haul_list_entry *entry,
                            const char *cause, const char *effect)
{
    return haul_walk_fail(walk, entry->source, entry->line, cause, effect);
}

const char *haul_walk_message(const struct haul_walk *walk)
{
    return haul_buf_str(&walk->message);
}

const char *haul_walk_warning(const struct haul_walk *walk)
{
    return haul_buf_str(&walk->warning);
}

bool haul_walk_has_lost(const struct haul_walk *walk)
{
    return walk->has_lost;
}

static bool is_open(const struct haul_walk *walk, uint64_t key)
{
    for (int i = 0; i < walk->depth; i++)
        if (walk->open[i]->key == key)
            return true;
    return false;
}

/* ---- hosts ---- */

/*
 * Of a sitemap that is fetched: where the host belongs to which a redirect leads, or NULL: it
 * counts for nothing. What the user has named himself, he has named wherever it is by now. What
 * robots.txt names on his site still speaks for it, but it was not he who has said where it is.
 */
static struct haul_site *site_of(struct haul_walk *walk, enum haul_named_by named_by)
{
    bool is_source = walk->from_network && !walk->depth && !walk->robots_name;

    if (is_source || haul_walk_is_in_file(walk))
        return &walk->site;
    if (!walk->from_network || walk->depth)
        return NULL;
    return named_by == HAUL_NAMED_BY_USER ? &walk->moved : &walk->lent;
}

/* The hosts that count while it is read, but for that one. */
static enum haul_err open_site(struct haul_walk *walk, struct haul_site *site,
                               const struct haul_url *url)
{
    if (!walk->from_network && site) /* the next that a file names, and a site of its own */
        haul_site_shrink(site, 0);
    return site ? haul_walk_add_host(walk, site, url->host) : HAUL_OK;
}

/* A site's own robots.txt may name sitemaps anywhere: it is the proof that they speak for it. */
static bool may_lead_to(const struct haul_walk *walk, const struct haul_url *url)
{
    return (haul_walk_may_name(walk, url) || (!walk->depth && walk->robots_name) ||
            haul_site_has(&walk->lent, url->host)) &&
           !haul_walk_gives_host_back(walk, url);
}

/* ---- documents ---- */

static struct haul_sitemap_file *top(const struct haul_walk *walk)
{
    return walk->open[walk->depth - 1];
}

static void close_top(struct haul_walk *walk)
{
    haul_sitemap_file_free(walk->open[--walk->depth]);
}

/* Of the document on top, which has come to its end. END: that was told often enough. */
static enum haul_err tell_nothing(struct haul_walk *walk)
{
    if (++walk->empty > HAUL_WALK_FAULTS_SHOWN_MAX)
        return HAUL_ERR_END;
    haul_buf_addf(&walk->message, "%s: " HAUL_NOTHING_WORDS, top(walk)->name);
    haul_sitemap_add_nothing(top(walk)->sitemap, &walk->message);
    return HAUL_ERR_AGAIN;
}

/* What is to be told of the document on top beside its entries. AGAIN instead of END: there is. */
static enum haul_err tell_slips(struct haul_walk *walk, enum haul_err err)
{
    struct haul_sitemap_file *file = top(walk);
    bool has_lost = haul_sitemap_has_lost(file->sitemap);
    uint64_t *told = has_lost ? &walk->lossy : &walk->warned;

    haul_buf_add_str(&walk->warning, file->name);
    haul_sitemap_add_slips(file->sitemap, &walk->warning);
    if (walk->warning.len == strlen(file->name) || ++*told > HAUL_WALK_FAULTS_SHOWN_MAX)
        haul_buf_clear(&walk->warning);
    else
        walk->has_lost = has_lost;
    return err == HAUL_ERR_END && walk->warning.len ? HAUL_ERR_AGAIN : err;
}

/* The next entry of the document on top. END: it has no more, and is closed. AGAIN: it had none. */
static enum haul_err next_found(struct haul_walk *walk, struct haul_sitemap_entry *found)
{
    struct haul_sitemap_file *file = top(walk);
    enum haul_err err;

    haul_buf_clear(&walk->cause);
    err = haul_sitemap_file_next(file, found, &walk->cause);
    if (err == HAUL_ERR_IO)
        err = haul_walk_fail(walk, file->name, haul_sitemap_line(file->sitemap),
                             haul_buf_str(&walk->cause), "; the rest of this sitemap is skipped");
    if (err == HAUL_ERR_END && !file->has_given)
        err = tell_nothing(walk);
    if (err != HAUL_ERR_IO && err != HAUL_ERR_END && err != HAUL_ERR_AGAIN)
        return err;
    err = tell_slips(walk, err);
    close_top(walk);
    return err;
}

/* ---- from the network ---- */

static enum haul_err fetch_sitemap(struct haul_walk *walk, const struct haul_url *url, uint64_t key)
{
    struct haul_walk_request request = {.url = url,
                                        .size_max = walk->env.config->sitemap_max_size,
                                        .named_by = haul_walk_named_by(walk, url),
                                        .given = walk->sent};
    struct haul_site *site = site_of(walk, request.named_by);
    struct haul_walk_answer answer = {.fd = -1};
    const char *name = haul_walk_keep_name(walk, url);
    struct haul_sitemap_file *file;
    enum haul_err err;

    if (request.named_by == HAUL_NAMED_BY_USER && site != &walk->site)
        request.named_by = HAUL_NAMED_BY_SITE;
    if (!name)
        return haul_walk_fail(walk, walk->robots_name ? walk->robots_name : "--sitemap", 0,
                              "no memory for the names of so many sitemaps", "");
    err = open_site(walk, site, url);
    if (err)
        return err;
    err = haul_walk_get(walk, &request, name, site, &answer);
    if (!err) {
        err = haul_sitemap_file_create(name, key, request.size_max, &file);
        if (err)
            close(answer.fd);
    }
    if (err) {
        haul_buf_done(&answer.effective);
        return err;
    }
    file->url = answer.effective;
    file->sent = walk->sent;
    haul_reader_adopt(&file->reader, answer.fd, walk->wake_fd);
    walk->open[walk->depth++] = file;
    return HAUL_OK;
}

static enum haul_err fail_count(struct haul_walk *walk, const struct haul_list_entry *entry)
{
    if (walk->gave_up)
        return HAUL_OK;
    walk->gave_up = true;
    return refuse(walk, entry, "more sitemaps than allowed (--sitemap-max-count)",
                  "; the others are not read");
}

/* The sitemap at `url` is read next, unless it must not be. OK, too, if it was read before. */
static enum haul_err begin_url(struct haul_walk *walk, const struct haul_url *url,
                               const struct haul_list_entry *entry)
{
    uint64_t key = haul_hash_keyed(url->url, url->url_len), tag;
    enum haul_err err;
    bool is_new;

    if (is_open(walk, key))
        return refuse(walk, entry, "the sitemap names itself, or an index above it", "");
    if (!walk->begun && haul_keyset_create(&walk->begun))
        return HAUL_ERR_NOMEM;
    if (haul_keyset_has(walk->begun, key))
        return HAUL_OK;
    if (walk->depth >= walk->env.config->sitemap_depth)
        return refuse(walk, entry,
                      "sitemaps inside each other, more than allowed (--sitemap-depth)",
                      "; this one is not read");
    if (walk->count >= walk->env.config->sitemap_max_count)
        return fail_count(walk, entry);
    walk->count++;
    err = haul_keyset_add(walk->begun, key, 0, &is_new, &tag);
    return err ? err : fetch_sitemap(walk, url, key);
}

/* An index or a robots.txt names a sitemap: it is read next, unless it must not be, or has been. */
static enum haul_err follow(struct haul_walk *walk, const struct haul_list_entry *entry)
{
    struct haul_url url;
    enum haul_reason reason = entry->reason;

    if (!reason && entry->len > SITEMAP_URL_MAX)
        reason = HAUL_REASON_LINE_TOO_LONG;
    if (!reason)
        reason = haul_url_parse(walk->urls, entry->text, entry->len, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (!reason && !may_lead_to(walk, &url))
        reason = HAUL_REASON_OTHER_HOST;
    if (reason == HAUL_REASON_LINE_TOO_LONG)
        return refuse(walk, entry, "the sitemap named here has a URL that is too long", "");
    if (reason) {
        haul_buf_clear(&walk->cause);
        haul_buf_addf(&walk->cause, "the sitemap named here is not read: %s",
                      haul_reason_text(reason));
        return refuse(walk, entry, haul_buf_str(&walk->cause), "");
    }
    return begin_url(walk, &url, entry);
}

/* ---- setting out ---- */

static enum haul_err begin_file(struct haul_walk *walk, const char *name)
{
    const char *shown = haul_reader_shown_name(name);
    struct haul_sitemap_file *file;
    int error;

    walk->from_network = false;
    walk->count++;
    if (haul_sitemap_file_create(shown, 0, walk->env.config->sitemap_max_size, &file))
        return HAUL_ERR_NOMEM;
    error = haul_reader_open(&file->reader, walk->opener, name, walk->wake_fd);
    if (error) {
        haul_sitemap_file_free(file);
        return haul_walk_fail_system(walk, shown, "cannot be opened", error);
    }
    walk->open[walk->depth++] = file;
    return HAUL_OK;
}

static enum haul_err begin_network(struct haul_walk *walk, const struct haul_source *source)
{
    static const char robots_path[] = "/robots.txt";
    bool is_robots = source->kind == HAUL_SOURCE_ROBOTS;
    const char *option = is_robots ? "--sitemap-from-robots" : "--sitemap";
    struct haul_trims trims = {0};
    struct haul_list_entry entry;
    struct haul_url url;
    enum haul_reason reason;
    enum haul_err err;

    (void)haul_lines_classify(source->text, strlen(source->text), &entry);
    entry.source = option;
    haul_trims_note(&trims, &entry);
    haul_trims_tell(&trims, option, &walk->warning);
    reason = haul_url_parse(walk->urls, entry.text, entry.len, &url);
    walk->from_network = true;
    /* It stands at the root of a site, whatever page of the site was named (RFC 9309, 2.3). */
    if (!reason && is_robots)
        reason = haul_url_join(walk->urls, url.url, robots_path, sizeof robots_path - 1, &url);
    if (reason)
        return refuse(walk, &entry, haul_reason_text(reason), "");
    err = haul_site_add(&walk->site, url.host);
    if (err)
        return err;
    return is_robots ? haul_walk_begin_robots(walk, &url) : begin_url(walk, &url, &entry);
}

static void forget_source(struct haul_walk *walk)
{
    while (walk->depth)
        close_top(walk);
    haul_site_shrink(&walk->site, 0);
    haul_site_shrink(&walk->moved, 0);
    haul_site_shrink(&walk->lent, 0);
    haul_keyset_free(walk->begun);
    walk->begun = NULL;
    walk->robots_name = NULL;
    walk->robots_sent = NULL;
    walk->source = NULL;
    walk->count = 0;
    walk->faults = 0;
    walk->empty = 0;
    walk->warned = 0;
    walk->lossy = 0;
    walk->gave_up = false;
    walk->robots_trims = (struct haul_trims){0};
}

void haul_walk_use_opener(struct haul_walk *walk, const struct haul_opener *opener)
{
    walk->opener = opener;
}

void haul_walk_begin(struct haul_walk *walk, const struct haul_source *source, int wake_fd)
{
    forget_source(walk);
    walk->source = source;
    walk->wake_fd = wake_fd;
}

static enum haul_err set_out(struct haul_walk *walk)
{
    const struct haul_source *source = walk->source;

    walk->source = NULL;
    if (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text))
        return begin_file(walk, source->text);
    return begin_network(walk, source);
}

/* ---- entries ---- */

/* Letter cases of hosts are lost before they are shown, and a secret is found as it is. */
static void refuse_host(struct haul_list_entry *entry)
{
    static const char hidden[] = "***";

    entry->text = hidden;
    entry->len = sizeof hidden - 1;
    entry->reason = HAUL_REASON_OTHER_HOST;
}

static void give(struct haul_walk *walk, const struct haul_sitemap_entry *found,
                 struct haul_list_entry *out)
{
    struct haul_url url;
    enum haul_reason reason;

    *out = found->entry;
    out->given = walk->sent;
    if (found->lastmod) {
        walk->lastmod = (struct haul_attached){.name = "lastmod", .value = found->lastmod};
        out->options = &walk->options;
    }
    if (out->reason || haul_walk_is_in_file(walk))
        return;
    reason = haul_url_parse(walk->urls, out->text, out->len, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        out->reason = reason; /* unlooked at, it might be on any host */
    else if (!reason && haul_walk_gives_host_back(walk, &url))
        refuse_host(out);
    else if (!reason && !haul_walk_may_name(walk, &url))
        out->reason = HAUL_REASON_OTHER_HOST;
    else if (!reason)
        out->named_by = haul_walk_named_by(walk, &url);
}

/* The next sitemap that robots.txt names. END: it names no more. */
static enum haul_err follow_robots(struct haul_walk *walk)
{
    struct haul_list_entry entry;
    enum haul_err err = haul_walk_next_of_robots(walk, &entry);

    return err ? err : follow(walk, &entry);
}

/* END: this step gave no entry, and another one may. */
static enum haul_err step(struct haul_walk *walk, struct haul_list_entry *out)
{
    struct haul_sitemap_entry found;
    enum haul_err err;

    if (!walk->depth) {
        err = walk->source ? set_out(walk) : follow_robots(walk);
        err = err ? err : HAUL_ERR_END;
        return err == HAUL_ERR_END && walk->warning.len ? HAUL_ERR_AGAIN : err;
    }
    err = next_found(walk, &found);
    if (err)
        return err;
    if (found.is_sitemap) {
        err = follow(walk, &found.entry);
        return err ? err : HAUL_ERR_END;
    }
    haul_sitemap_file_resolve(top(walk), walk->urls, &found);
    give(walk, &found, out);
    return HAUL_OK;
}

static enum haul_err tell_hidden(struct haul_walk *walk)
{
    if (walk->empty > HAUL_WALK_FAULTS_SHOWN_MAX) {
        haul_buf_addf(&walk->message, "no URL was found in %llu more sitemaps",
                      (unsigned long long)(walk->empty - HAUL_WALK_FAULTS_SHOWN_MAX));
        walk->empty = 0;
        return HAUL_ERR_AGAIN;
    }
    if (walk->lossy > HAUL_WALK_FAULTS_SHOWN_MAX) {
        haul_buf_addf(&walk->warning, "what %llu more sitemaps name was passed over in part",
                      (unsigned long long)(walk->lossy - HAUL_WALK_FAULTS_SHOWN_MAX));
        walk->lossy = 0;
        walk->has_lost = true;
        return HAUL_ERR_AGAIN;
    }
    if (walk->faults <= HAUL_WALK_FAULTS_SHOWN_MAX)
        return HAUL_ERR_END;
    haul_buf_addf(&walk->message, "%llu more sitemaps could not be read",
                  (unsigned long long)(walk->faults - HAUL_WALK_FAULTS_SHOWN_MAX));
    walk->faults = 0;
    return HAUL_ERR_IO;
}

enum haul_err haul_walk_next(struct haul_walk *walk, struct haul_list_entry *out)
{
    enum haul_err err = HAUL_ERR_END;

    haul_buf_clear(&walk->message);
    haul_buf_clear(&walk->warning);
    walk->has_lost = false;
    while (err == HAUL_ERR_END) {
        if (!walk->depth && !walk->source && !walk->robots_name)
            return tell_hidden(walk);
        walk->sent = walk->depth ? top(walk)->sent : walk->robots_name ? walk->robots_sent : NULL;
        err = step(walk, out);
        haul_walk_hide_words(walk, &walk->message);
        haul_walk_hide_words(walk, &walk->warning);
    }
    if (err == HAUL_ERR_CLOSED || err == HAUL_ERR_NOMEM)
        forget_source(walk);
    return err;
}

/* ---- making and unmaking ---- */

enum haul_err haul_walk_create(const struct haul_walk_env *env, struct haul_walk **out)
{
    struct haul_walk *walk = calloc(1, sizeof *walk);

    *out = walk;
    if (!walk)
        return HAUL_ERR_NOMEM;
    walk->env = *env;
    haul_buf_init(&walk->message, 0);
    haul_buf_init(&walk->warning, 0);
    haul_buf_init(&walk->cause, 0);
    haul_buf_init(&walk->robots_text, 2 * HAUL_ROBOTS_MAX);
    haul_buf_init(&walk->robots_url, 0);
    haul_buf_init(&walk->robots_named, 0);
    haul_entry_options_init(&walk->options);
    walk->options.attached = &walk->lastmod;
    walk->options.attached_count = 1;
    if (haul_url_parser_create(&walk->urls) == HAUL_OK)
        return HAUL_OK;
    haul_walk_free(walk);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_walk_free(struct haul_walk *walk)
{
    struct haul_walk_name *name;

    if (!walk)
        return;
    forget_source(walk);
    while ((name = walk->last_name)) {
        walk->last_name = name->before;
        free(name);
    }
    haul_walk_free_sent(walk);
    haul_url_parser_free(walk->urls);
    haul_buf_done(&walk->message);
    haul_buf_done(&walk->warning);
    haul_buf_done(&walk->cause);
    haul_buf_done(&walk->robots_text);
    haul_buf_done(&walk->robots_url);
    haul_buf_done(&walk->robots_named);
    free(walk);
}
