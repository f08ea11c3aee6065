#include "command/dry_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/keyset.h"
#include "base/out.h"
#include "base/terminal.h"
#include "engine/collector.h"
#include "input/entry.h"
#include "input/list.h"
#include "input/url.h"
#include "journal/key.h"
#include "model/redactor.h"
#include "sink/naming.h"
#include "transfer/net.h"

enum { SHOWN_MAX = 2048 };

struct host {
    char *origin;
    uint64_t count;
};

struct plan {
    const struct haul_config *config;
    struct haul_terminal error_term;
    struct haul_redactor *redactor;
    struct haul_net *net; /* for libcurl's sake, whose parser of URLs is used */
    struct haul_list *list;
    struct haul_walk *walk; /* through sitemaps that are files */
    struct haul_url_parser *urls;
    struct haul_naming *naming; /* or NULL: nothing would be saved */
    struct haul_buf name;       /* of the file of the entry at hand */
    uint64_t renamed;           /* entries whose plain name another URL has */
    struct haul_keyset *seen;   /* URLs, with --unique; or NULL */
    struct haul_keyset *hosts;  /* from an origin to its place in `host` */
    struct host *host;          /* HAUL_DRY_RUN_HOSTS_MAX of them */
    size_t host_count;
    uint64_t others; /* entries of hosts that have no place */
    uint64_t entries, fetched, invalid, duplicates;
    bool input_failed;
    struct haul_entry_mirrors mirrors;
    struct haul_buf line, shown, message;
    struct haul_out *out;
};

/* ---- lines ---- */

static void say(struct plan *p, const char *text)
{
    haul_collector_say(&p->error_term, text);
}

static void begin_line(struct plan *p, const char *word)
{
    haul_buf_clear(&p->line);
    haul_buf_add_str(&p->line, word);
}

static void add_cell(struct plan *p, const char *text, size_t len)
{
    haul_buf_add_char(&p->line, '\t');
    haul_escape_tsv(&p->line, text, len);
}

/* As reports show it. */
static void add_url(struct plan *p, const char *url, size_t len)
{
    haul_buf_clear(&p->shown);
    haul_redactor_apply(p->redactor, url, len > SHOWN_MAX ? SHOWN_MAX : len, &p->shown);
    add_cell(p, haul_buf_str(&p->shown), p->shown.len);
}

static void end_line(struct plan *p)
{
    haul_buf_add_char(&p->line, '\n');
    haul_out_add(p->out, haul_buf_str(&p->line), p->line.len);
}

/* ---- hosts ---- */

static enum haul_err add_host(struct plan *p, const char *origin)
{
    uint64_t place;
    bool is_new;
    enum haul_err err =
        haul_keyset_add(p->hosts, haul_key_make(HAUL_KEY_URL, origin, strlen(origin)),
                        p->host_count, &is_new, &place);

    if (err)
        return err;
    if (is_new && p->host_count < HAUL_DRY_RUN_HOSTS_MAX) {
        p->host[p->host_count].origin = strdup(origin);
        if (!p->host[p->host_count].origin)
            return HAUL_ERR_NOMEM;
        place = p->host_count++;
    } else if (is_new || place >= p->host_count) {
        p->others++;
        return HAUL_OK;
    }
    p->host[place].count++;
    return HAUL_OK;
}

static int compare_hosts(const void *a, const void *b)
{
    const struct host *one = a, *other = b;

    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    return strcmp(one->origin, other->origin);
}

static void write_host(struct plan *p, const char *name, uint64_t count)
{
    begin_line(p, "host\t");
    haul_buf_add_u64(&p->line, count);
    add_cell(p, name, strlen(name));
    end_line(p);
}

static void write_hosts(struct plan *p)
{
    qsort(p->host, p->host_count, sizeof *p->host, compare_hosts);
    for (size_t i = 0; i < p->host_count; i++)
        write_host(p, p->host[i].origin, p->host[i].count);
    if (p->others)
        write_host(p, "others", p->others);
}

/* ---- entries ---- */

static enum haul_err write_invalid(struct plan *p, const struct haul_list_entry *entry,
                                   const struct haul_url *url, const char *cause)
{
    p->invalid++;
    begin_line(p, "invalid");
    add_url(p, url->display, url->display_len);
    haul_buf_clear(&p->shown);
    if (entry->source)
        haul_buf_addf(&p->shown, "%s:", entry->source);
    haul_buf_addf(&p->shown, "%llu: %s", (unsigned long long)entry->line, cause);
    add_cell(p, haul_buf_str(&p->shown), p->shown.len);
    end_line(p);
    return HAUL_OK;
}

static enum haul_err is_repeated(struct plan *p, const struct haul_url *url, bool *repeated)
{
    uint64_t first;
    bool is_new = true;
    enum haul_err err = HAUL_OK;

    if (p->seen)
        err = haul_keyset_add(p->seen, haul_key_make(HAUL_KEY_URL, url->url, url->url_len), 0,
                              &is_new, &first);
    *repeated = !is_new;
    return err;
}

static void write_name(struct plan *p)
{
    bool is_plain = haul_naming_is_plain(p->naming);

    p->renamed += !is_plain;
    begin_line(p, is_plain ? "file" : "renamed");
    add_cell(p, haul_buf_str(&p->name), p->name.len);
    end_line(p);
}

static enum haul_err write_fetch(struct plan *p, const struct haul_url *url)
{
    bool repeated;
    enum haul_err err = is_repeated(p, url, &repeated);

    if (err)
        return err;
    p->duplicates += repeated;
    p->fetched += !repeated;
    begin_line(p, repeated ? "duplicate" : "fetch");
    add_url(p, url->display, url->display_len);
    end_line(p);
    if (p->naming && !repeated)
        write_name(p);
    for (size_t i = 0; i < p->mirrors.count && !repeated; i++) {
        const char *mirror = p->mirrors.mirror[i].url;

        begin_line(p, "mirror");
        add_url(p, mirror, strlen(mirror));
        end_line(p);
    }
    return repeated ? HAUL_OK : add_host(p, url->origin);
}

/* What the file of the entry would be called, as a run over the same lists calls it. */
static enum haul_reason find_name(struct plan *p, const struct haul_list_entry *entry,
                                  const struct haul_url *url)
{
    const struct haul_job_text text = {.shown = url->display,
                                       .shown_len = url->display_len,
                                       .url = url->url,
                                       .origin = url->origin};
    enum haul_reason reason = HAUL_REASON_NO_MEMORY;
    struct haul_job *job;

    haul_buf_clear(&p->name);
    if (!p->naming)
        return HAUL_REASON_NONE;
    job = haul_job_create(&text);
    haul_buf_clear(&p->shown);
    haul_redactor_apply(p->redactor, url->url, url->url_len, &p->shown);
    if (job && !p->shown.err && (!entry->options || !haul_job_keep_options(job, entry->options))) {
        job->rec.seq = p->entries - 1;
        job->rec.line = entry->line;
        reason = haul_naming_give(p->naming, job, haul_buf_str(&p->shown), &p->name);
    }
    haul_job_free(job);
    return reason;
}

static enum haul_err take_entry(struct plan *p, const struct haul_list_entry *entry)
{
    const char *problem;
    struct haul_url url;
    enum haul_reason reason = haul_entry_parse(p->urls, entry, &p->mirrors, &url, &problem);

    p->entries++;
    if (*haul_list_warning(p->list))
        say(p, haul_list_warning(p->list));
    if (reason == HAUL_REASON_NONE)
        reason = find_name(p, entry, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (reason == HAUL_REASON_NONE)
        return write_fetch(p, &url);
    return write_invalid(p, entry, &url, problem ? problem : haul_reason_text(reason));
}

static enum haul_err read_lists(struct plan *p)
{
    struct haul_list_entry entry;
    enum haul_err err;

    do {
        err = haul_list_next(p->list, &entry);
        if (err == HAUL_ERR_IO) {
            p->input_failed = true;
            say(p, haul_list_message(p->list));
            err = HAUL_OK;
        } else if (!err) {
            err = take_entry(p, &entry);
        }
    } while (!err);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- sitemaps ---- */

/* The name is left out: a URL may hold a password. */
static enum haul_err check_sitemaps(struct plan *p)
{
    for (size_t i = 0; i < p->config->source_count; i++) {
        const struct haul_source *source = &p->config->source[i];

        if (source->kind == HAUL_SOURCE_ROBOTS)
            haul_buf_add_str(&p->message, "--sitemap-from-robots: a dry run fetches nothing, and "
                                          "robots.txt would have to be");
        else if (source->kind == HAUL_SOURCE_SITEMAP && haul_walk_is_url(source->text))
            haul_buf_add_str(&p->message, "--sitemap: a dry run fetches nothing, so a sitemap must "
                                          "be a file");
        if (p->message.len)
            return HAUL_ERR_USAGE;
    }
    return HAUL_OK;
}

/* What the index in a file names is in the network. */
static enum haul_err refuse_to_fetch(void *arg, const struct haul_walk_request *request,
                                     struct haul_walk_answer *answer, struct haul_buf *message)
{
    (void)arg;
    (void)request;
    (void)answer;
    haul_buf_add_str(message, "not read, for a dry run fetches nothing");
    return HAUL_ERR_IO;
}

static enum haul_err make_walk(struct plan *p)
{
    const struct haul_walk_env env = {
        .config = p->config, .redactor = p->redactor, .fetch = refuse_to_fetch};
    enum haul_err err = haul_walk_create(&env, &p->walk);

    if (!err)
        haul_list_use_walk(p->list, p->walk);
    return err;
}

/* ---- all of it ---- */

static enum haul_err prepare(struct plan *p)
{
    const struct haul_config *config = p->config;
    const char *cause = NULL;
    enum haul_err err = check_sitemaps(p);

    if (!err)
        err = haul_redactor_create(&p->redactor, &config->redact, &cause);
    if (cause)
        haul_buf_addf(&p->message, "--redact: %s", cause);
    if (!err)
        err = haul_net_create(config, p->redactor, NULL, &p->net);
    if (!err)
        err = haul_list_create(config->source, config->source_count, config->url_column, &p->list,
                               &p->message);
    if (!err)
        err = make_walk(p);
    if (!err)
        err = haul_url_parser_create(&p->urls);
    if (!err)
        err = haul_keyset_create(&p->hosts);
    if (!err && config->unique)
        err = haul_keyset_create(&p->seen);
    if (!err && config->dir)
        err = haul_naming_create(config, false, &p->naming);
    p->host = calloc(HAUL_DRY_RUN_HOSTS_MAX, sizeof *p->host);
    p->out = haul_out_create(STDOUT_FILENO);
    return err || (p->host && p->out) ? err : HAUL_ERR_NOMEM;
}

static enum haul_err finish(struct plan *p)
{
    enum haul_err err;

    write_hosts(p);
    err = p->line.err ? p->line.err : haul_out_flush(p->out);
    if (err)
        haul_buf_addf(&p->message, "standard output: %s",
                      haul_out_error(p->out) ? strerror(haul_out_error(p->out))
                                             : haul_err_text(err));
    return err;
}

static void summarise(struct plan *p)
{
    if (p->config->quiet)
        return;
    haul_buf_addf(&p->message, "%llu entries: %llu to be fetched, %llu duplicate, %llu invalid",
                  (unsigned long long)p->entries, (unsigned long long)p->fetched,
                  (unsigned long long)p->duplicates, (unsigned long long)p->invalid);
    if (p->renamed)
        haul_buf_addf(&p->message, "; of %llu, another URL has the plain name",
                      (unsigned long long)p->renamed);
}

static void done(struct plan *p)
{
    for (size_t i = 0; i < p->host_count; i++)
        free(p->host[i].origin);
    free(p->host);
    haul_out_free(p->out);
    haul_naming_free(p->naming);
    haul_buf_done(&p->name);
    haul_keyset_free(p->seen);
    haul_keyset_free(p->hosts);
    haul_url_parser_free(p->urls);
    haul_list_free(p->list);
    haul_walk_free(p->walk);
    haul_net_free(p->net);
    haul_redactor_free(p->redactor);
    haul_entry_mirrors_done(&p->mirrors);
    haul_buf_done(&p->line);
    haul_buf_done(&p->shown);
    haul_buf_done(&p->message);
}

static int conclude(struct plan *p, enum haul_err err)
{
    if (!err)
        summarise(p);
    else if (!p->message.len)
        haul_buf_add_str(&p->message, haul_err_text(err));
    if (p->message.len)
        say(p, haul_buf_str(&p->message));
    if (err)
        return err == HAUL_ERR_USAGE || err == HAUL_ERR_SYNTAX || err == HAUL_ERR_LIMIT ? 2 : 3;
    return p->input_failed ? 3 : p->invalid ? 1 : 0;
}

int haul_command_dry_run(const struct haul_config *config)
{
    struct plan p = {.config = config};
    enum haul_err err;
    int status;

    p.error_term = haul_terminal_look(STDERR_FILENO);
    haul_entry_mirrors_init(&p.mirrors);
    haul_buf_init(&p.name, 0);
    haul_buf_init(&p.line, 0);
    haul_buf_init(&p.shown, 0);
    haul_buf_init(&p.message, 0);
    err = prepare(&p);
    if (!err)
        err = read_lists(&p);
    if (!err)
        err = finish(&p);
    status = conclude(&p, err);
    done(&p);
    return status;
}
