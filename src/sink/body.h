#ifndef HAUL_SINK_BODY_H
#define HAUL_SINK_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/record.h"
#include "model/job.h"
#include "sink/archive.h"
#include "sink/digest.h"
#include "sink/file.h"
#include "sink/guard.h"
#include "sink/member.h"
#include "sink/tree.h"
#include "sink/warc_file.h"

/*
 * Where the body of an answer goes: through the digests that are asked for, and into a file or a
 * member of an archive.
 */

/* What all bodies of a run have in common. [const after open] All threads read it. */
struct haul_body_store {
    const struct haul_config *config;
    struct haul_tree tree;               /* fd -1: nothing is saved in a directory */
    const struct haul_guard *guard;      /* files that no body may replace, or NULL; the caller's,
                                            who sets it before the first body comes */
    const struct haul_appender *archive; /* that of --tar, of which nothing but `fd` is read here,
                                            or NULL */
    const struct haul_appender *warc;    /* the same of --warc */
    char *warc_scratch;                  /* directory for what is to be in that, or NULL */
    char *scratch; /* directory for what is to be in the archive, or NULL: the usual one */
};

/*
 * Opens the directory of `config`, if there is one. `archive` is the one of --tar and `warc` that
 * of --warc, open, or NULL; they must outlive the store. HAUL_ERR_USAGE with a line in `message`,
 * HAUL_ERR_NOMEM. Closed with haul_body_store_close, which is fine on one that is not open (tree.fd
 * -1, both directories NULL).
 */
HAUL_MUST_USE enum haul_err haul_body_store_open(struct haul_body_store *store,
                                                 const struct haul_config *config,
                                                 const struct haul_archive *archive,
                                                 const struct haul_warc *warc,
                                                 struct haul_buf *message);
void haul_body_store_close(struct haul_body_store *store);

/*
 * Makes all that was saved so far safe against a crash of the machine: of a directory the whole
 * file system (syncfs(2)), and the archives. Returns 0 or an errno. Any thread; blocks on the disk.
 */
int haul_body_store_sync(const struct haul_body_store *store);

/*
 * Whether a body may be saved under that name (sink/name.h): NONE, also for one that has marks of
 * what is to come (sink/name_late.h); BAD_NAME: it would take the place of a guarded file; or why
 * that cannot be told (haul_guard_check). Any thread; blocks on the file system only for names that
 * look like it.
 */
enum haul_reason haul_body_store_check_name(const struct haul_body_store *store, const char *name);

/*
 * Whether the file of a body that is to be called `name` is there under `earlier`, the name that
 * an earlier version has given it, and not under its own; both hold no marks (sink/name_late.h).
 *
 * `removes` gets which file that is, if it is to go when the new one is there. That is so only
 * where no list can have a file called so today, because it would be spelled otherwise: any other
 * name may meanwhile be that of another list's file, and it is better to leave a file behind than
 * to lose one. Then what runs of such a version that were killed have left under that name is
 * removed, too. Any thread; blocks on the file system.
 */
bool haul_body_store_has_earlier(const struct haul_body_store *store, const char *name,
                                 const char *earlier, struct haul_file_id *removes);

/* What a BAD_NAME of that means, for people; static. */
extern const char haul_body_guarded[];

/* What is known about one body before it comes. Strings must last until publish or discard. */
struct haul_body_plan {
    const char *url;     /* names its temporary, where `name` has marks of what is to come */
    const char *name;    /* under which it is saved (sink/name.h), or NULL: it is not */
    const char *earlier; /* under which its file is by now; or NULL: there is none, or it has that
                               name */
    struct haul_file_id removes; /* that file, if it goes when this one is there; 0: it stays */
    const char *checksum;        /* as haul_checksum_parse reads it, or NULL */
    bool has_other;         /* its checksum may be that of its other form: haul_body_write_other */
    int64_t expected;       /* its size in bytes, with those that are kept, or -1 */
    int64_t offset;         /* bytes that were left of it and that are kept; 0: none */
    struct haul_part *part; /* what is known of it, if it may be left and gone on with; or NULL */
};

/*
 * One body after the other: init; for each begin, write as often as bytes come, then publish or
 * discard; done. After a failure only discard is left to be done. One thread.
 */
struct haul_body {
    const struct haul_body_store *store; /* [const after init] */
    struct haul_file file;               /* one of these two ... */
    struct haul_member member;
    struct haul_sink *sink; /* ... where it goes; NULL: it is not saved. [const after init] */
    struct haul_digester *digester; /* or NULL: none was needed so far */
    struct haul_digester *other;    /* of the other form; or NULL, likewise */
    struct haul_checksum checksum;  /* that it must have */
    const char *name, *earlier;     /* of the plan, as is this: */
    struct haul_file_id removes;
    bool has_digests;   /* this body has some ... */
    bool knows_digests; /* ... and they are known */
    bool has_other;     /* the other form is digested */
    bool is_begun;
    int64_t size;            /* bytes of this body so far */
    int64_t looked_at;       /* of these, those after which free space was last looked at */
    struct haul_buf names;   /* the name that it got; "" for none */
    struct haul_buf message; /* what went wrong, for people; "" if nothing did */
};

void haul_body_init(struct haul_body *body, const struct haul_body_store *store);
void haul_body_done(struct haul_body *body);

/* Whether anybody wants bodies of that plan: they are saved, or have digests. */
bool haul_body_is_wanted(const struct haul_body *body, const struct haul_body_plan *plan);

/* Whether its file is there already, and has that size. Blocks on the file system. */
bool haul_body_is_there(const struct haul_body *body, const struct haul_body_plan *plan);

/*
 * How many bytes are left of a body of that plan (its part and offset are not read) that `url` has
 * begun to send, and of what: haul_partial_look. 0: none.
 */
int64_t haul_body_look(const struct haul_body *body, const struct haul_body_plan *plan,
                       const char *url, struct haul_part *part);

/*
 * Begins one. NONE, or why it cannot be saved (haul_file_begin; disk-full and too-large where
 * keep_free would be touched). What was left of it is read for its digests.
 */
enum haul_reason haul_body_begin(struct haul_body *body, const struct haul_body_plan *plan);

/* Takes the next bytes. NONE, or why they cannot be saved. */
enum haul_reason haul_body_write(struct haul_body *body, const void *bytes, size_t len);

/*
 * Takes the next bytes of the other form of the body: as it came, if it is decoded to be saved;
 * else decoded. It is only digested, and that only if the plan has a checksum and says so.
 */
void haul_body_write_other(struct haul_body *body, const void *bytes, size_t len);

/*
 * When all has come: whether the checksum is that of the body, or that of its other form. False
 * also where there is none. No more bytes may come then.
 */
bool haul_body_fits(struct haul_body *body);
bool haul_body_other_fits(struct haul_body *body);

/*
 * The body is whole: checks its checksum and gives the file its name. `last_modified` and
 * `content_type`: the header fields, or "". NONE; checksum; or why it cannot be saved.
 */
enum haul_reason haul_body_publish(struct haul_body *body, const char *last_modified,
                                   const char *content_type);

/* Keeps what was written, if its plan has a part, to be gone on with; else removes it. */
void haul_body_leave(struct haul_body *body);

/* Removes what was written, if anything was. Fine at any time. */
void haul_body_discard(struct haul_body *body);

/* The same, and forgets what is known about it: there is no body at all. */
void haul_body_reset(struct haul_body *body);

/* Removes what earlier runs have left of a body that does not come (haul_partial_sweep). */
void haul_body_sweep(const struct haul_body *body, const struct haul_body_plan *plan);

/* What is to be appended to the archive: of a body that was published. The caller's; or NULL. */
struct haul_parcel *haul_body_take_parcel(struct haul_body *body);

/* The name that it got, or NULL; a digest of it, or NULL; what went wrong, or NULL. Until the next
 * begin. */
const char *haul_body_name(const struct haul_body *body);
const char *haul_body_hex(const struct haul_body *body, enum haul_hash hash);
const char *haul_body_message(const struct haul_body *body);

#endif
