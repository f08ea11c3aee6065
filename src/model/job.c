#include "model/job.h"

#include <stdlib.h>
#include <string.h>

static size_t string_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* Copies `text` to *at and moves *at behind it; NULL stays NULL. */
static const char *put_string(char **at, const char *text)
{
    size_t size = string_size(text);
    char *start = *at;

    if (!text || !start)
        return NULL;
    memcpy(start, text, size);
    *at += size;
    return start;
}

struct haul_job *haul_job_create(const struct haul_job_text *text)
{
    size_t size = sizeof(struct haul_job) + text->shown_len + 1 + string_size(text->url) +
                  string_size(text->origin) + string_size(text->user) + string_size(text->password);
    struct haul_job *job = malloc(size);
    char *at;

    if (!job)
        return NULL;
    *job = (struct haul_job){.bytes = size};
    haul_record_init(&job->rec);
    at = job->storage;
    memcpy(at, text->shown, text->shown_len);
    at[text->shown_len] = '\0';
    job->shown = job->rec.url = at;
    at += text->shown_len + 1;
    job->url = put_string(&at, text->url);
    job->origin = put_string(&at, text->origin);
    job->user = put_string(&at, text->user);
    job->password = put_string(&at, text->password);
    job->own = (struct haul_mirror){job->url, job->origin, job->user, job->password};
    haul_buf_init(&job->hops, HAUL_JOB_HOPS_MAX);
    haul_buf_init(&job->sent_cookies, HAUL_JOB_SENT_MAX * sizeof(void *));
    haul_buf_init(&job->sent_logins, HAUL_JOB_SENT_MAX * sizeof(void *));
    haul_buf_init(&job->notices, HAUL_JOB_HOPS_MAX);
    return job;
}

/* ---- what the list said ---- */

void haul_entry_options_init(struct haul_entry_options *options)
{
    *options = (struct haul_entry_options){.max_tries = -1,
                                           .retry_wait_ms = -1,
                                           .timeout_ms = -1,
                                           .connect_timeout_ms = -1,
                                           .speed_limit = -1};
}

/* Strings one behind the other; with `at` NULL they are only counted. */
struct packer {
    char *at;
    size_t size; /* bytes so far */
};

static void pack(struct packer *packer, const char **text)
{
    packer->size += string_size(*text);
    if (packer->at)
        *text = put_string(&packer->at, *text);
}

static void pack_texts(struct packer *packer, struct haul_entry_options *options)
{
    pack(packer, &options->out);
    pack(packer, &options->dir);
    pack(packer, &options->checksum);
    pack(packer, &options->referer);
    pack(packer, &options->user_agent);
    pack(packer, &options->user);
    pack(packer, &options->password);
    pack(packer, &options->url_column);
    for (size_t i = 0; i < options->header_count; i++)
        pack(packer, &options->headers[i]);
    for (size_t i = 0; i < options->mirror_count; i++) {
        pack(packer, &options->mirrors[i].url);
        pack(packer, &options->mirrors[i].origin);
        pack(packer, &options->mirrors[i].user);
        pack(packer, &options->mirrors[i].password);
    }
    for (size_t i = 0; i < options->attached_count; i++) {
        pack(packer, &options->attached[i].name);
        pack(packer, &options->attached[i].value);
    }
}

/* Takes the next `size` bytes of the copy for an array. All elements are pointers. */
static void *place(char **at, const void *array, size_t size)
{
    char *to = *at;

    if (!size)
        return NULL;
    memcpy(to, array, size);
    *at += size;
    return to;
}

enum haul_err haul_job_keep_options(struct haul_job *job, const struct haul_entry_options *options)
{
    size_t headers = options->header_count * sizeof *options->headers;
    size_t mirrors = options->mirror_count * sizeof *options->mirrors;
    size_t attached = options->attached_count * sizeof *options->attached;
    size_t size = sizeof *options + headers + mirrors + attached;
    struct haul_entry_options counted = *options, *copy;
    struct packer packer = {0};
    char *at;

    pack_texts(&packer, &counted);
    size += packer.size;
    copy = malloc(size);
    if (!copy)
        return HAUL_ERR_NOMEM;
    *copy = *options;
    at = (char *)(copy + 1);
    copy->headers = place(&at, options->headers, headers);
    copy->mirrors = place(&at, options->mirrors, mirrors);
    copy->attached = place(&at, options->attached, attached);
    packer.at = at;
    pack_texts(&packer, copy);
    job->options = copy;
    job->bytes += size;
    job->rec.attached = copy->attached;
    job->rec.attached_count = copy->attached_count;
    return HAUL_OK;
}

/* ---- validators, mirrors, text ---- */

enum haul_err haul_job_keep_validators(struct haul_job *job,
                                       const struct haul_job_validators *validators)
{
    size_t size = sizeof *validators + string_size(validators->url) +
                  string_size(validators->etag) + string_size(validators->modified);
    struct haul_job_validators *copy = malloc(size);
    char *at;

    if (!copy)
        return HAUL_ERR_NOMEM;
    at = (char *)(copy + 1);
    copy->url = put_string(&at, validators->url);
    copy->etag = put_string(&at, validators->etag);
    copy->modified = put_string(&at, validators->modified);
    copy->size = validators->size;
    job->validators = copy;
    job->bytes += size;
    return HAUL_OK;
}

const struct haul_entry_options *haul_job_options_to_send(const struct haul_job *job)
{
    bool is_home = job->origin == job->own.origin || strcmp(job->origin, job->own.origin) == 0;

    return is_home ? job->options : NULL;
}

struct haul_asked haul_job_asked(const struct haul_job *job)
{
    const struct haul_entry_options *options = job->options;

    return (struct haul_asked){.url = job->own.url,
                               .mirrors = options ? options->mirrors : NULL,
                               .mirror_count = options ? options->mirror_count : 0,
                               .hops = &job->hops};
}

void haul_job_note_attempt(struct haul_job *job)
{
    struct haul_record *rec = &job->rec;
    struct haul_tried *tried = job->tried;

    if (!tried)
        tried = calloc(HAUL_TRIED_MAX, sizeof *tried);
    if (!tried)
        return;
    if (rec->tried_count == HAUL_TRIED_MAX)
        memmove(tried + HAUL_TRIED_HALF, tried + HAUL_TRIED_HALF + 1,
                (HAUL_TRIED_HALF - 1) * sizeof *tried);
    else
        rec->tried_count++;
    tried[rec->tried_count - 1] =
        (struct haul_tried){.at_us = rec->time_elapsed_us - rec->time_total_us,
                            .took_us = rec->time_total_us,
                            .worker = rec->worker,
                            .is_step = job->goes_on,
                            .reason = job->goes_on ? HAUL_REASON_NONE : rec->reason,
                            .http_code = rec->http_code};
    rec->tried = job->tried = tried;
}

bool haul_job_has_next_mirror(const struct haul_job *job)
{
    return job->options && job->mirror < job->options->mirror_count;
}

void haul_job_use_next_mirror(struct haul_job *job)
{
    const struct haul_mirror *mirror = &job->options->mirrors[job->mirror++];

    job->url = mirror->url;
    job->origin = mirror->origin;
    job->user = mirror->user;
    job->password = mirror->password;
    job->attempts_before = job->rec.attempts;
    job->attempts_spared = 0;
    job->turn = (struct haul_turn){0};
    job->goes_on = false; /* it went on with what another server had said */
}

void haul_job_free(struct haul_job *job)
{
    if (!job)
        return;
    free(job->options);
    free(job->validators);
    free(job->text);
    free(job->tried);
    free(job->saving);
    haul_buf_done(&job->hops);
    haul_buf_done(&job->sent_cookies);
    haul_buf_done(&job->sent_logins);
    haul_buf_done(&job->notices);
    haul_job_drop_cookies(job);
    haul_job_drop_parcels(job);
    free(job);
}

void haul_job_drop_cookies(struct haul_job *job)
{
    haul_cookie_jar_free(job->jar);
    job->jar = NULL;
}

void haul_job_drop_parcels(struct haul_job *job)
{
    haul_parcel_free(job->parcels);
    haul_parcel_free(job->captures);
    job->parcels = job->captures = NULL;
}

enum haul_err haul_job_keep_saving(struct haul_job *job, const struct haul_job_saving *saving)
{
    size_t size =
        string_size(saving->name) + string_size(saving->earlier) + string_size(saving->checksum);
    char *at = size ? malloc(size) : NULL;

    if (size && !at)
        return HAUL_ERR_NOMEM;
    free(job->saving);
    job->saving = at;
    job->bytes += size;
    job->name = put_string(&at, saving->name);
    job->earlier = put_string(&at, saving->earlier);
    job->checksum = put_string(&at, saving->checksum);
    job->removes = saving->removes;
    job->hides_earlier = saving->hides_earlier;
    return HAUL_OK;
}

const char *haul_job_file(const struct haul_job *job)
{
    return job->earlier ? job->earlier : job->name;
}

const char *haul_job_file_told(const struct haul_job *job)
{
    return job->hides_earlier ? job->name : haul_job_file(job);
}

void haul_job_keep_text(struct haul_job *job, const struct haul_record *rec)
{
    size_t size =
        string_size(rec->url_effective) + string_size(rec->content_type) + string_size(rec->etag) +
        string_size(rec->last_modified) + string_size(rec->remote_ip) + string_size(rec->errormsg) +
        string_size(rec->filename_effective) + string_size(rec->md5) + string_size(rec->sha1) +
        string_size(rec->sha256) + string_size(rec->sha512) + string_size(rec->entry);
    struct haul_record *to = &job->rec;
    char *old = job->text; /* `rec` may point into it */
    char *at = size ? malloc(size) : NULL;

    job->text = at;
    to->url_effective = at ? put_string(&at, rec->url_effective) : NULL;
    to->content_type = at ? put_string(&at, rec->content_type) : NULL;
    to->etag = at ? put_string(&at, rec->etag) : NULL;
    to->last_modified = at ? put_string(&at, rec->last_modified) : NULL;
    to->remote_ip = at ? put_string(&at, rec->remote_ip) : NULL;
    to->errormsg = at ? put_string(&at, rec->errormsg) : NULL;
    to->filename_effective = at ? put_string(&at, rec->filename_effective) : NULL;
    to->md5 = at ? put_string(&at, rec->md5) : NULL;
    to->sha1 = at ? put_string(&at, rec->sha1) : NULL;
    to->sha256 = at ? put_string(&at, rec->sha256) : NULL;
    to->sha512 = at ? put_string(&at, rec->sha512) : NULL;
    to->entry = at ? put_string(&at, rec->entry) : NULL;
    free(old);
}

void haul_job_list_add(struct haul_job_list *list, struct haul_job *job)
{
    job->next = NULL;
    if (list->tail)
        list->tail->next = job;
    else
        list->head = job;
    list->tail = job;
    list->count++;
}

void haul_job_list_add_first(struct haul_job_list *list, struct haul_job *job)
{
    job->next = list->head;
    list->head = job;
    if (!list->tail)
        list->tail = job;
    list->count++;
}

struct haul_job *haul_job_list_take(struct haul_job_list *list)
{
    struct haul_job *job = list->head;

    if (!job)
        return NULL;
    list->head = job->next;
    if (!list->head)
        list->tail = NULL;
    list->count--;
    job->next = NULL;
    return job;
}

void haul_job_list_append(struct haul_job_list *list, struct haul_job_list *from)
{
    if (!from->head)
        return;
    if (list->tail)
        list->tail->next = from->head;
    else
        list->head = from->head;
    list->tail = from->tail;
    list->count += from->count;
    *from = (struct haul_job_list){0};
}
