#include "command/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/keyset.h"
#include "base/message.h"
#include "base/out.h"
#include "engine/confine.h"
#include "haul/exit.h"
#include "input/entry.h"
#include "input/input.h"
#include "model/config_rules.h"
#include "model/identity.h"
#include "model/key.h"
#include "report/path_clash.h"
#include "sink/name_form.h"
#include "sink/name_late.h"
#include "sink/naming.h"
#include "transfer/net.h"

struct host {
    char *origin;
    uint64_t count;
};

struct dry_run {
    const struct haul_config *config;
    struct haul_terminal error_term;
    bool is_log;                /* what standard output is (base/ci.h) */
    bool is_changed;            /* a line, for that */
    struct haul_net *net;       /* for libcurl's sake, whose parser of URLs is used */
    struct haul_input input;    /* its sitemaps are files */
    struct haul_naming *naming; /* or NULL: nothing would be saved */
    struct haul_buf name;       /* of the file of the entry at hand */
    uint64_t renamed;           /* entries whose plain name another URL has */
    struct haul_keyset *seen;   /* URLs, with --unique; or NULL */
    struct haul_keyset *hosts;  /* from an origin to its index in `host` */
    struct host *host;          /* HAUL_DRY_RUN_HOSTS_MAX of them */
    size_t host_count;
    uint64_t others; /* entries of hosts that are not in `host` */
    uint64_t entries, fetched, invalid, duplicates;
    struct haul_nothing nothing; /* inputs without an entry */
    struct haul_opener *opener;  /* or NULL: none is needed */
    bool reader_left;            /* has closed the pipe that is written to */
    bool input_failed;
    struct haul_entry_mirrors mirrors;
    struct haul_entry_attached attached; /* to the entry at hand */
    struct haul_buf line, shown, message;
    struct haul_out *out;
};

/* ---- lines ---- */

static void begin_line(struct dry_run *d, const char *word)
{
    haul_buf_clear(&d->line);
    haul_buf_add_str(&d->line, word);
}

static void add_cell(struct dry_run *d, const char *text, size_t len)
{
    haul_buf_add_char(&d->line, '\t');
    haul_escape_tsv(&d->line, text, len);
}

/* As reports show it. */
static void add_url(struct dry_run *d, const char *url, size_t len)
{
    haul_buf_clear(&d->shown);
    haul_redactor_apply(d->input.redactor, url,
                        len > HAUL_KEY_INVALID_MAX ? HAUL_KEY_INVALID_MAX : len, &d->shown);
    add_cell(d, haul_buf_str(&d->shown), d->shown.len);
}

static void end_line(struct dry_run *d)
{
    haul_buf_add_char(&d->line, '\n');
    if (d->is_log)
        d->is_changed |= haul_ci_break_row(&d->line, 0);
    haul_out_add(d->out, haul_buf_str(&d->line), d->line.len);
}

/* ---- hosts ---- */

static enum haul_err add_host(struct dry_run *d, const char *origin)
{
    uint64_t index;
    bool is_new;
    enum haul_err err = haul_keyset_add(d->hosts, haul_hash_keyed(origin, strlen(origin)),
                                        d->host_count, &is_new, &index);

    if (err)
        return err;
    if (is_new && d->host_count < HAUL_DRY_RUN_HOSTS_MAX) {
        d->host[d->host_count].origin = strdup(origin);
        if (!d->host[d->host_count].origin)
            return HAUL_ERR_NOMEM;
        index = d->host_count++;
    } else if (is_new || index >= d->host_count) {
        d->others++;
        return HAUL_OK;
    }
    d->host[index].count++;
    return HAUL_OK;
}

static int compare_hosts(const void *a, const void *b)
{
    const struct host *one = a, *other = b;

    if (one->count != other->count)
        return one->count < other->count ? 1 : -1;
    return strcmp(one->origin, other->origin);
}

static void write_host(struct dry_run *d, const char *name, uint64_t count)
{
    begin_line(d, "host\t");
    haul_buf_add_u64(&d->line, count);
    add_cell(d, name, strlen(name));
    end_line(d);
}

static void write_hosts(struct dry_run *d)
{
    qsort(d->host, d->host_count, sizeof *d->host, compare_hosts);
    for (size_t i = 0; i < d->host_count; i++)
        write_host(d, d->host[i].origin, d->host[i].count);
    if (d->others)
        write_host(d, "others", d->others);
}

/* ---- entries ---- */

static enum haul_err write_invalid(struct dry_run *d, const struct haul_list_entry *entry,
                                   const struct haul_url *url, const char *cause)
{
    d->invalid++;
    begin_line(d, "invalid");
    add_url(d, url->display, url->display_len);
    haul_buf_clear(&d->shown);
    if (entry->source)
        haul_buf_addf(&d->shown, "%s:", entry->source);
    haul_buf_addf(&d->shown, "%llu: %s", (unsigned long long)entry->line, cause);
    add_cell(d, haul_buf_str(&d->shown), d->shown.len);
    end_line(d);
    return HAUL_OK;
}

static struct haul_key key_of(const struct dry_run *d, const struct haul_url *url)
{
    return haul_key_of_url(HAUL_KEY_URL, &d->config->ignore_params, url->url, url->url_len);
}

static enum haul_err is_repeated(struct dry_run *d, const struct haul_url *url, bool *repeated)
{
    uint64_t first;
    bool is_new = true;
    enum haul_err err = HAUL_OK;

    if (d->seen) {
        const struct haul_key key = key_of(d, url);

        err = haul_keyset_add(d->seen, haul_key_number(&key), 0, &is_new, &first);
    }
    *repeated = !is_new;
    return err;
}

static void write_name(struct dry_run *d)
{
    bool is_plain = haul_naming_is_plain(d->naming);

    d->renamed += !is_plain;
    begin_line(d, is_plain ? "file" : "renamed");
    haul_buf_clear(&d->shown);
    haul_name_show(&d->shown, haul_buf_str(&d->name));
    haul_buf_clear(&d->name);
    haul_redactor_apply_name(d->input.redactor, NULL, haul_buf_str(&d->shown), d->shown.len,
                             &d->name);
    add_cell(d, haul_buf_str(&d->name), d->name.len);
    end_line(d);
}

static enum haul_err write_fetch(struct dry_run *d, const struct haul_url *url)
{
    bool repeated;
    enum haul_err err = is_repeated(d, url, &repeated);

    if (err)
        return err;
    d->duplicates += repeated;
    d->fetched += !repeated;
    begin_line(d, repeated ? "duplicate" : "fetch");
    add_url(d, url->display, url->display_len);
    end_line(d);
    if (d->naming && !repeated)
        write_name(d);
    for (size_t i = 0; i < d->mirrors.count && !repeated; i++) {
        const char *mirror = d->mirrors.mirror[i].url;

        begin_line(d, "mirror");
        add_url(d, mirror, strlen(mirror));
        end_line(d);
    }
    return repeated ? HAUL_OK : add_host(d, url->origin);
}

/* The job that a run would make of the entry, with what its name is made of; NULL: no memory. */
static struct haul_job *make_job(struct dry_run *d, const struct haul_list_entry *entry,
                                 const struct haul_url *url)
{
    const struct haul_job_text text = {.shown = url->display,
                                       .shown_len = url->display_len,
                                       .url = url->url,
                                       .origin = url->origin};
    struct haul_job *job = haul_job_create(&text);
    struct haul_entry_options options;

    if (!job)
        return NULL;
    job->rec.seq = d->entries - 1;
    job->rec.line = entry->line;
    job->key = key_of(d, url);
    if (!entry->options)
        return job;
    options = *entry->options;
    if (haul_entry_redact(&d->attached, d->input.redactor, NULL, &options) &&
        !haul_job_keep_options(job, &options))
        return job;
    haul_job_free(job);
    return NULL;
}

/* What the file of the entry would be called, as a run over the same lists calls it. */
static enum haul_reason find_name(struct dry_run *d, const struct haul_list_entry *entry,
                                  const struct haul_url *url)
{
    enum haul_reason reason = HAUL_REASON_NO_MEMORY;
    struct haul_job *job;

    haul_buf_clear(&d->name);
    if (!d->naming)
        return HAUL_REASON_NONE;
    job = make_job(d, entry, url);
    haul_buf_clear(&d->line);
    haul_identity_add(&d->line, &d->config->ignore_params, url->url, url->url_len);
    haul_buf_clear(&d->shown);
    haul_redactor_apply(d->input.redactor, haul_buf_str(&d->line), d->line.len, &d->shown);
    if (job && !d->line.err && !d->shown.err)
        reason = haul_naming_give(d->naming, job, haul_buf_str(&d->shown), &d->name);
    haul_job_free(job);
    return reason;
}

static enum haul_err take_entry(struct dry_run *d, const struct haul_list_entry *entry)
{
    const char *problem;
    struct haul_url url;
    enum haul_reason reason = haul_entry_parse(d->input.urls, entry, &d->mirrors, &url, &problem);

    d->entries++;
    if (reason == HAUL_REASON_NONE)
        reason = find_name(d, entry, &url);
    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (reason == HAUL_REASON_NONE)
        return write_fetch(d, &url);
    if (reason == HAUL_REASON_BAD_NAME && entry->options) {
        haul_buf_clear(&d->line);
        haul_buf_clear(&d->name);
        haul_name_explain(entry->options->out, entry->options->dir, &d->line);
        haul_redactor_apply(d->input.redactor, haul_buf_str(&d->line), d->line.len, &d->name);
        problem = d->name.len ? haul_buf_str(&d->name) : NULL;
    }
    return write_invalid(d, entry, &url, problem ? problem : haul_reason_text(reason));
}

/* It may hold text of the list. */
static void say_of_list(struct dry_run *d, const char *warning)
{
    haul_buf_clear(&d->shown);
    haul_redactor_apply(d->input.redactor, warning, strlen(warning), &d->shown);
    if (d->shown.len)
        haul_message_say(&d->error_term, haul_buf_str(&d->shown));
}

/* What the list says beside, or instead of, an entry. */
static void say_words_of_list(struct dry_run *d)
{
    const char *nothing = haul_list_nothing(d->input.list);

    say_of_list(d, haul_list_warning(d->input.list));
    if (!*nothing || !haul_nothing_is_told(&d->nothing))
        return;
    d->nothing.empty++;
    say_of_list(d, nothing);
}

static enum haul_err read_lists(struct dry_run *d)
{
    struct haul_list_entry entry;
    enum haul_err err;

    do {
        err = haul_list_next(d->input.list, &entry);
        say_words_of_list(d);
        if (err == HAUL_ERR_IO) {
            d->input_failed = true;
            haul_message_say(&d->error_term, haul_list_message(d->input.list));
            err = HAUL_OK;
        } else if (!err) {
            err = take_entry(d, &entry);
        }
    } while (!err || err == HAUL_ERR_AGAIN);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- sitemaps ---- */

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

/* ---- all of it ---- */

static enum haul_err prepare(struct dry_run *d)
{
    const struct haul_config *config = d->config;
    enum haul_err err = haul_config_check(config, HAUL_VERB_DRY_RUN, &d->message);

    if (!err)
        err = haul_confine_command(config, HAUL_VERB_DRY_RUN, &d->opener, &d->message);
    if (!err)
        err = haul_path_clash_check(config, &d->message);
    if (!err)
        err = haul_input_open(&d->input, config, &d->message);
    if (!err)
        err = haul_net_create(config, d->input.redactor, NULL, &d->net);
    if (!err)
        err = haul_input_begin(&d->input, config, refuse_to_fetch, NULL);
    if (!err)
        haul_input_use_opener(&d->input, d->opener);
    if (!err)
        err = haul_keyset_create(&d->hosts);
    if (!err && config->unique)
        err = haul_keyset_create(&d->seen);
    if (!err && haul_config_saves(config))
        err = haul_naming_create(config, false, &d->naming);
    d->host = calloc(HAUL_DRY_RUN_HOSTS_MAX, sizeof *d->host);
    d->out = haul_out_create(STDOUT_FILENO);
    return err || (d->host && d->out) ? err : HAUL_ERR_NOMEM;
}

static enum haul_err finish(struct dry_run *d)
{
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err;
    int error;

    write_hosts(d);
    err = d->line.err ? d->line.err : haul_out_flush(d->out);
    error = haul_out_error(d->out);
    d->reader_left = error == EPIPE;
    if (err && !d->reader_left)
        haul_buf_addf(&d->message, "standard output: %s",
                      error ? haul_io_error_text(error, text) : haul_err_text(err));
    return err;
}

static void summarise(struct dry_run *d)
{
    if (d->config->quiet)
        return;
    haul_buf_addf(&d->message, "%llu entries: %llu to be fetched, %llu duplicate, %llu invalid",
                  (unsigned long long)d->entries, (unsigned long long)d->fetched,
                  (unsigned long long)d->duplicates, (unsigned long long)d->invalid);
    if (d->renamed)
        haul_buf_addf(&d->message, "; of %llu, another URL has the plain name",
                      (unsigned long long)d->renamed);
    if (d->config->robots == HAUL_ROBOTS_OBEY)
        haul_buf_add_str(&d->message, "; no robots.txt was asked for, which may disallow some");
}

static void done(struct dry_run *d)
{
    for (size_t i = 0; i < d->host_count; i++)
        free(d->host[i].origin);
    free(d->host);
    haul_out_free(d->out);
    haul_naming_free(d->naming);
    haul_buf_done(&d->name);
    haul_keyset_free(d->seen);
    haul_keyset_free(d->hosts);
    haul_net_free(d->net);
    haul_input_close(&d->input);
    haul_opener_free(d->opener);
    haul_entry_mirrors_done(&d->mirrors);
    haul_entry_attached_done(&d->attached);
    haul_buf_done(&d->line);
    haul_buf_done(&d->shown);
    haul_buf_done(&d->message);
}

static bool is_nothing_error(struct dry_run *d)
{
    haul_buf_clear(&d->message);
    if (!haul_nothing_is_error(&d->nothing, d->entries, &d->message))
        return false;
    haul_message_say(&d->error_term, haul_buf_str(&d->message));
    return true;
}

static int conclude(struct dry_run *d, enum haul_err err)
{
    if (d->reader_left)
        return HAUL_COMMAND_READER_LEFT;
    if (!err)
        summarise(d);
    else if (!d->message.len)
        haul_buf_add_str(&d->message, haul_err_text(err));
    if (d->is_changed && !err)
        haul_message_say(&d->error_term, haul_ci_changed);
    if (d->message.len)
        haul_message_say(&d->error_term, haul_buf_str(&d->message));
    if (err)
        return err == HAUL_ERR_USAGE || err == HAUL_ERR_SYNTAX || err == HAUL_ERR_LIMIT
                   ? HAUL_EXIT_USAGE
                   : HAUL_EXIT_INTERNAL;
    if (d->input_failed || is_nothing_error(d))
        return HAUL_EXIT_INTERNAL;
    return d->invalid ? HAUL_EXIT_FAILED : HAUL_EXIT_OK;
}

int haul_command_dry_run(const struct haul_config *config)
{
    struct dry_run d = {.config = config, .nothing = haul_input_nothing(config)};
    enum haul_err err;
    int status;

    d.error_term = haul_terminal_look(STDERR_FILENO);
    d.is_log = haul_ci_is_log(STDOUT_FILENO);
    haul_entry_mirrors_init(&d.mirrors);
    haul_entry_attached_init(&d.attached);
    haul_buf_init(&d.name, 0);
    haul_buf_init(&d.line, 0);
    haul_buf_init(&d.shown, 0);
    haul_buf_init(&d.message, 0);
    err = prepare(&d);
    if (!err)
        err = read_lists(&d);
    if (!err)
        err = finish(&d);
    status = conclude(&d, err);
    done(&d);
    return status;
}
