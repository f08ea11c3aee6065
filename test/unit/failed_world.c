#include "failed_world.h"

#include <check.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/entry.h"
#include "input/input.h"
#include "model/key.h"
#include "report/entry_text.h"
#include "report/failed.h"
#include "sink/naming.h"

static char directory[] = "/tmp/haul-test-failed-XXXXXX";
struct haul_buf told;

void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    haul_buf_init(&told, 0);
    ck_assert_int_eq(curl_global_init(CURL_GLOBAL_ALL), 0);
}

void leave_directory(void)
{
    haul_buf_done(&told);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert(remove(directory) == 0);
}

void write_file(const char *name, const struct haul_buf *text)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(haul_buf_str(text), 1, text->len, file), text->len);
    ck_assert_int_eq(fclose(file), 0);
}

char *read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    char *text = NULL;
    size_t size = 0;

    ck_assert_ptr_nonnull(file);
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_ptr_nonnull(text);
    return text;
}

/* ---- from a list to what it asks for ---- */

static void add_text(struct haul_buf *to, const char *name, const char *value)
{
    if (value)
        haul_buf_addf(to, " %s=[%s]", name, value);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct haul_attached *)a)->name, ((const struct haul_attached *)b)->name);
}

/* Columns of several tables change their order. */
static void add_attached(struct haul_buf *to, const struct haul_entry_options *options)
{
    struct haul_attached sorted[HAUL_ENTRY_COLUMNS_MAX];

    if (!options->attached_count)
        return;
    memcpy(sorted, options->attached, options->attached_count * sizeof *sorted);
    qsort(sorted, options->attached_count, sizeof *sorted, compare_names);
    for (size_t i = 0; i < options->attached_count; i++)
        if (*sorted[i].value)
            add_text(to, sorted[i].name, sorted[i].value);
}

static void add_options(struct haul_buf *to, const struct haul_entry_options *options,
                        bool with_attached)
{
    add_text(to, "checksum", options->checksum);
    add_text(to, "referer", options->referer);
    add_text(to, "agent", options->user_agent);
    add_text(to, "user", options->user);
    for (size_t i = 0; i < options->header_count; i++)
        add_text(to, "header", options->headers[i]);
    haul_buf_addf(to, " %d %lld %lld %lld %lld", options->max_tries,
                  (long long)options->retry_wait_ms, (long long)options->timeout_ms,
                  (long long)options->connect_timeout_ms, (long long)options->speed_limit);
    for (size_t i = 0; i < options->mirror_count; i++)
        add_text(to, "mirror", options->mirrors[i].url);
    if (with_attached)
        add_attached(to, options);
}

/* One job as text: what decides its request and its file. */
static void add_job(struct haul_buf *to, const struct haul_job *job, bool with_attached)
{
    struct haul_entry_options none;

    haul_entry_options_init(&none);
    haul_buf_addf(to, "%s at %s", job->url, job->origin);
    add_text(to, "name", job->name);
    if (!job->name && job->options) {
        add_text(to, "out", job->options->out);
        add_text(to, "dir", job->options->dir);
    }
    add_options(to, job->options ? job->options : &none, with_attached);
    haul_buf_add_char(to, '\n');
}

static struct haul_job *make_job(const struct haul_url *url, const struct haul_list_entry *entry,
                                 struct haul_entry_mirrors *mirrors)
{
    const struct haul_job_text text = {.shown = url->display,
                                       .shown_len = url->display_len,
                                       .url = url->url,
                                       .origin = url->origin,
                                       .user = url->user,
                                       .password = url->password};
    struct haul_job *job = haul_job_create(&text);
    struct haul_entry_options options;

    ck_assert_ptr_nonnull(job);
    haul_entry_options_init(&options);
    if (entry->options)
        options = *entry->options;
    options.mirrors = mirrors->mirror;
    options.mirror_count = mirrors->count;
    if (entry->options || mirrors->count)
        ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    job->rec.line = entry->line;
    job->rec.source = entry->source;
    return job;
}

/* As the dispatcher does it. What is no name is left to be what the list says. */
static void give_name(struct haul_naming *naming, struct haul_job *job, uint64_t number)
{
    struct haul_buf name;

    job->rec.seq = number;
    job->key =
        haul_key_of_url(HAUL_KEY_URL, &(struct haul_strings){NULL, 0}, job->url, strlen(job->url));
    haul_buf_init(&name, 0);
    if (haul_naming_give(naming, job, job->url, &name) == HAUL_REASON_NONE) {
        ck_assert_int_eq(
            haul_job_keep_saving(job, &(struct haul_job_saving){.name = haul_buf_str(&name)}),
            HAUL_OK);
        job->is_named_by_list = haul_naming_is_by_list(naming);
    }
    haul_buf_done(&name);
}

/* Whoever wants the jobs of a list, and which of them fail. */
struct user {
    const struct haul_config *config;
    struct haul_failed *failed; /* or NULL */
    struct haul_naming *naming; /* or NULL: nothing is saved */
    struct haul_buf asked;      /* all jobs, as text */
    bool with_attached;
    uint64_t entries; /* that have got names */
    size_t invalid, jobs, secrets;
};

/* Notes what the job asks for, and saves it if this is the run that fails. */
static void take_job(struct user *user, struct haul_job *job, struct haul_buf *room)
{
    user->jobs++;
    user->secrets += job->has_secret;
    if (!job->has_secret)
        add_job(&user->asked, job, user->with_attached);
    if (!user->failed)
        return;
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = HAUL_REASON_TIMEOUT;
    haul_entry_text_note_job(job, room);
    haul_failed_add(user->failed, &job->rec);
}

static void use_entry(struct user *user, struct haul_input *input,
                      const struct haul_list_entry *entry, struct haul_entry_mirrors *mirrors)
{
    struct haul_url url;
    struct haul_buf room, shown;
    const char *problem;
    struct haul_job *job;
    bool hides_url;

    if (haul_entry_parse(input->urls, entry, mirrors, &url, &problem) != HAUL_REASON_NONE) {
        user->invalid++;
        return;
    }
    haul_buf_init(&room, 0);
    haul_buf_init(&shown, 0);
    hides_url = haul_entry_hides_url(&url, input->redactor, NULL, &room);
    haul_redactor_apply(input->redactor, url.display, url.display_len, &shown);
    url.display = haul_buf_str(&shown);
    url.display_len = shown.len;
    job = make_job(&url, entry, mirrors);
    job->has_secret = hides_url || haul_entry_text_has_secret(job->options, input->redactor, &room);
    if (user->naming)
        give_name(user->naming, job, user->entries++);
    /* where files have names, some are there already, and keep theirs */
    if (!user->naming || !user->failed || user->entries % 3)
        take_job(user, job, &room);
    haul_buf_done(&room);
    haul_buf_done(&shown);
    haul_job_free(job);
}

static void use_lists(struct user *user)
{
    struct haul_entry_mirrors mirrors;
    struct haul_list_entry entry;
    struct haul_input input;
    struct haul_buf message;
    enum haul_err err;

    haul_buf_init(&message, 0);
    haul_entry_mirrors_init(&mirrors);
    ck_assert_msg(haul_input_open(&input, user->config, &message) == HAUL_OK, "%s",
                  haul_buf_str(&message));
    if (user->config->dir)
        ck_assert_int_eq(haul_naming_create(user->config, false, &user->naming), HAUL_OK);
    ck_assert_int_eq(haul_input_begin(&input, user->config, NULL, NULL), HAUL_OK);
    do {
        err = haul_list_next(input.list, &entry);
        if (!err)
            use_entry(user, &input, &entry, &mirrors);
        ck_assert_int_ne(err, HAUL_ERR_IO);
    } while (!err || err == HAUL_ERR_AGAIN);
    haul_input_close(&input);
    haul_naming_free(user->naming);
    haul_entry_mirrors_done(&mirrors);
    haul_buf_done(&message);
}

size_t go_around(struct haul_config *config, bool with_attached)
{
    struct haul_source saved = {HAUL_SOURCE_FILE, "saved"};
    struct haul_config again = *config;
    struct user first = {.config = config, .with_attached = with_attached};
    struct user second = {.config = &again, .with_attached = with_attached};
    int fd = open("saved", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t lost;

    haul_buf_init(&first.asked, 0);
    haul_buf_init(&second.asked, 0);
    haul_buf_clear(&told);
    config->save_failed = "saved";
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(haul_failed_create(config, fd, &first.failed, &told), HAUL_OK);
    use_lists(&first);
    ck_assert_int_eq(haul_failed_finish(first.failed, &told), HAUL_OK);
    haul_failed_free(first.failed);
    ck_assert_int_eq(close(fd), 0);
    again.source = &saved;
    again.source_count = 1;
    use_lists(&second);
    ck_assert_uint_eq(second.invalid, 0);
    ck_assert_uint_le(second.asked.len, first.asked.len);
    if (first.jobs - first.secrets == second.jobs)
        ck_assert_uint_eq(second.asked.len, first.asked.len);
    ck_assert_str_eq(haul_buf_str(&second.asked),
                     haul_buf_str(&first.asked) + first.asked.len - second.asked.len);
    lost = first.jobs - second.jobs;
    haul_buf_done(&first.asked);
    haul_buf_done(&second.asked);
    return lost;
}

void remove_files(void)
{
    (void)remove("saved");
    (void)remove("list");
    (void)remove("list2");
}
