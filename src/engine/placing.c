#include "engine/placing.h"

#include <string.h>

#include "model/identity.h"
#include "sink/digest.h"
#include "sink/name_form.h"
#include "sink/name_late.h"

void haul_placing_init(struct haul_placing *placing, const struct haul_config *config,
                       const struct haul_redactor *redactor, const struct haul_body_store *bodies)
{
    *placing = (struct haul_placing){.config = config, .redactor = redactor, .bodies = bodies};
    haul_buf_init(&placing->identity, 0);
    haul_buf_init(&placing->url, 0);
    haul_buf_init(&placing->earlier_url, 0);
    haul_buf_init(&placing->name, 0);
    haul_buf_init(&placing->earlier, 0);
    haul_buf_init(&placing->text, 0);
    haul_buf_init(&placing->problem, 0);
    haul_buf_init(&placing->first, 0);
}

void haul_placing_done(struct haul_placing *placing)
{
    haul_buf_done(&placing->identity);
    haul_buf_done(&placing->url);
    haul_buf_done(&placing->earlier_url);
    haul_buf_done(&placing->name);
    haul_buf_done(&placing->earlier);
    haul_buf_done(&placing->text);
    haul_buf_done(&placing->problem);
    haul_buf_done(&placing->first);
}

/* ---- names ---- */

/* NULL: no memory. What is ignored is left in placing->identity, if anything is ignored or hidden.
 */
static const char *make_url(struct haul_placing *placing, const struct haul_job *job)
{
    const struct haul_strings *ignored = &placing->config->ignore_params;
    struct haul_buf *identity = &placing->identity, *url = &placing->url;

    if (!placing->redactor && !job->given && !ignored->count)
        return job->url;
    haul_buf_clear(identity);
    haul_buf_clear(url);
    haul_identity_add(identity, ignored, job->url, strlen(job->url));
    haul_redactor_apply_all(placing->redactor, job->given, haul_buf_str(identity), identity->len,
                            url);
    return identity->err || url->err ? NULL : haul_buf_str(url);
}

const char *haul_placing_url(struct haul_placing *placing, const struct haul_job *job)
{
    const char *url = make_url(placing, job);

    return url ? url : "";
}

/* The place of one of the run's own files is no body's, which then need not be asked for. */
static enum haul_reason check_guard(struct haul_placing *placing)
{
    const char *name = haul_buf_str(&placing->name);

    if (haul_body_store_check_name(placing->bodies, name) != HAUL_REASON_BAD_NAME)
        return HAUL_REASON_NONE; /* what else is wrong there, saving tells */
    haul_buf_add_str(&placing->problem, haul_body_guarded);
    return HAUL_REASON_BAD_NAME;
}

/* Fills placing->earlier: empty where earlier versions gave the same name. `now`: of make_url. */
static enum haul_reason find_earlier(struct haul_placing *placing, const struct haul_job *job,
                                     const char *now)
{
    const struct haul_buf *identity = &placing->identity;
    struct haul_naming_shown shown = {.now = now, .earlier = now, .attached = placing->attached};

    if (placing->redactor) {
        haul_buf_clear(&placing->earlier_url);
        haul_redactor_apply_earlier(placing->redactor, haul_buf_str(identity), identity->len,
                                    &placing->earlier_url);
        shown.earlier = haul_buf_str(&placing->earlier_url);
    }
    if (placing->earlier_url.err)
        return HAUL_REASON_NO_MEMORY;
    return haul_naming_find_earlier(placing->naming, job, &shown, &placing->earlier);
}

/* Fills placing->name and placing->earlier. */
static enum haul_reason find_names(struct haul_placing *placing, struct haul_job *job)
{
    const char *url = make_url(placing, job);
    enum haul_reason reason =
        url ? haul_naming_give(placing->naming, job, url, &placing->name) : HAUL_REASON_NO_MEMORY;

    if (reason == HAUL_REASON_NONE)
        reason = check_guard(placing);
    if (reason != HAUL_REASON_NONE)
        return reason;
    job->is_named_by_list = haul_naming_is_by_list(placing->naming);
    return find_earlier(placing, job, url);
}

enum haul_reason haul_placing_check(struct haul_placing *placing, const struct haul_job *job)
{
    const char *sum = job->options ? job->options->checksum : NULL, *url;
    enum haul_reason reason = HAUL_REASON_NONE;
    struct haul_checksum checksum;

    haul_buf_clear(&placing->problem);
    if (placing->naming) {
        url = make_url(placing, job);
        reason = url ? haul_naming_check(placing->naming, job, url) : HAUL_REASON_NO_MEMORY;
    }
    if (reason == HAUL_REASON_NONE && sum && !haul_checksum_parse(sum, &checksum))
        reason = HAUL_REASON_BAD_CHECKSUM;
    return reason;
}

/* ---- checksums ---- */

/* Fills placing->text with the name that the list says, as it says it, if no other URL has it. */
static const char *name_of_list(struct haul_placing *placing, const struct haul_job *job)
{
    const struct haul_entry_options *options = job->options;
    const char *text;

    haul_buf_clear(&placing->text);
    if (!options || !options->out || !haul_naming_is_plain(placing->naming))
        return "";
    if (options->dir)
        haul_buf_addf(&placing->text, "%s/", options->dir);
    haul_buf_add_str(&placing->text, options->out);
    text = haul_buf_str(&placing->text);
    return strncmp(text, "./", 2) == 0 ? text + 2 : text;
}

static bool is_listed(struct haul_placing *placing, const struct haul_job *job,
                      struct haul_checksum *checksum)
{
    const char *name[3];
    bool is_found = false;

    if (!placing->sums || !placing->naming)
        return false;
    name[0] = haul_buf_str(&placing->name);
    name[1] = haul_buf_str(&placing->earlier);
    name[2] = name_of_list(placing, job);
    for (size_t i = 0; i < sizeof name / sizeof *name && !is_found; i++)
        is_found = *name[i] && haul_sums_find(placing->sums, name[i], checksum);
    return is_found;
}

/*
 * The checksum that the list has for a job, or --sums for its name, in placing->text; NULL: none.
 * That of --sums is the user's own word, and a list goes before it only where it is trusted.
 */
static const char *find_checksum(struct haul_placing *placing, const struct haul_job *job)
{
    const char *said = job->options ? job->options->checksum : NULL;
    struct haul_checksum checksum;

    if (said && placing->config->list_keys == HAUL_LIST_KEYS_ALL)
        return said;
    if (!is_listed(placing, job, &checksum))
        return said;
    haul_buf_clear(&placing->text);
    haul_buf_addf(&placing->text, "%s=%s", haul_digest_word(checksum.hash), checksum.hex);
    return haul_buf_str(&placing->text);
}

/* ---- the whole ---- */

static const char *text_or_null(const struct haul_buf *buf)
{
    return buf->len ? buf->data : NULL;
}

enum haul_reason haul_placing_give(struct haul_placing *placing, struct haul_job *job)
{
    struct haul_job_saving saving;
    enum haul_reason reason;

    haul_buf_clear(&placing->name);
    haul_buf_clear(&placing->earlier);
    haul_buf_clear(&placing->problem);
    reason = placing->naming ? find_names(placing, job) : HAUL_REASON_NONE;
    if (reason != HAUL_REASON_NONE)
        return reason;
    saving = (struct haul_job_saving){.name = text_or_null(&placing->name),
                                      .earlier = text_or_null(&placing->earlier),
                                      .checksum = find_checksum(placing, job)};
    if (placing->text.err)
        return HAUL_REASON_NO_MEMORY; /* what might have been a checksum is not left out */
    if (saving.earlier &&
        !haul_body_store_has_earlier(placing->bodies, saving.name, saving.earlier, &saving.removes))
        saving.earlier = NULL;
    saving.hides_earlier =
        saving.earlier && haul_redactor_hides_any(placing->redactor, job->given, saving.earlier,
                                                  placing->earlier.len, &placing->earlier_url);
    if ((saving.name || saving.checksum) && haul_job_keep_saving(job, &saving))
        return HAUL_REASON_NO_MEMORY;
    return HAUL_REASON_NONE;
}

const char *haul_placing_explain(struct haul_placing *placing, const struct haul_job *job)
{
    haul_buf_clear(&placing->text);
    if (!placing->problem.len && job->options)
        haul_name_explain(job->options->out, job->options->dir, &placing->text);
    haul_redactor_apply(placing->redactor, haul_buf_str(&placing->text), placing->text.len,
                        &placing->problem);
    return haul_buf_str(&placing->problem);
}

/* ---- what has no line in --sums ---- */

void haul_placing_note(struct haul_placing *placing, const struct haul_job *job)
{
    const char *source = job->rec.source;

    if (!placing->sums || !job->name || job->checksum || placing->unlisted++)
        return;
    if (source)
        haul_buf_addf(&placing->first, "%s:%llu: ", strcmp(source, "-") ? source : "standard input",
                      (unsigned long long)job->rec.line);
    haul_buf_clear(&placing->text);
    haul_name_show(&placing->text, job->name);
    haul_redactor_apply(placing->redactor, haul_buf_str(&placing->text), placing->text.len,
                        &placing->first);
}

void haul_placing_add_words(const struct haul_placing *placing, struct haul_buf *message)
{
    if (!placing->unlisted || placing->first.err || placing->config->quiet)
        return;
    haul_buf_addf(message, "%s has no line in %s, and is not checked (--sums)", placing->first.data,
                  placing->config->sums);
    if (placing->unlisted > 1)
        haul_buf_addf(message, "; nor %s %llu more", placing->unlisted == 2 ? "is" : "are",
                      (unsigned long long)placing->unlisted - 1);
}
