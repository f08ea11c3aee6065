#ifndef HAUL_SINK_PACKER_H
#define HAUL_SINK_PACKER_H

#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/spool.h"
#include "model/key.h"
#include "sink/press.h"

/*
 * Records of web archives, each packed into a gzip member of its own (RFC 1952; WARC 1.1, annex D),
 * so that a reader may begin at any of them.
 *
 * The head of a record can be written only when its body is known, and stands in front of it. So a
 * body of up to HAUL_PACKER_WHOLE_MAX bytes waits as it is, and is compressed with its head in one
 * go (press.h). Of a longer one the two are compressed apart, the body as it comes (zlib), and put
 * together: deflate is a sequence of blocks (RFC 1951), and those of the body do not look back
 * behind their begin. What zlib needs for that, 268 KB, is there for such a body only.
 *
 * Each member has an extra field "HL" (RFC 1952, 2.3.1.1), of which readers take no notice, with
 * four numbers of 64 bits, the low byte first: the bytes of the whole member; a key of two numbers
 * (model/key.h), of which the owner says what it means; and a tag, the same; and then the CRC-32 of
 * these. Up to version 1 of the journal, the key was one number. So who goes on with
 * an archive finds its members without unpacking them, and does not take one whose size has rotted
 * for one that was not written to its end.
 */
enum { HAUL_PACKER_HEAD = 10 + 2 + 4 + 32 + 4, HAUL_PACKER_WHOLE_MAX = 32 << 10 };

/* What the extra field says. */
struct haul_packer_mark {
    uint64_t size;
    struct haul_key key; /* all 0: none */
    uint64_t tag;
};

/* For one record after the other; one thread at a time. */
struct haul_packer {
    struct haul_press *press; /* [const] the thread's */
    struct haul_buf body;     /* as it came, until it is too long for that */
    z_stream *stream;        /* then: for bare deflate, of the body and then of the head; or NULL */
    struct haul_spool spool; /* the body, compressed */
    uint32_t crc;            /* of the body, if there is a stream */
    int64_t size;            /* bytes of the body */
};

/* `press` and `directory`, which is for scratch files, last as long as the packer. Allocates
 * nothing. */
void haul_packer_init(struct haul_packer *packer, struct haul_press *press, const char *directory);
void haul_packer_done(struct haul_packer *packer);

/* Begins a body. What was begun before is forgotten. */
void haul_packer_begin(struct haul_packer *packer);

/* Adds to it. Returns 0 or an errno, after which the record is only to be begun anew. May block. */
int haul_packer_add(struct haul_packer *packer, const void *bytes, size_t len);

/*
 * Ends the record whose body was added: `head` stands in front of it. *out, the caller's, is its
 * gzip member; NULL on failure, which is told as above. Of the body nothing is left. `key` may be
 * NULL: there is none.
 */
int haul_packer_finish(struct haul_packer *packer, const struct haul_buf *head,
                       const struct haul_key *key, uint64_t tag, struct haul_parcel **out);

/*
 * The same for a record that is not likely to be needed: if it is in memory as a whole it is left
 * as it is, and *out is `is_raw`. Packed is what pack_raw makes of that, also by another packer.
 */
int haul_packer_finish_raw(struct haul_packer *packer, const struct haul_buf *head, uint64_t tag,
                           struct haul_parcel **out);
int haul_packer_pack_raw(struct haul_packer *packer, const struct haul_parcel *raw,
                         struct haul_parcel **out);

/* Packs a record that is in memory as a whole. Fine at any time: what was begun stays. */
int haul_packer_pack(struct haul_packer *packer, const struct haul_buf *record,
                     const struct haul_key *key, uint64_t tag, struct haul_parcel **out);

/* Changes the key of a member, which is packed. */
void haul_packer_set_key(struct haul_parcel *parcel, const struct haul_key *key);

/* Writes the beginning of a member. */
void haul_packer_put_mark(unsigned char head[HAUL_PACKER_HEAD],
                          const struct haul_packer_mark *mark);

/* Whether so few bytes, fewer than HAUL_PACKER_HEAD, may be the beginning of that. Pure. */
bool haul_packer_may_begin(const unsigned char *bytes, size_t len);

/* Reads the beginning of a member. False: it is none of haul's, or damaged. Pure. */
bool haul_packer_read_mark(const unsigned char head[HAUL_PACKER_HEAD],
                           struct haul_packer_mark *mark);

#endif
