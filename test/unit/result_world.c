#include "result_world.h"

#include <check.h>

struct haul_job *make_job(uint64_t number)
{
    struct haul_job_text text = {.shown = "x", .shown_len = 1, .url = "http://x/", .origin = "a"};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->rec.seq = number;
    return job;
}

struct haul_resultq *make_queue(size_t capacity)
{
    struct haul_resultq *queue = NULL;

    ck_assert_int_eq(haul_resultq_create(capacity, &queue), HAUL_OK);
    return queue;
}

struct haul_note *make_note(const char *text)
{
    struct haul_note *note = haul_note_create(HAUL_NOTE_MESSAGE, text);

    ck_assert_ptr_nonnull(note);
    return note;
}
