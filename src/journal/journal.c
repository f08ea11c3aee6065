#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/message.h"
#include "base/owned.h"
#include "journal/packed.h"
#include "journal/scan.h"
#include "journal/syncer.h"

enum {
    GATHER_MAX = 256 << 10,                         /* bytes that are written without being asked */
    BUFFER_MAX = GATHER_MAX + HAUL_JOURNAL_LINE_MAX /* and the line that was too much */
};

struct haul_journal {
    int fd;
    bool is_regular;
    uint64_t end;                   /* bytes in the file, whole lines */
    int64_t sync_us;                /* [const after create] */
    bool is_dirty;                  /* written, and the syncer was not asked */
    struct haul_syncer *syncer;     /* once it is needed; only with sync_us > 0 */
    struct haul_syncer_first first; /* [const after create] */
    enum haul_err err;              /* sticky */
    int saved_errno;                /* behind it, or 0 */
    struct haul_buf lines;
};

static enum haul_err fail(struct haul_journal *journal, enum haul_err err, int error)
{
    if (!journal->err) {
        journal->err = err;
        journal->saved_errno = error;
    }
    return journal->err;
}

/* ---- writing ---- */

static int cut(int fd, uint64_t size)
{
    int failed;

    HAUL_AGAIN(failed, ftruncate(fd, (off_t)size));
    return failed;
}

static enum haul_err write_lines(struct haul_journal *journal)
{
    struct haul_buf *lines = &journal->lines;
    size_t written, whole;
    int error;

    if (lines->err)
        return fail(journal, lines->err, 0);
    if (!lines->len)
        return HAUL_OK;
    error = haul_io_write_all(journal->fd, lines->data, lines->len, &written);
    whole = written;
    while (error && whole && lines->data[whole - 1] != '\n')
        whole--;
    journal->end += whole;
    journal->is_dirty = true;
    haul_buf_clear(lines);
    if (!error)
        return HAUL_OK;
    /* If this fails, too, the next run cuts off what is left of the line. */
    if (whole < written && journal->is_regular)
        (void)cut(journal->fd, journal->end);
    return fail(journal, HAUL_ERR_IO, error);
}

static enum haul_err keep_error(struct haul_journal *journal, int error)
{
    return error ? fail(journal, HAUL_ERR_IO, error) : HAUL_OK;
}

static enum haul_err sync_file(struct haul_journal *journal)
{
    journal->is_dirty = false;
    return keep_error(journal, haul_syncer_sync(journal->fd, &journal->first));
}

/* Without a thread for it, the caller syncs. */
static enum haul_err sync_lines(struct haul_journal *journal)
{
    if (!journal->is_dirty || journal->sync_us < 0)
        return HAUL_OK;
    if (!journal->sync_us ||
        (!journal->syncer &&
         haul_syncer_create(journal->fd, &journal->first, journal->sync_us, &journal->syncer)))
        return sync_file(journal);
    journal->is_dirty = false;
    return keep_error(journal, haul_syncer_ask(journal->syncer));
}

enum haul_err haul_journal_flush(struct haul_journal *journal)
{
    if (journal->err || write_lines(journal))
        return journal->err;
    return sync_lines(journal);
}

enum haul_err haul_journal_add(struct haul_journal *journal, const struct haul_record *rec,
                               const struct haul_key *key, uint32_t replaces)
{
    if (journal->err || rec->outcome == HAUL_OUTCOME_PENDING)
        return journal->err;
    haul_journal_add_record(&journal->lines, rec, key, replaces);
    return journal->lines.len >= GATHER_MAX || journal->lines.err ? write_lines(journal) : HAUL_OK;
}

enum haul_err haul_journal_finish(struct haul_journal *journal, const struct haul_ledger *ledger,
                                  const struct haul_inputs *inputs, int status)
{
    int error;

    if (journal->err)
        return journal->err;
    error = haul_syncer_free(journal->syncer);
    journal->syncer = NULL;
    if (keep_error(journal, error))
        return journal->err;
    haul_journal_add_footer(&journal->lines, ledger, inputs, haul_clock_wall_us(), status);
    if (write_lines(journal))
        return journal->err;
    return journal->sync_us < 0 ? HAUL_OK : sync_file(journal);
}

int haul_journal_errno(const struct haul_journal *journal)
{
    return journal->saved_errno;
}

uint64_t haul_journal_size(const struct haul_journal *journal)
{
    return journal->end;
}

/* ---- opening ---- */

const char haul_journal_other_ignored[] =
    "written with another --ignore-param, or in part: what was done for URLs that have such "
    "parameters may not be found in it";

/* What haul_journal_open works on. */
struct opening {
    const struct haul_journal_options *options;
    struct haul_journal *journal;
    struct haul_resume *resume;
    struct haul_resume_stats stats;
    struct haul_buf *message;
};

/* Begins a line of the message with the file's name. */
static void begin_message(struct opening *o)
{
    haul_message_next(o->message);
    haul_buf_add_str(o->message, o->options->path);
}

static enum haul_err refuse(struct opening *o, enum haul_err err, const char *cause)
{
    begin_message(o);
    haul_buf_addf(o->message, ": %s", cause);
    return err;
}

/* Of such a file nothing is cut off, whatever is asked for. */
static enum haul_err refuse_other(struct opening *o)
{
    const char *packed = haul_journal_packed_with(o->journal->fd);

    if (!packed)
        return refuse(o, HAUL_ERR_USAGE, "not a journal of haul's: it is left as it is");
    begin_message(o);
    haul_buf_addf(o->message,
                  ": packed with %s: a journal that is continued must be unpacked (gunzip, unzstd, "
                  "unxz); it is left as it is",
                  packed);
    return HAUL_ERR_USAGE;
}

static enum haul_err refuse_errno(struct opening *o)
{
    char text[HAUL_IO_ERROR_MAX];
    const char *cause = haul_io_error_text(errno, text);

    (void)refuse(o, HAUL_ERR_IO, "the journal cannot be used: ");
    haul_buf_add_str(o->message, cause);
    return HAUL_ERR_IO;
}

static enum haul_err refuse_found(struct opening *o, const struct haul_owned_found *found)
{
    begin_message(o);
    haul_buf_add_str(o->message, ": ");
    haul_owned_add_cause(o->message, found);
    return HAUL_ERR_USAGE;
}

static enum haul_err open_file(struct opening *o)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR | O_APPEND, .creates = true, .mode = 0666, .use = HAUL_OWNED_STREAM};
    const char *path = o->options->path;
    struct haul_owned_found found;

    o->journal->fd = haul_owned_open(path, &how, &found);
    if (found.verdict)
        return refuse_found(o, &found);
    if (o->journal->fd < 0)
        return refuse_errno(o);
    if (found.is_new && o->options->sync_us >= 0)
        haul_io_sync_directory_of(path);
    haul_owned_add_warning(o->message, path);
    haul_owned_add_notice(o->message, path);
    return HAUL_OK;
}

static enum haul_err lock_file(struct opening *o)
{
    long holder;

    switch (haul_owned_lock(o->journal->fd, &holder)) {
    case HAUL_OWNED_LOCK_TAKEN:
        return HAUL_OK;
    case HAUL_OWNED_LOCK_PASSED:
        return refuse(o, HAUL_OK, haul_owned_passed);
    case HAUL_OWNED_LOCK_FAILED:
        return refuse_errno(o);
    default:
        break;
    }
    (void)refuse(o, HAUL_ERR_LOCKED, "another run has this journal");
    if (holder)
        haul_buf_addf(o->message, " (process %ld)", holder);
    return HAUL_ERR_LOCKED;
}

/* What is no journal is no other thing with --resume, or with force. */
static enum haul_err check_owner(struct opening *o, uint64_t size)
{
    bool is_own;
    enum haul_err err = haul_journal_scan_is_own(o->journal->fd, size, &is_own);

    if (err == HAUL_ERR_IO)
        return refuse_errno(o);
    if (err)
        return refuse(o, err, haul_err_text(err));
    if (!is_own)
        return refuse_other(o);
    if (size && o->options->resume == HAUL_JOURNAL_NEW)
        return refuse(o, HAUL_ERR_USAGE,
                      "the journal has records already: continue it with --resume, or remove it");
    return HAUL_OK;
}

/* Only under the lock does the size say anything. */
static enum haul_err claim_file(struct opening *o)
{
    struct stat info;
    enum haul_err err;

    if (fstat(o->journal->fd, &info))
        return refuse_errno(o);
    o->journal->is_regular = S_ISREG(info.st_mode);
    if (!o->journal->is_regular) {
        if (o->options->resume == HAUL_JOURNAL_NEW)
            return HAUL_OK;
        return refuse(o, HAUL_ERR_USAGE, "only a regular file can be resumed");
    }
    err = lock_file(o);
    if (err)
        return err;
    return fstat(o->journal->fd, &info) ? refuse_errno(o) : check_owner(o, (uint64_t)info.st_size);
}

static enum haul_err check_damage(struct opening *o)
{
    const struct haul_resume_stats *stats = &o->stats;

    if (!stats->damaged)
        return HAUL_OK;
    begin_message(o);
    haul_buf_addf(o->message, ":%llu: ", (unsigned long long)stats->damaged_line);
    if (o->options->resume == HAUL_JOURNAL_FORCE) {
        haul_buf_addf(o->message, "the journal is damaged here; %llu line%s skipped",
                      (unsigned long long)stats->damaged, stats->damaged == 1 ? "" : "s");
        return HAUL_OK;
    }
    haul_buf_add_str(o->message,
                     "the journal is damaged here; --resume=force goes on without such lines");
    return HAUL_ERR_USAGE;
}

static void check_ignored(struct opening *o)
{
    if (!haul_resume_ignores_other(&o->stats, o->options->config))
        return;
    begin_message(o);
    haul_buf_addf(o->message, ": %s", haul_journal_other_ignored);
}

static enum haul_err cut_tail(struct opening *o)
{
    o->journal->end = o->stats.keep;
    if (!o->stats.tail)
        return HAUL_OK;
    if (cut(o->journal->fd, o->stats.keep))
        return refuse_errno(o);
    begin_message(o);
    haul_buf_addf(o->message, ":%llu: the last line is torn or foreign; %llu byte%s cut off",
                  (unsigned long long)o->stats.tail_line, (unsigned long long)o->stats.tail,
                  o->stats.tail == 1 ? "" : "s");
    return HAUL_OK;
}

static enum haul_err load(struct opening *o)
{
    enum haul_err err = haul_resume_create(&o->resume);

    if (!err)
        haul_resume_set_names(o->resume, &o->options->names);
    if (!err)
        err = haul_resume_add(o->resume, o->journal->fd, &o->stats);
    if (!err)
        err = haul_resume_settle(o->resume);
    if (err == HAUL_ERR_IO)
        return refuse_errno(o);
    if (err == HAUL_ERR_RANGE)
        return refuse(o, HAUL_ERR_USAGE, "written by a later version of haul");
    if (err)
        return refuse(o, err, haul_err_text(err));
    err = check_damage(o);
    if (!err)
        check_ignored(o);
    return err ? err : cut_tail(o);
}

static enum haul_err write_header(struct opening *o)
{
    struct haul_journal *journal = o->journal;
    struct haul_buf options;
    struct haul_journal_head head = {.version = o->options->version,
                                     .libcurl = o->options->libcurl,
                                     .started_us = haul_clock_wall_us(),
                                     .pid = (long)getpid(),
                                     .resumed = journal->end > 0};

    haul_buf_init(&options, 0);
    haul_journal_add_options(&options, o->options->config);
    head.options = haul_buf_str(&options);
    haul_journal_add_header(&journal->lines, &head);
    if (options.err)
        (void)fail(journal, options.err, 0);
    haul_buf_done(&options);
    if (!write_lines(journal) && (journal->sync_us < 0 || !sync_file(journal)))
        return HAUL_OK;
    errno = journal->saved_errno;
    return journal->err == HAUL_ERR_IO ? refuse_errno(o)
                                       : refuse(o, journal->err, haul_err_text(journal->err));
}

enum haul_err haul_journal_open(const struct haul_journal_options *options,
                                struct haul_journal **out, struct haul_resume **resume,
                                struct haul_buf *message)
{
    struct opening o = {.options = options, .message = message};
    enum haul_err err;

    *out = NULL;
    *resume = NULL;
    o.journal = calloc(1, sizeof *o.journal);
    if (!o.journal)
        return refuse(&o, HAUL_ERR_NOMEM, haul_err_text(HAUL_ERR_NOMEM));
    o.journal->sync_us = options->sync_us;
    o.journal->first = options->first;
    haul_buf_init(&o.journal->lines, BUFFER_MAX);
    err = open_file(&o);
    if (!err)
        err = claim_file(&o);
    if (!err && options->resume != HAUL_JOURNAL_NEW)
        err = load(&o);
    if (!err)
        err = write_header(&o);
    if (err) {
        haul_resume_free(o.resume);
        haul_journal_free(o.journal);
        return err;
    }
    *out = o.journal;
    *resume = o.resume;
    return HAUL_OK;
}

void haul_journal_free(struct haul_journal *journal)
{
    if (!journal)
        return;
    (void)haul_syncer_free(journal->syncer);
    if (journal->fd >= 0)
        close(journal->fd);
    haul_buf_done(&journal->lines);
    free(journal);
}
