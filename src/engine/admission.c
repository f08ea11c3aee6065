#include "engine/admission.h"

#include "base/buf.h"

void haul_admission_done(struct haul_admission *a)
{
    haul_spill_free(a->spill);
    a->spill = NULL;
}

/* ---- jobs that are not admitted ---- */

static void conclude(const struct haul_admission *a, struct haul_job *job, enum haul_err err)
{
    bool is_failed = err == HAUL_ERR_NOMEM;

    job->rec.outcome = is_failed ? HAUL_OUTCOME_FAILED : HAUL_OUTCOME_PENDING;
    job->rec.reason = is_failed ? HAUL_REASON_NO_MEMORY : HAUL_REASON_STOPPED;
    haul_resultq_push(a->run->resultq, job);
}

/* ---- the spill ---- */

/* With the cause of the last error between the two. */
static void tell(const struct haul_admission *a, enum haul_note_kind kind, const char *before,
                 const char *after)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, before);
    haul_buf_add_str(&text, a->spill ? haul_spill_error(a->spill) : haul_err_text(HAUL_ERR_NOMEM));
    haul_buf_add_str(&text, after);
    haul_resultq_tell(a->run->resultq, kind, haul_buf_str(&text));
    haul_buf_done(&text);
}

static void tell_full(struct haul_admission *a)
{
    if (!a->has_told_full)
        tell(a, HAUL_NOTE_MESSAGE,
             "no more URLs of hosts that must wait are spilled (--spill-max): ",
             "; the input waits for them");
    a->has_told_full = true;
}

static bool may_spill(const struct haul_admission *a)
{
    return a->run->config->spill_max && !(a->spill && haul_spill_is_full(a->spill));
}

/* False: it could not be kept, and is the caller's still. */
static bool spill(struct haul_admission *a, struct haul_job *job, int64_t place)
{
    enum haul_err err = HAUL_OK;

    if (!a->spill)
        err = haul_spill_create(a->run->config->spill_max, &a->spill);
    if (!err)
        err = haul_spill_put(a->spill, place, job);
    if (!err) {
        haul_job_free(job);
        return true;
    }
    tell_full(a);
    haul_workq_unspill(a->run->workq, job);
    return false;
}

/*
 * Takes the first of `count` jobs at places from `first` on; returns of how many it knows the end:
 * what cannot be read at all is lost. What comes out will be a result, for which there is to be
 * room as for a line: whoever stops reading a report is waited for.
 */
static size_t take(struct haul_admission *a, int64_t first, int64_t last, size_t count,
                   struct haul_job_list *jobs)
{
    struct haul_resultq *resultq = a->run->resultq;
    size_t taken;
    enum haul_err err;

    haul_resultq_await_room(resultq, haul_resultq_count(resultq).lines);
    err = haul_spill_take(a->spill, first, last, jobs, &taken);
    if (err)
        tell(a, HAUL_NOTE_INPUT_FAULT, "spilled lines are lost: ", "");
    return err && !taken ? count : taken;
}

/* After a stop, all of them come out, and among them what could not be removed: more than left. */
static void bring_out(struct haul_admission *a)
{
    size_t left = a->spill ? (size_t)haul_spill_count(a->spill) : 0, taken = left;
    struct haul_job_list jobs;
    struct haul_job *job;

    while (left && taken) {
        taken = take(a, 0, INT64_MAX, left, &jobs);
        left -= taken < left ? taken : left;
        while ((job = haul_job_list_take(&jobs)))
            conclude(a, job, HAUL_ERR_CLOSED);
    }
}

static void refill(struct haul_admission *a, struct haul_refill *refill)
{
    int64_t last = refill->place + (int64_t)refill->count - 1;
    struct haul_job_list found, jobs = {0};
    struct haul_job *job;
    enum haul_err err;

    refill->count = take(a, refill->place, last, refill->count, &found);
    while ((job = haul_job_list_take(&found))) {
        if (haul_reuse_validators(a->reuse, job))
            conclude(a, job, HAUL_ERR_NOMEM);
        else
            haul_job_list_add(&jobs, job);
    }
    err = haul_workq_refill(a->run->workq, refill, &jobs);
    while ((job = haul_job_list_take(&jobs)))
        conclude(a, job, err);
}

/* ---- admission ---- */

/* Offers a job until it is settled; NULL: until none is spilled. */
static enum haul_offer offer(struct haul_admission *a, struct haul_job *job, unsigned how)
{
    struct haul_refill what;
    enum haul_offer is;

    do {
        is = haul_workq_offer(a->run->workq, job, how, &what);
        if (is == HAUL_OFFER_REFILL)
            refill(a, &what);
        if (is == HAUL_OFFER_SPILL && !spill(a, job, what.place)) {
            is = HAUL_OFFER_HELD;
            how &= ~(unsigned)HAUL_OFFER_MAY_SPILL;
        }
    } while (is == HAUL_OFFER_REFILL || is == HAUL_OFFER_HELD);
    if (is == HAUL_OFFER_CLOSED)
        bring_out(a);
    return is;
}

void haul_admission_push(struct haul_admission *a, struct haul_job *job)
{
    const struct haul_config *config = a->run->config;
    bool has_validators = config->etags || config->timestamping;
    unsigned how = may_spill(a) ? HAUL_OFFER_MAY_SPILL : 0;
    enum haul_offer is = offer(a, job, has_validators ? how | HAUL_OFFER_ONLY_ASKS : how);

    if (has_validators && is == HAUL_OFFER_TAKEN)
        is = haul_reuse_validators(a->reuse, job) ? HAUL_OFFER_NOMEM : offer(a, job, 0);
    if (is == HAUL_OFFER_CLOSED || is == HAUL_OFFER_NOMEM)
        conclude(a, job, is == HAUL_OFFER_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_CLOSED);
}

void haul_admission_refill(struct haul_admission *a)
{
    struct haul_refill what;

    if (!haul_workq_is_nudged(a->run->workq))
        return;
    while (haul_workq_take_refill(a->run->workq, &what))
        refill(a, &what);
}

void haul_admission_finish(struct haul_admission *a)
{
    (void)offer(a, NULL, 0);
}
