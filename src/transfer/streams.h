#ifndef HAUL_TRANSFER_STREAMS_H
#define HAUL_TRANSFER_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"
#include "model/job.h"
#include "model/stop.h"
#include "transfer/net.h"

/*
 * The transfers of one worker: up to K attempts at a time, on one wire (wire/wire.h), with one
 * poll(2) for all of them. With K = 1 this is a plain blocking download, with the one difference
 * that another thread can end the wait.
 *
 * An attempt that waits for memory to decode its body (await.c) is under way like others, and has
 * no connection. It looks again every 20 ms, in haul_streams_run: nobody is told when another
 * worker gives memory back, so that workers share nothing but counters and the line (line.h). When
 * the run is to be stopped (drain), it comes out of take_done as pending.
 *
 * Belongs to one worker thread, but for haul_streams_wake.
 */
struct haul_streams;

/*
 * Makes `count` streams (1..256). `net` and `stop` must outlive them. May be called on the main
 * thread, before the worker starts: then a lack of memory or descriptors is known before anything
 * is fetched. HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM.
 */
HAUL_MUST_USE enum haul_err haul_streams_create(struct haul_net *net, haul_stop *stop, int count,
                                                struct haul_streams **out);

/* Frees them. No attempt may be under way. NULL is fine. */
void haul_streams_free(struct haul_streams *streams);

/* Descriptors that so many streams have at most, without those of files (wire/wire.h). */
int haul_streams_descriptors(int count);

/* How many attempts are under way; how many more could be. */
int haul_streams_active(const struct haul_streams *streams);
int haul_streams_free_count(const struct haul_streams *streams);

/* Begins an attempt; the job is lent until haul_streams_take_done gives it back. Needs a free one.
 */
void haul_streams_start(struct haul_streams *streams, struct haul_job *job);

/*
 * Does what can be done, and if no attempt ended by that, waits for the network, for
 * haul_streams_wake, or until `until_us` (monotonic; HAUL_CLOCK_NEVER), and does what can be done
 * then.
 */
void haul_streams_run(struct haul_streams *streams, int64_t until_us);

/* Whether take_done would give a job. */
bool haul_streams_has_done(const struct haul_streams *streams);

/* A job whose attempt is over, its record filled in; NULL if there is none. */
struct haul_job *haul_streams_take_done(struct haul_streams *streams);

/* Ends all attempts at once: their jobs come out of take_done as pending, reason stopped. */
void haul_streams_abort(struct haul_streams *streams);

/* Ends the wait of haul_streams_run, or of the next one. Any thread. */
void haul_streams_wake(struct haul_streams *streams);

#endif
