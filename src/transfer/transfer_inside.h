#ifndef HAUL_TRANSFER_TRANSFER_INSIDE_H
#define HAUL_TRANSFER_TRANSFER_INSIDE_H

#include "base/buf.h"
#include "http/cookie.h"
#include "http/response.h"
#include "http/verdict.h"
#include "model/host.h"
#include "model/netrc.h"
#include "sink/body.h"
#include "sink/capture.h"
#include "sink/decode.h"
#include "transfer/net_inside.h"
#include "transfer/transfer.h"

/* The inside of a transfer, for the files of this room only. */

/* What lives as long as an attempt. */
struct haul_attempt_state {
    struct haul_host_settings host; /* what holds for the job's origin, and for the job */
    bool varies;                    /* it may differ from what holds for all */
    int64_t begun_us;               /* monotonic */
    int redirects, connects;
    int64_t header_bytes, request_bytes; /* of the hops that are over */
    bool at_home;                        /* this hop's origin is the job's own */
    bool starts_anew;                    /* what is left of its body is of no use */
    bool was_unserved;                   /* this hop was, by a server with nothing else to blame */
    struct haul_decoder *waits_for;      /* what it waits with for memory, or NULL: it does not */
    int64_t needs;                       /* bytes of that; 0: it has not waited so far */
    struct haul_waiter waiter;           /* its place in the line */
    bool asks_plain;                     /* no coding is asked for from now on */
    enum haul_coding_rule rule;          /* which codings of the body are undone */
};

/* What lives as long as a hop: one request and its answer. */
struct haul_hop {
    int64_t begun_us;         /* monotonic */
    bool is_local;            /* what is sent does not leave this machine */
    bool has_credential;      /* the user's, not meant for plain http alone, are sent along */
    int64_t offset;           /* bytes left of the body, for which it is not asked; 0: none */
    struct haul_part part;    /* what is known of the body, if it may be left and gone on with */
    enum haul_reason cut;     /* why haul itself ended it, or NONE */
    bool has_enough;          /* the body of a redirect, or of what is there, was too long */
    bool decoding;            /* a body was begun */
    bool is_captured;         /* it goes into the web archive ... */
    enum haul_reason capture; /* ... or cannot, for this reason */
    struct haul_sink_exchange told; /* what is archived of its heads */
    bool is_there;                  /* its file is there already: the body is not wanted */
    unsigned packed;                /* haul_transfer_packed */
    bool offers;                    /* the server was told which codings it may use */
    bool is_in_doubt; /* whether a coding is the file's own: the body is not wanted, either */
    bool has_other;   /* the other form of the body is made, for its checksum */
    struct haul_decoder *short_of_memory; /* it would take more than all may; or NULL */
    int64_t reserved; /* bytes that it had before it asked; 0: whoever asks first has none */
};

/* What the fixed fields of the request are made of; if nothing of that changes, neither do they. */
struct haul_fixed_fields {
    bool is_known;
    bool is_trusted;
    const char *coding;
    bool has_credential; /* of HAUL_OWN_FOR_ANY */
    size_t len;          /* bytes */
};

struct haul_transfer {
    const struct haul_transfer_env *env; /* [const] */
    const struct haul_config *config;    /* [const] */
    struct haul_exchange exchange;
    struct haul_response response;
    struct haul_decoder decoder, other; /* of the body, and of its other form */
    struct haul_body body;
    struct haul_buf url;                  /* of this hop, without userinfo */
    struct haul_buf origin;               /* of that, if it is not the job's own */
    struct haul_buf looked_up;            /* that origin with the dot of an absolute name */
    struct haul_buf authority;            /* of the URL */
    struct haul_buf cookies;              /* room for those that come, and the user's own */
    struct haul_buf shown;                /* texts of the record, without what is hidden in them */
    struct haul_redactor_secrets secrets; /* what was sent of those */
    struct haul_buf notices;              /* of this attempt, before anything is hidden */
    struct haul_buf fields;               /* of the request: the fixed ones come first */
    struct haul_fixed_fields fixed;
    struct haul_capture capture;  /* of this hop, for --warc */
    struct haul_parcel *captured; /* of the hops that are over */
    struct haul_buf asked;        /* the request of this hop, as it is archived */
    struct haul_buf answered;     /* the head of its answer, as it came */
    struct haul_buf via;          /* the URL of the hop before, if it was captured */

    struct haul_job *job; /* NULL: no attempt under way */
    struct haul_attempt_state attempt;
    struct haul_hop hop;
};

/* ---- own_fields.c ---- */

/* Where the user says what is sent, at this hop: the list's own, the rule's for the host, and the
 * general ones. One of a name hides those of the sources behind its own. */
struct haul_own_fields {
    const struct haul_entry_options *list; /* or NULL */
    const struct haul_strings *rule;       /* or NULL */
    const struct haul_strings *general;    /* or NULL */
};

/* Who has named this hop's host, as far as what is meant for that host is concerned: never
 * NAMED_BY_SITE. */
enum haul_named_by haul_transfer_named_by(const struct haul_transfer *t);

/* Whether what is the user's own goes along with this hop: it is at the job's own origin, and that
 * was not named by a stranger. */
bool haul_transfer_is_trusted(const struct haul_transfer *t);

struct haul_own_fields haul_transfer_own_fields(const struct haul_transfer *t);

/* Of a field as the user wrote it, the length of its name. */
size_t haul_transfer_own_name(const char *field);

/* The first of that name, as the user wrote it; or NULL. */
const char *haul_transfer_find_own(const struct haul_own_fields *from, const char *name);

/* Whether one of the user's, meant for whoever is asked: what the list has for its URL, and a
 * section [host "http://..."] for http, was written for that very way. */
enum haul_own_source { HAUL_OWN_FOR_ANY, HAUL_OWN_FOR_THIS };

/* Calls for each of them that is not hidden, in the order in which they are sent. */
typedef void haul_own_field_visit(struct haul_transfer *t, const char *field,
                                  enum haul_own_source source);
void haul_transfer_each_own(struct haul_transfer *t, haul_own_field_visit *visit);

/* ---- request.c ---- */

/* Fills in the exchange for this hop, whose URL and origin are whole. False: no memory. */
HAUL_MUST_USE bool haul_transfer_ask(struct haul_transfer *t);

/* What is left of --max-time ends then (monotonic), or HAUL_CLOCK_NEVER. */
int64_t haul_transfer_until_us(const struct haul_transfer *t);

/* ---- cookies.c ---- */

/* Adds the Cookie of this hop, whose URL is whole, to the fields of the request: the user's own
 * ones, and those of the job. Failure is the sticky error of the fields. */
void haul_transfer_add_cookies(struct haul_transfer *t);

/* The answer is one to this request: what it sets goes into the job's jar. */
void haul_transfer_keep_cookies(struct haul_transfer *t);

/* ---- hop.c ---- */

/* "scheme://host:port" of this hop. */
const char *haul_transfer_origin(const struct haul_transfer *t);

/* Whether what this hop sends can be read on the way: over plain http, to another machine. */
bool haul_transfer_is_readable(const struct haul_transfer *t);

/* Nothing is asked, and nothing has come: of the hop that was, nothing counts. */
void haul_transfer_forget_hop(struct haul_transfer *t);

/* Begins the hop, whose URL and origin are whole, as one that was not tried before. False: no
 * memory. */
HAUL_MUST_USE bool haul_transfer_begin_hop(struct haul_transfer *t);

/* The same of one that has waited, and has so many bytes of memory reserved now. */
HAUL_MUST_USE bool haul_transfer_begin_reserved(struct haul_transfer *t, int64_t bytes);

/* The same again, on a connection that nobody has used. */
HAUL_MUST_USE bool haul_transfer_repeat_hop(struct haul_transfer *t);

/* What a hop has cost that is not the last one. */
void haul_transfer_count_hop(struct haul_transfer *t);

/* Nothing is decoded any more, or nothing yet: others may wait for what the decoders would keep. */
void haul_transfer_rest_decoders(struct haul_transfer *t);

/* ---- finish.c ---- */

/* Ends the attempt with what has come of the answer. */
void haul_transfer_finish(struct haul_transfer *t, enum haul_reason reason);

/* The same, where nothing was asked; `exitcode` is libcurl's, `message` may be "". */
void haul_transfer_finish_unasked(struct haul_transfer *t, enum haul_reason reason, int exitcode,
                                  const char *message);

/* The same, because there is no memory for a request. */
void haul_transfer_finish_without_request(struct haul_transfer *t);

/* ---- await.c ---- */

enum haul_await {
    HAUL_AWAIT_WAITS,   /* it stands in line */
    HAUL_AWAIT_SERVED,  /* it has the memory that it needs, to be asked for again */
    HAUL_AWAIT_TIMEOUT, /* it has no time any more */
    HAUL_AWAIT_IN_VAIN  /* nobody's turn comes any more */
};

/* The hop has ended for want of memory that others have: from now on it waits for that. */
bool haul_transfer_begin_waiting(struct haul_transfer *t);

/* How it stands with one that waits. But for the first, its waiting is to be ended. */
HAUL_MUST_USE enum haul_await haul_transfer_await(struct haul_transfer *t);

/* It does not wait any more, if it did: it has what it needs, or gives up. */
void haul_transfer_end_waiting(struct haul_transfer *t, bool is_served);

/* ---- answer.c ---- */

/* The answer is what follows on the bytes that are left. */
bool haul_transfer_is_continuation(const struct haul_transfer *t);
int64_t haul_transfer_offset(const struct haul_transfer *t);

/* The size of the whole body, or -1. */
int64_t haul_transfer_whole_size(const struct haul_transfer *t);

/* It leads elsewhere, and there it is followed to; so many times at most. */
bool haul_transfer_is_followed(const struct haul_transfer *t);
int haul_transfer_redirs_max(const struct haul_transfer *t);

/* Its bytes are to be decoded: what is told of them tells nothing of the body. */
bool haul_transfer_is_coded(const struct haul_transfer *t);

/* ---- receive.c ---- */

extern const struct haul_exchange_events haul_transfer_events;

/* What is to become of the body of this answer; whether anybody wants it; and that it begins. */
struct haul_body_plan haul_transfer_plan_body(struct haul_transfer *t);
bool haul_transfer_wants_body(const struct haul_transfer *t, const struct haul_body_plan *plan);
enum haul_reason haul_transfer_begin_saving(struct haul_transfer *t,
                                            const struct haul_body_plan *plan);

/* ---- packed.c ---- */

/* How the file is packed, by its names: in the list, where it is asked for, and where it is saved.
 * As in struct haul_request_facts. */
unsigned haul_transfer_packed(const struct haul_transfer *t);

/* Which codings are undone, as long as nothing says otherwise. */
enum haul_coding_rule haul_transfer_first_rule(const struct haul_transfer *t);

/* Whose the coding of this answer is, only another one can tell, for which none is asked. */
bool haul_transfer_is_in_doubt(const struct haul_transfer *t);

/* Hands on what a decoder said, and notes why if it is NO_MEMORY. */
enum haul_reason haul_transfer_note_memory(struct haul_transfer *t, struct haul_decoder *decoder,
                                           enum haul_reason reason);

/*
 * The body has a checksum, and a coding: that it may be the checksum of the coded bytes, or of the
 * decoded ones, whatever is done with them. The form that is not saved is made all the same, to be
 * digested; if it is the right one, the body is asked for once more, under the other rule.
 * NO_MEMORY: what could tell is missing.
 */
bool haul_transfer_has_other_form(const struct haul_transfer *t);
enum haul_reason haul_transfer_begin_other(struct haul_transfer *t,
                                           const struct haul_decode_limits *limits);
enum haul_reason haul_transfer_feed_other(struct haul_transfer *t, const void *bytes, size_t len);
bool haul_transfer_wants_other_form(struct haul_transfer *t, enum haul_reason reason);
enum haul_coding_rule haul_transfer_other_rule(const struct haul_transfer *t);

/* ---- hide.c ---- */

/* They are the configuration's, and are sent with this hop, or could be. */
void haul_transfer_note_cookies(struct haul_transfer *t, const struct haul_cookies_sent *sent);
void haul_transfer_note_login(struct haul_transfer *t, const struct haul_netrc_login *login);

/* The hop's URL, which a redirect has led to, is asked for from now on. */
void haul_transfer_note_asked(struct haul_transfer *t);

/* Hides in the texts of `rec` that come from servers what --redact names, and whatever secret was
 * sent to one; they point into `t` then. One that could not be looked at is NULL. */
void haul_transfer_hide(struct haul_transfer *t, struct haul_record *rec);

/* Gives the job the attempt's notices, in which the same is hidden. After haul_transfer_hide. */
void haul_transfer_keep_notices(struct haul_transfer *t);

/* ---- captured.c ---- */

/* The head of an answer is there; the next bytes of its body are. */
void haul_transfer_begin_capture(struct haul_transfer *t);
void haul_transfer_capture(struct haul_transfer *t, const void *bytes, size_t len);

/* The hop is over, with that reason. NONE, or why it cannot be archived. */
enum haul_reason haul_transfer_end_capture(struct haul_transfer *t, enum haul_reason reason);

/* Nothing that was captured so far counts. */
void haul_transfer_forget_captures(struct haul_transfer *t);

/* ---- record.c ---- */

/* Fills in the job's record and what its attempt said of its origin. */
void haul_transfer_record(struct haul_transfer *t, const struct haul_verdict *verdict);

#endif
