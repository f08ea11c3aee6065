#ifndef HAUL_SINK_DECODE_H
#define HAUL_SINK_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"
#include "sink/decode_memory.h"

/*
 * Content decoding (RFC 9110, 8.4), as a stream: wire bytes in, body bytes out.
 *
 * The codings are gzip (and x-gzip), deflate, br and zstd, up to three upon each other. Every
 * response goes through a decoder; one without Content-Encoding passes unchanged, and is counted
 * and limited all the same.
 *
 * The life of one: init once; then for each response begin, feed as often as bytes come, end; done
 * once. What a coding needs is made when it is first met and then used again, so that an idle
 * decoder costs nothing and one that met gzip keeps about 60 KiB. A window of zstd above 256 KiB,
 * anything of brotli (it cannot be reset) and what a second and third coding take is given back at
 * the end of each response, whichever way it ends; all of it if memory is short.
 *
 * While it works, a server decides how much a stage takes, most of it with its first bytes:
 *
 *              at the head     at most
 *   gzip          24 KiB        64 KiB
 *   deflate       24 KiB        64 KiB
 *   br            17 MiB        21 MiB   a window of 16 MiB; larger ones are not undone
 *   zstd         256 KiB         9 MiB   a window of 8 MiB (RFC 9659); larger ones are refused
 *
 * So what all decoders of a run take together is counted, and has a limit: see limits.memory. What
 * counts is what is written to: brotli allocates no more of its window than the next block is said
 * to need; libzstd allocates all of it, of which nothing counts that was never reached. So a body
 * of some 100 KB takes about that much, whatever its window is. Who takes more than 256 KiB leaves
 * a sixteenth of the limit to those who take less, so that bodies in gzip go on beside all others;
 * and while somebody waits for more, nobody begins to take so much without a reserve.
 *
 * One that is refused more has failed, and may be begun anew when there is room: with all that it
 * could come to need reserved before (haul_decoder_reserve), so that nobody waits who has taken
 * something. The reserve becomes smaller when the codings, or the size of brotli's window, show
 * that less will do; not for zstd, each of whose frames may have the largest window.
 *
 * A decoder belongs to one thread at a time. Nothing here blocks or does I/O.
 */

/* The value of the Accept-Encoding field that asks for what can be decoded. */
#define HAUL_DECODE_ACCEPT_ENCODING "gzip, deflate, br, zstd"

enum {
    HAUL_DECODE_STAGES_MAX = 3,        /* codings upon each other */
    HAUL_DECODE_RATIO_MAX = 1000,      /* default: decoded bytes for one on the wire ... */
    HAUL_DECODE_RATIO_FROM = 10 << 20, /* ... which is looked at beyond so many decoded bytes */
    HAUL_DECODE_KEPT_MAX = 320 << 10   /* bytes that a decoder keeps between two bodies, at most */
};

struct haul_decode_limits {
    int64_t body_max;   /* decoded bytes; 0: no limit */
    int64_t ratio_max;  /* decoded bytes for each byte on the wire; 0: no limit */
    int64_t ratio_from; /* the ratio does not matter up to so many decoded bytes */
    /*
     * What all decoders that have it may take together; or NULL: no limit. The same for all bodies
     * of a decoder. What libzstd writes to is counted once it has: until then, each thread may have
     * a block more.
     */
    struct haul_allowance *memory;
};

/*
 * Gets the body, in pieces of at most 16 KiB (without a coding: as they came). Returns NONE to go
 * on; anything else ends the decoding, and feed returns it. The bytes are lent for the call.
 */
typedef enum haul_reason haul_decode_sink(void *arg, const uint8_t *bytes, size_t len);

struct haul_decode_stage; /* one coding at work */

/* The fields are for everybody to read and for decode.c to write. */
struct haul_decoder {
    struct haul_decode_stage *stage[HAUL_DECODE_STAGES_MAX]; /* [0] reads the wire; or NULL: not
                                                                needed so far */
    int stages;                                              /* of this response */
    bool is_unknown;      /* a coding of it cannot be undone, or they are too many: bad-encoding */
    const char *followed; /* the coding behind whose end there is something else: then the body is
                             too long, not too short or damaged; static, or NULL */
    struct haul_decode_limits limits;
    struct haul_decode_memory memory;
    haul_decode_sink *sink; /* or NULL: only count */
    void *arg;
    int64_t most;            /* bytes of memory that the codings of this body may come to take */
    int64_t wire_bytes;      /* bytes fed */
    int64_t size_body;       /* decoded bytes given to the sink; never more than limits.body_max */
    enum haul_reason reason; /* the first thing that went wrong, or NONE; sticky */
};

/* Makes a decoder that has allocated nothing; done frees what it keeps between responses. */
void haul_decoder_init(struct haul_decoder *dec);
void haul_decoder_done(struct haul_decoder *dec);

/*
 * Gets ready for a body. `content_encoding` is the list of codings in the order in which they were
 * applied, as the header field has it, or NULL or "" for none; names are compared without case,
 * "identity" and "none" mean nothing, empty members are skipped. `limits` is copied; NULL stands
 * for no limit of size and the default ratio. `sink` (or NULL: count only) gets `arg` and the body.
 * May be called at any time: what was going on is forgotten.
 *
 * Returns NONE, or bad-encoding for a coding that is not known or more of them than
 * HAUL_DECODE_STAGES_MAX, or no-memory. A response that has no body (HEAD, 204, 304) may name any
 * coding: the caller does not begin one for it, or does not mind.
 */
enum haul_reason haul_decoder_begin(struct haul_decoder *dec, const char *content_encoding,
                                    const struct haul_decode_limits *limits, haul_decode_sink *sink,
                                    void *arg);

/*
 * Decodes `len` bytes of the wire and gives the sink all that can be known of the body by then.
 * Returns NONE, or, now and for every later call:
 *
 *   bad-encoding  the bytes are not of that coding, their checksum is wrong, a dictionary or a
 *                 window above the limit is needed, or bytes follow the end of the stream. Further
 *                 gzip members (RFC 1952, 2.2) and zstd frames (RFC 8878, 3) continue the body.
 *                 Zero bytes after the last gzip member are padding and ignored, as in gzip itself.
 *                 `followed` tells bytes behind the end from the rest
 *   too-large     the body is larger than body_max (the sink got exactly body_max bytes of it), or
 *                 some stage made more than ratio_max bytes of each on the wire. No single deflate
 *                 stream exceeds 1032:1
 *   no-memory     a decoder could not be made, or (memory.was_refused) all of them together would
 *                 have taken more than limits.memory
 *   the sink's    reason, if it gave one
 *
 * "deflate" is the zlib format (RFC 1950), or bare deflate (RFC 1951) as some servers send it: the
 * first two bytes tell.
 */
enum haul_reason haul_decoder_feed(struct haul_decoder *dec, const uint8_t *bytes, size_t len);

/*
 * Says whether the body is whole, once the last byte was fed: NONE, or truncated when a coding's
 * own end was not reached (`followed`: it was, and there is what might begin another member or
 * frame), or what went wrong before. No byte at all is an empty body in any
 * coding. Without a coding every end is good: only the length of the response can tell. The decoder
 * is at rest afterwards.
 */
enum haul_reason haul_decoder_end(struct haul_decoder *dec);

/*
 * Gives back large memory and the reserve, whatever the decoder was at: nothing comes of its body
 * any more, or there was none. What is known of the body can still be read. Who has no body under
 * way has to have called this or end, for others may wait for what he keeps.
 */
void haul_decoder_rest(struct haul_decoder *dec);

/* Whether it keeps no more than it may between two bodies. */
bool haul_decoder_is_at_rest(const struct haul_decoder *dec);

/* Reserves so many bytes of `memory` for the next body: limits.memory of all bodies. False: there
 * are not so many now. */
bool haul_decoder_reserve(struct haul_decoder *dec, struct haul_allowance *memory, int64_t bytes);

#endif
