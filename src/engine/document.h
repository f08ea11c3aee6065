#ifndef HAUL_ENGINE_DOCUMENT_H
#define HAUL_ENGINE_DOCUMENT_H

#include "engine/run.h"
#include "input/walk.h"

/*
 * Fetches what haul itself needs to know, which is sitemaps: one document at a time, with the
 * transfer, the verdict and the retries of any other URL, into a file that has no name. Only what
 * came whole is handed on. It is on disk by then, so that a slow reader holds up no connection.
 *
 * Its requests are not those of the work queue: between two of them it lets pass what --rate and
 * --rate-per-host ask for, but the workers' requests are not counted in.
 */
struct haul_document;

/*
 * Makes one, on the main thread; `run`, of whose queues it uses the results' for what is told of
 * origins only, must outlive it. HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM (no descriptor was to be had).
 */
HAUL_MUST_USE enum haul_err haul_document_create(struct haul_run *run, struct haul_document **out);

/* Frees it. NULL is fine. */
void haul_document_free(struct haul_document *document);

/* What is to be done while a document is waited for: `meanwhile` is called now and then, and after
 * each wake. It must not wait. */
void haul_document_set_meanwhile(struct haul_document *document, void (*meanwhile)(void *arg),
                                 void *arg);

/*
 * Fetches a document: haul_walk_fetch_fn, with the haul_document as `arg`. One thread, the
 * dispatcher. HAUL_ERR_CLOSED as soon as the run is being stopped, whatever it is waiting for.
 */
HAUL_MUST_USE enum haul_err haul_document_fetch(void *document,
                                                const struct haul_walk_request *request,
                                                struct haul_walk_answer *answer,
                                                struct haul_buf *message);

/* Makes it look at the stop level, and at what is to be done meanwhile, now. Any thread, between
 * create and free. */
void haul_document_wake(struct haul_document *document);

#endif
