#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "blocked.h"
#include "fail_alloc.h"
#include "result_world.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { EACH = 200, PUSHERS_MAX = 4 };
static const size_t capacities[] = {1, 2, 8};

/* ---- pushers ---- */

struct pusher {
    struct haul_resultq *queue;
    uv_barrier_t *start; /* or NULL */
    struct haul_job *job[EACH];
    int count;
    _Atomic int pushed;
    uv_thread_t thread;
};

static void run_pusher(void *arg)
{
    struct pusher *pusher = arg;

    if (pusher->start)
        uv_barrier_wait(pusher->start);
    for (int i = 0; i < pusher->count; i++) {
        haul_resultq_push(pusher->queue, pusher->job[i]);
        atomic_fetch_add(&pusher->pushed, 1);
    }
}

/* Jobs are numbered through, so that the number tells whose it is and which of his. */
static void start_pusher(struct pusher *pusher, int who)
{
    for (int i = 0; i < pusher->count; i++)
        pusher->job[i] = make_job((uint64_t)(who * EACH + i));
    uv_thread_create(&pusher->thread, run_pusher, pusher);
}

/* What was taken, in order; of each pusher the next number is due. */
struct harvest {
    uint64_t next[PUSHERS_MAX];
    size_t jobs, largest;
    bool in_order;
};

static void reap(struct harvest *harvest, struct haul_job_list *jobs)
{
    struct haul_job *job;

    if (jobs->count > harvest->largest)
        harvest->largest = jobs->count;
    while ((job = haul_job_list_take(jobs))) {
        uint64_t who = job->rec.seq / EACH;

        harvest->in_order = harvest->in_order && job->rec.seq % EACH == harvest->next[who]++;
        harvest->jobs++;
        haul_job_free(job);
    }
}

/* capacity × pushers */
START_TEST(every_matrix_of_capacity_and_pushers_delivers_all_in_order)
{
    static struct pusher pusher[PUSHERS_MAX];
    int count = 1 + _i % PUSHERS_MAX;
    size_t capacity = capacities[_i / PUSHERS_MAX];
    struct harvest harvest = {.in_order = true};
    struct haul_resultq *queue = make_queue(capacity);
    struct haul_job_list jobs;
    struct haul_note *notes;
    uv_barrier_t start;

    uv_barrier_init(&start, (unsigned)count + 1);
    for (int i = 0; i < count; i++) {
        pusher[i] = (struct pusher){.queue = queue, .start = &start, .count = EACH};
        start_pusher(&pusher[i], i);
    }
    uv_barrier_wait(&start);
    while (harvest.jobs < (size_t)count * EACH) {
        ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
        ck_assert_ptr_null(notes);
        reap(&harvest, &jobs);
    }
    for (int i = 0; i < count; i++)
        uv_thread_join(&pusher[i].thread);
    haul_resultq_close(queue);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_ERR_CLOSED);
    ck_assert(harvest.in_order);
    haul_resultq_free(queue);
    uv_barrier_destroy(&start);
}
END_TEST

/* However full it is, and though nobody takes: a worker that pushes has other things to do. */
START_TEST(push_never_waits)
{
    struct haul_resultq *queue = make_queue(capacities[_i]);
    struct harvest harvest = {.in_order = true};
    struct haul_job_list jobs = {0};
    struct haul_note *notes;

    for (int i = 0; i < EACH / 2; i++)
        haul_resultq_push(queue, make_job((uint64_t)i));
    for (int i = EACH / 2; i < EACH; i++)
        haul_job_list_add(&jobs, make_job((uint64_t)i));
    haul_resultq_push_all(queue, &jobs);
    ck_assert_ptr_null(jobs.head);
    ck_assert_uint_eq(jobs.count, 0);
    ck_assert(haul_resultq_count(queue).is_full);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    ck_assert_uint_eq(haul_resultq_count(queue).taken, EACH);
    reap(&harvest, &jobs);
    ck_assert_uint_eq(harvest.jobs, EACH);
    ck_assert(harvest.in_order);
    haul_resultq_free(queue);
}
END_TEST

/* ---- the dispatcher ---- */

static void run_dispatcher(void *arg)
{
    struct pusher *dispatcher = arg;

    for (int i = 0; i < dispatcher->count; i++) {
        haul_resultq_await_room(dispatcher->queue, (uint64_t)i);
        haul_resultq_push(dispatcher->queue, dispatcher->job[i]);
        atomic_fetch_add(&dispatcher->pushed, 1);
    }
}

static void start_dispatcher(struct pusher *dispatcher, struct haul_resultq *queue)
{
    *dispatcher = (struct pusher){.queue = queue, .count = EACH};
    for (int i = 0; i < EACH; i++)
        dispatcher->job[i] = make_job((uint64_t)i);
    uv_thread_create(&dispatcher->thread, run_dispatcher, dispatcher);
}

/* It has as many in the queue as fit, and then as many again beside those in the taker's hand. */
START_TEST(dispatcher_waits_for_room_in_queue_and_hand)
{
    static struct pusher dispatcher;
    struct haul_resultq *queue = make_queue(capacities[_i]);
    struct harvest harvest = {.in_order = true};
    struct haul_job_list jobs;
    struct haul_note *notes;
    int before = blocked_count();
    size_t taken = 0;

    start_dispatcher(&dispatcher, queue);
    for (int round = 1; round <= 10; round++) {
        blocked_await(before + round);
        ck_assert(haul_resultq_count(queue).is_full);
        ck_assert_uint_eq(haul_resultq_count(queue).lines, taken + capacities[_i]);
        ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
        ck_assert_uint_eq(jobs.count, capacities[_i]);
        taken += jobs.count;
        reap(&harvest, &jobs);
    }
    while (harvest.jobs < EACH) {
        ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
        reap(&harvest, &jobs);
    }
    uv_thread_join(&dispatcher.thread);
    ck_assert(harvest.in_order);
    haul_resultq_free(queue);
}
END_TEST

/* What workers push beyond the capacity is paid back before the dispatcher goes on. */
START_TEST(dispatcher_waits_until_what_is_in_hand_is_done)
{
    static struct pusher dispatcher;
    size_t capacity = capacities[_i];
    struct haul_resultq *queue = make_queue(capacity);
    struct harvest harvest = {.in_order = true};
    struct haul_job_list jobs;
    struct haul_note *notes;
    int before = blocked_count();

    for (size_t i = 0; i < 2 * capacity; i++)
        haul_resultq_push(queue, make_job(EACH));
    start_dispatcher(&dispatcher, queue);
    blocked_await(before + 1);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    ck_assert_uint_eq(jobs.count, 2 * capacity);
    ck_assert(haul_resultq_count(queue).is_full); /* in hand */
    ck_assert_int_eq(dispatcher.pushed, 0);
    while (jobs.head)
        haul_job_free(haul_job_list_take(&jobs));
    haul_resultq_post(queue, make_note("the taker comes back"));
    while (harvest.jobs < EACH) {
        ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
        free(notes);
        reap(&harvest, &jobs);
    }
    uv_thread_join(&dispatcher.thread);
    haul_resultq_free(queue);
}
END_TEST

START_TEST(what_comes_after_the_end_is_freed)
{
    struct haul_resultq *queue = make_queue(2);
    struct haul_job_list jobs = {0};
    struct haul_note *notes;

    haul_resultq_push(queue, make_job(1));
    haul_resultq_close(queue);
    haul_resultq_push(queue, make_job(2));
    haul_job_list_add(&jobs, make_job(3));
    haul_resultq_push_all(queue, &jobs);
    haul_resultq_post(queue, make_note("late"));
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    ck_assert_uint_eq(jobs.count, 1);
    ck_assert_ptr_null(notes);
    haul_job_free(haul_job_list_take(&jobs));
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_ERR_CLOSED);
    haul_resultq_free(queue);
}
END_TEST

/* ---- the taker ---- */

struct taker {
    struct haul_resultq *queue;
    struct haul_job_list jobs;
    struct haul_note *notes;
    enum haul_err err;
    uv_thread_t thread;
};

static void run_taker(void *arg)
{
    struct taker *taker = arg;

    taker->err = haul_resultq_take_all(taker->queue, &taker->jobs, &taker->notes);
}

static void start_blocked_taker(struct taker *taker)
{
    int before = blocked_count();

    uv_thread_create(&taker->thread, run_taker, taker);
    blocked_await(before + 1);
}

START_TEST(blocked_taker_is_woken_by_a_job)
{
    struct haul_resultq *queue = make_queue(2);
    struct taker taker = {.queue = queue};

    start_blocked_taker(&taker);
    haul_resultq_push(queue, make_job(7));
    uv_thread_join(&taker.thread);
    ck_assert_int_eq(taker.err, HAUL_OK);
    ck_assert_uint_eq(taker.jobs.count, 1);
    ck_assert_uint_eq(taker.jobs.head->rec.seq, 7);
    haul_job_free(taker.jobs.head);
    haul_resultq_free(queue);
}
END_TEST

START_TEST(blocked_taker_is_woken_by_a_note)
{
    struct haul_resultq *queue = make_queue(2);
    struct taker taker = {.queue = queue};

    start_blocked_taker(&taker);
    haul_resultq_post(queue, make_note("wake up"));
    uv_thread_join(&taker.thread);
    ck_assert_int_eq(taker.err, HAUL_OK);
    ck_assert_uint_eq(taker.jobs.count, 0);
    ck_assert_str_eq(taker.notes->text, "wake up");
    free(taker.notes);
    haul_resultq_free(queue);
}
END_TEST

START_TEST(blocked_taker_is_woken_by_close)
{
    struct haul_resultq *queue = make_queue(2);
    struct taker taker = {.queue = queue, .err = HAUL_OK};

    start_blocked_taker(&taker);
    haul_resultq_close(queue);
    uv_thread_join(&taker.thread);
    ck_assert_int_eq(taker.err, HAUL_ERR_CLOSED);
    ck_assert_ptr_null(taker.jobs.head);
    ck_assert_ptr_null(taker.notes);
    haul_resultq_free(queue);
}
END_TEST

START_TEST(close_with_things_left_gives_them_first)
{
    struct haul_resultq *queue = make_queue(2);
    struct haul_job_list jobs;
    struct haul_note *notes;

    haul_resultq_push(queue, make_job(1));
    haul_resultq_push(queue, make_job(2));
    haul_resultq_post(queue, make_note("a"));
    haul_resultq_close(queue);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    ck_assert_uint_eq(jobs.count, 2);
    ck_assert_uint_eq(jobs.head->rec.seq, 1);
    haul_job_free(haul_job_list_take(&jobs));
    haul_job_free(haul_job_list_take(&jobs));
    free(notes);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_ERR_CLOSED);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_ERR_CLOSED);
    haul_resultq_free(queue);
}
END_TEST

/* Many more than the capacity, and nobody takes. */
START_TEST(notes_posted_to_a_full_queue_come_out_in_order)
{
    struct haul_resultq *queue = make_queue(1);
    struct haul_job_list jobs;
    struct haul_note *notes;
    uint64_t number = 0;

    haul_resultq_push(queue, make_job(0));
    for (uint64_t i = 0; i < 100; i++) {
        struct haul_note *note = make_note(NULL);

        note->lines = i;
        haul_resultq_post(queue, note);
    }
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    while (notes) {
        struct haul_note *next = notes->next;

        ck_assert_uint_eq(notes->lines, number++);
        free(notes);
        notes = next;
    }
    ck_assert_uint_eq(number, 100);
    haul_job_free(haul_job_list_take(&jobs));
    haul_resultq_free(queue);
}
END_TEST

static size_t take_notes(struct haul_resultq *queue, struct haul_note **last)
{
    struct haul_job_list jobs;
    struct haul_note *notes;
    size_t count = 0;

    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    *last = NULL;
    while (notes) {
        struct haul_note *next = notes->next;

        free(*last);
        *last = notes;
        notes = next;
        count++;
    }
    return count;
}

START_TEST(figures_that_nobody_takes_are_replaced_by_later_ones)
{
    struct haul_resultq *queue = make_queue(1);
    struct haul_note *last;

    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 100; i++) {
            struct haul_note *note = haul_note_create(HAUL_NOTE_STATUS, NULL);

            ck_assert_ptr_nonnull(note);
            note->status.running = i;
            haul_resultq_post(queue, note);
        }
        ck_assert_uint_eq(take_notes(queue, &last), 1);
        ck_assert_uint_eq(last->status.running, 99);
        free(last);
    }
    haul_resultq_free(queue);
}
END_TEST

START_TEST(messages_beyond_the_limit_are_dropped_and_nothing_else)
{
    struct haul_resultq *queue = make_queue(1);
    struct haul_note *last;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < HAUL_NOTE_MESSAGES_MAX + 10; i++)
            haul_resultq_post(queue, make_note("m"));
        last = haul_note_create(HAUL_NOTE_INPUT_END, NULL);
        ck_assert_ptr_nonnull(last);
        haul_resultq_post(queue, last);
        ck_assert_uint_eq(take_notes(queue, &last), HAUL_NOTE_MESSAGES_MAX + 1);
        ck_assert_int_eq(last->kind, HAUL_NOTE_INPUT_END);
        free(last);
    }
    haul_resultq_free(queue);
}
END_TEST

START_TEST(note_made_holds_a_copy_of_its_text)
{
    char text[] = "hello";
    struct haul_note *note = haul_note_create(HAUL_NOTE_INPUT_FAULT, text);
    struct haul_note *empty = haul_note_create(HAUL_NOTE_INPUT_END, NULL);

    text[0] = 'j';
    ck_assert_str_eq(note->text, "hello");
    ck_assert_int_eq(note->kind, HAUL_NOTE_INPUT_FAULT);
    ck_assert_str_eq(empty->text, "");
    free(note);
    free(empty);
}
END_TEST

/* The dispatcher was given up with two lines given out, and comes back with a third one. */
START_TEST(lines_after_the_last_one_that_counts_are_freed)
{
    struct haul_resultq *queue = make_queue(8);
    struct haul_job_list jobs;
    struct haul_note *notes;

    haul_resultq_await_room(queue, 2);
    haul_resultq_push(queue, make_job(0));
    ck_assert_uint_eq(haul_resultq_end_lines(queue), 2);
    haul_resultq_push(queue, make_job(2));
    haul_resultq_await_room(queue, 3);
    haul_resultq_push(queue, make_job(1)); /* of a worker */
    ck_assert_uint_eq(haul_resultq_count(queue).lines, 2);
    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    ck_assert_uint_eq(jobs.count, 2);
    for (uint64_t i = 0; i < 2; i++) {
        struct haul_job *job = haul_job_list_take(&jobs);

        ck_assert_uint_eq(job->rec.seq, i);
        haul_job_free(job);
    }
    haul_resultq_free(queue);
}
END_TEST

START_TEST(queue_freed_with_things_left_frees_them)
{
    struct haul_resultq *queue = make_queue(2);

    haul_resultq_push(queue, make_job(1));
    haul_resultq_post(queue, make_note("a"));
    haul_resultq_post(queue, make_note("b"));
    haul_resultq_free(queue);
    haul_resultq_free(NULL);
}
END_TEST

START_TEST(creation_without_memory_fails_cleanly)
{
    struct haul_resultq *queue = NULL;

    fail_alloc_arm(1);
    ck_assert_int_eq(haul_resultq_create(1, &queue), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    fail_alloc_arm(1);
    ck_assert_ptr_null(haul_note_create(HAUL_NOTE_STATUS, "x"));
    ck_assert(fail_alloc_disarm());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resultq");
    TCase *tcase = tcase_create("queue");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, every_matrix_of_capacity_and_pushers_delivers_all_in_order, 0,
                        COUNT(capacities) * PUSHERS_MAX);
    tcase_add_loop_test(tcase, push_never_waits, 0, COUNT(capacities));
    tcase_add_loop_test(tcase, dispatcher_waits_for_room_in_queue_and_hand, 0, COUNT(capacities));
    tcase_add_loop_test(tcase, dispatcher_waits_until_what_is_in_hand_is_done, 0,
                        COUNT(capacities));
    tcase_add_test(tcase, what_comes_after_the_end_is_freed);
    tcase_add_test(tcase, blocked_taker_is_woken_by_a_job);
    tcase_add_test(tcase, blocked_taker_is_woken_by_a_note);
    tcase_add_test(tcase, blocked_taker_is_woken_by_close);
    tcase_add_test(tcase, close_with_things_left_gives_them_first);
    tcase_add_test(tcase, notes_posted_to_a_full_queue_come_out_in_order);
    tcase_add_test(tcase, figures_that_nobody_takes_are_replaced_by_later_ones);
    tcase_add_test(tcase, messages_beyond_the_limit_are_dropped_and_nothing_else);
    tcase_add_test(tcase, note_made_holds_a_copy_of_its_text);
    tcase_add_test(tcase, lines_after_the_last_one_that_counts_are_freed);
    tcase_add_test(tcase, queue_freed_with_things_left_frees_them);
    tcase_add_test(tcase, creation_without_memory_fails_cleanly);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
