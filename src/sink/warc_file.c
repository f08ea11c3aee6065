/* dup3 */
#define _GNU_SOURCE
#include "sink/warc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/clock.h"
#include "base/message.h"
#include "model/version.h"
#include "model/warc_row.h"
#include "sink/warc.h"

/* No key of a job: SHA-256 does not come to this. */
const struct haul_key haul_warc_begin = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

static bool name_file(const struct haul_warc *warc, unsigned number, struct haul_buf *path)
{
    return haul_warc_row_name(warc->config->warc, number, path);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static struct haul_appender_options options_of(const struct haul_config *config)
{
    return (struct haul_appender_options){.extends = config->resume != HAUL_RESUME_NO,
                                          .syncs = config->sync != HAUL_SYNC_NONE};
}

/* ---- going on ---- */

static enum haul_err refuse(const struct haul_buf *path, enum haul_err err, const char *cause,
                            struct haul_buf *message)
{
    haul_message_next(message);
    haul_buf_addf(message, "%s: %s", haul_buf_str(path), cause);
    return err;
}

static enum haul_err refuse_errno(const struct haul_buf *path, int error, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    (void)refuse(path, HAUL_ERR_IO, "the archive cannot be gone on with: ", message);
    haul_buf_add_str(message, haul_io_error_text(error, text));
    return HAUL_ERR_IO;
}

static enum haul_err judge(struct haul_warc *warc, const struct haul_buf *path,
                           enum haul_warc_state state, bool is_last, struct haul_buf *message)
{
    bool forces = warc->config->resume == HAUL_RESUME_FORCE;

    if (state == HAUL_WARC_FOREIGN)
        return refuse(path, HAUL_ERR_USAGE, "not an archive of haul's, and left as it is", message);
    if (state == HAUL_WARC_WHOLE || (state == HAUL_WARC_TORN && is_last) || forces)
        return HAUL_OK;
    return refuse(path, HAUL_ERR_USAGE,
                  "the archive is damaged; --resume=force goes on with what is before that",
                  message);
}

static enum haul_err refuse_found(const struct haul_buf *path, const struct haul_owned_found *found,
                                  struct haul_buf *message)
{
    (void)refuse(path, HAUL_ERR_USAGE, "", message);
    haul_owned_add_cause(message, found);
    return HAUL_ERR_USAGE;
}

static enum haul_err scan(struct haul_warc *warc, const struct haul_buf *path, int fd,
                          unsigned number, bool is_last, struct haul_buf *message)
{
    enum haul_warc_state state;
    struct stat info;
    int64_t keep, lost;
    enum haul_err err;

    if (fstat(fd, &info))
        return refuse_errno(path, errno, message);
    err = haul_warc_scan(warc, fd, (int64_t)info.st_size, number, &state, &keep);
    if (err == HAUL_ERR_IO)
        return refuse_errno(path, errno, message);
    if (!err)
        err = judge(warc, path, state, is_last, message);
    lost = (int64_t)info.st_size - keep;
    if (err || !is_last)
        return err;
    warc->has_begun = keep > 0;
    if (!lost)
        return HAUL_OK;
    if (haul_appender_cut(&warc->file, keep))
        return refuse_errno(path, errno, message);
    (void)refuse(path, HAUL_OK, "the last records are torn; ", message);
    haul_buf_addf(message, "%lld byte%s cut off", (long long)lost, lost == 1 ? "" : "s");
    return HAUL_OK;
}

const struct haul_owned_how haul_warc_earlier = {.flags = O_RDONLY, .use = HAUL_OWNED_FILE};

/* The files before the last, which nobody changes any more. */
static enum haul_err scan_earlier(struct haul_warc *warc, struct haul_buf *message)
{
    struct haul_buf path;
    enum haul_err err = HAUL_OK;

    haul_buf_init(&path, 0);
    for (unsigned number = 0; number < warc->number && !err; number++) {
        struct haul_owned_found found = {.verdict = HAUL_OWNED_OK};
        int fd = name_file(warc, number, &path)
                     ? haul_owned_open(haul_buf_str(&path), &haul_warc_earlier, &found)
                     : -1;

        if (found.verdict)
            err = refuse_found(&path, &found, message);
        else
            err = fd < 0 ? refuse_errno(&path, errno, message)
                         : scan(warc, &path, fd, number, false, message);
        if (fd >= 0)
            close(fd);
    }
    haul_buf_done(&path);
    return err;
}

/* The number of the last file that is there; 0, too, if there is none. */
static bool find_last(struct haul_warc *warc)
{
    while (warc->number < HAUL_WARC_ROW_MAX && name_file(warc, warc->number + 1, &warc->path) &&
           access(haul_buf_str(&warc->path), F_OK) == 0)
        warc->number++;
    return name_file(warc, warc->number, &warc->path);
}

enum haul_err haul_warc_open(struct haul_warc *warc, const struct haul_config *config,
                             struct haul_buf *message)
{
    const struct haul_appender_options options = options_of(config);
    enum haul_err err;

    *warc = (struct haul_warc){.config = config, .file = {.fd = -1}};
    haul_buf_init(&warc->path, 0);
    haul_buf_init(&warc->gathered, 0);
    haul_press_init(&warc->press);
    haul_packer_init(&warc->packer, &warc->press, NULL);
    if (haul_keyset_create(&warc->seen) || haul_keyset_create(&warc->known) || !find_last(warc))
        return HAUL_ERR_NOMEM;
    if (warc->number && !options.extends)
        return refuse(&warc->path, HAUL_ERR_USAGE,
                      "the archive is there already: go on with it with --journal and --resume, or "
                      "remove its files",
                      message);
    err = haul_appender_open(&warc->file, haul_buf_str(&warc->path), &options, message);
    if (!err && options.extends)
        err = scan_earlier(warc, message);
    if (!err && options.extends)
        err = scan(warc, &warc->path, warc->file.fd, warc->number, true, message);
    return err;
}

void haul_warc_close(struct haul_warc *warc)
{
    if (!warc->config)
        return;
    haul_appender_close(&warc->file);
    haul_buf_done(&warc->path);
    haul_buf_done(&warc->gathered);
    haul_packer_done(&warc->packer);
    haul_press_done(&warc->press);
    haul_warc_forget_originals(warc);
    haul_keyset_free(warc->known);
    haul_keyset_free(warc->seen);
    warc->config = NULL;
}

bool haul_warc_has(const struct haul_warc *warc, const struct haul_key *key)
{
    return haul_keyset_has(warc->known, haul_key_number(key)) ||
           (key->old && haul_keyset_has(warc->known, haul_key_old_number(key)));
}

/* ---- the files ---- */

static int add_warcinfo(struct haul_warc *warc)
{
    static const char block[] = "software: haul/" HAUL_VERSION "\r\n"
                                "format: WARC File Format 1.1\r\n"
                                "conformsTo: https://iipc.github.io/warc-specifications/"
                                "specifications/warc-format/warc-1.1/\r\n";
    unsigned char random[HAUL_WARC_RANDOM];
    char id[HAUL_WARC_ID_MAX];
    struct haul_warc_head head = {.type = "warcinfo",
                                  .id = id,
                                  .date_us = haul_clock_wall_us(),
                                  .filename = last_part(haul_buf_str(&warc->path)),
                                  .content_type = "application/warc-fields",
                                  .length = (int64_t)strlen(block)};
    struct haul_parcel *parcel = NULL;
    struct haul_buf record;
    int error = haul_warc_get_random(random, 1) ? 0 : EIO;

    haul_buf_init(&record, 0);
    (void)haul_warc_make_id(random, id);
    haul_warc_add_head(&record, &head);
    haul_buf_add_str(&record, block);
    haul_buf_add_str(&record, HAUL_WARC_BLOCK_END);
    if (!error)
        error = haul_packer_pack(&warc->packer, &record, &haul_warc_begin, 0, &parcel);
    if (!error)
        error = haul_appender_add(&warc->file, parcel, NULL);
    warc->has_begun = !error;
    haul_parcel_free(parcel);
    haul_buf_done(&record);
    return error;
}

static void exchange(struct haul_buf *a, struct haul_buf *b)
{
    struct haul_buf kept = *a;

    *a = *b;
    *b = kept;
}

/* The descriptor keeps its number: others may be syncing it, and what they sync is either file. A
 * file that cannot be begun now could not be for the next job, either. */
static int begin_next_file(struct haul_warc *warc)
{
    struct haul_appender_options options = {.syncs = options_of(warc->config).syncs};
    struct haul_appender next;
    struct haul_buf path, message;
    int error = options.syncs ? haul_appender_sync(&warc->file) : 0;

    haul_buf_init(&path, 0);
    haul_buf_init(&message, 0);
    next = (struct haul_appender){.fd = -1};
    if (!error && !name_file(warc, warc->number + 1, &path))
        error = ENOMEM;
    if (!error) {
        exchange(&warc->path, &path);
        warc->file.path = haul_buf_str(&warc->path);
        if (haul_appender_open(&next, warc->file.path, &options, &message))
            warc->file.error = error = errno ? errno : EEXIST;
    }
    if (!error && dup3(next.fd, warc->file.fd, O_CLOEXEC) < 0)
        warc->file.error = error = errno;
    if (!error) {
        warc->file.end = 0;
        warc->has_begun = false;
        warc->number++;
    }
    haul_appender_close(&next);
    haul_buf_done(&message);
    haul_buf_done(&path);
    return error;
}

static int make_room(struct haul_warc *warc)
{
    int64_t max = warc->config->warc_size;
    int error = max && warc->has_begun && warc->file.end >= max ? begin_next_file(warc) : 0;

    return error || warc->has_begun ? error : add_warcinfo(warc);
}

/* ---- jobs ---- */

/* Records are small: those of a job go out together. */
static int write_gathered(struct haul_warc *warc)
{
    int error = warc->gathered.err ? ENOMEM : 0;

    if (!error && warc->gathered.len)
        error = haul_appender_add_bytes(&warc->file, warc->gathered.data, warc->gathered.len, NULL);
    haul_buf_clear(&warc->gathered);
    return error;
}

/* The response as it is, or what stands for it: *made, the caller's, or NULL. */
static int choose(struct haul_warc *warc, const struct haul_parcel *parcel,
                  struct haul_parcel **made, bool *is_revisit)
{
    *made = haul_warc_make_revisit(warc, parcel);
    *is_revisit = *made;
    return *made || !parcel->is_raw ? 0 : haul_packer_pack_raw(&warc->packer, parcel, made);
}

static int add_one(struct haul_warc *warc, const struct haul_parcel *parcel,
                   struct haul_warc_payloads *payloads)
{
    int64_t at = warc->file.end + (int64_t)warc->gathered.len;
    struct haul_parcel *made;
    bool is_revisit;
    int error = choose(warc, parcel, &made, &is_revisit);
    const struct haul_parcel *what = made ? made : parcel;

    if (error)
        return error;
    if (what->fd < 0)
        haul_buf_add(&warc->gathered, what->bytes, what->len);
    else if (!(error = write_gathered(warc)))
        error = haul_appender_add(&warc->file, what, NULL);
    if (!error && !is_revisit)
        haul_warc_note_payload(payloads, parcel->tag, haul_warc_place(warc->number, at));
    haul_parcel_free(made);
    return error;
}

/* Without memory for it, a payload is written again another time. */
static void remember(struct haul_warc *warc, const struct haul_warc_payloads *payloads)
{
    enum haul_err err = haul_warc_take_payloads(warc, payloads);

    (void)err;
}

int haul_warc_add(struct haul_warc *warc, struct haul_parcel *parcels, const struct haul_key *key)
{
    struct haul_warc_payloads payloads = {.count = 0};
    int error = warc->file.error ? warc->file.error : make_room(warc);
    int64_t begin = warc->file.end;

    for (struct haul_parcel *parcel = parcels; parcel && !error; parcel = parcel->next) {
        if (!parcel->next)
            haul_packer_set_key(parcel, key);
        error = add_one(warc, parcel, &payloads);
    }
    if (!error)
        error = write_gathered(warc);
    haul_buf_clear(&warc->gathered);
    if (!error)
        remember(warc, &payloads);
    else if (!warc->file.error && warc->file.end > begin && haul_appender_cut(&warc->file, begin))
        warc->file.error = error;
    return error;
}

int haul_warc_finish(struct haul_warc *warc)
{
    return warc->has_begun ? 0 : add_warcinfo(warc);
}
