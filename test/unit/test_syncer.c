#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "journal/syncer.h"

/*
 * fdatasync of this program: says that it was called, waits until it is let go on, and fails as
 * told. So each test knows where the syncer's thread is.
 */
static const struct haul_syncer_first nothing_first;

static uv_sem_t called, let_go;
static atomic_int calls, failure;

int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    int error = atomic_load(&failure);

    (void)fd;
    atomic_fetch_add(&calls, 1);
    uv_sem_post(&called);
    uv_sem_wait(&let_go);
    if (!error)
        return 0;
    errno = error;
    return -1;
}

enum { AT_ONCE_US = 1 };
#define NEVER_US (INT64_C(3600) * 1000000)

static struct haul_syncer *make_syncer(int64_t interval_us)
{
    struct haul_syncer *syncer = NULL;

    atomic_store(&calls, 0);
    atomic_store(&failure, 0);
    ck_assert_int_eq(uv_sem_init(&called, 0), 0);
    ck_assert_int_eq(uv_sem_init(&let_go, 0), 0);
    ck_assert_int_eq(haul_syncer_create(-1, &nothing_first, interval_us, &syncer), HAUL_OK);
    return syncer;
}

static void end_semaphores(void)
{
    uv_sem_destroy(&called);
    uv_sem_destroy(&let_go);
}

START_TEST(what_was_written_is_synced_without_another_word)
{
    struct haul_syncer *syncer = make_syncer(AT_ONCE_US);

    ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    uv_sem_wait(&called);
    uv_sem_post(&let_go);
    ck_assert_int_eq(haul_syncer_free(syncer), 0);
    ck_assert_int_eq(atomic_load(&calls), 1);
    end_semaphores();
}
END_TEST

START_TEST(asking_during_a_sync_does_not_wait_and_gives_another)
{
    struct haul_syncer *syncer = make_syncer(AT_ONCE_US);

    ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    uv_sem_wait(&called);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    uv_sem_post(&let_go);
    uv_sem_wait(&called);
    uv_sem_post(&let_go);
    ck_assert_int_eq(haul_syncer_free(syncer), 0);
    ck_assert_int_eq(atomic_load(&calls), 2);
    end_semaphores();
}
END_TEST

START_TEST(before_the_interval_is_over_nothing_is_synced)
{
    struct haul_syncer *syncer = make_syncer(NEVER_US);

    ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    ck_assert_int_eq(haul_syncer_free(syncer), 0);
    ck_assert_int_eq(atomic_load(&calls), 0);
    end_semaphores();
}
END_TEST

START_TEST(failure_is_told_and_not_tried_again)
{
    struct haul_syncer *syncer = make_syncer(AT_ONCE_US);

    atomic_store(&failure, EIO);
    ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    uv_sem_wait(&called);
    uv_sem_post(&let_go);
    while (haul_syncer_ask(syncer) != EIO)
        uv_sleep(1);
    ck_assert_int_eq(haul_syncer_free(syncer), EIO);
    ck_assert_int_eq(atomic_load(&calls), 1);
    end_semaphores();
}
END_TEST

START_TEST(leaving_waits_for_the_sync_under_way_and_tells_of_its_failure)
{
    struct haul_syncer *syncer = make_syncer(AT_ONCE_US);

    atomic_store(&failure, EIO);
    ck_assert_int_eq(haul_syncer_ask(syncer), 0);
    uv_sem_wait(&called);
    uv_sem_post(&let_go);
    ck_assert_int_eq(haul_syncer_free(syncer), EIO);
    end_semaphores();
}
END_TEST

START_TEST(what_cannot_be_synced_has_nothing_to_lose)
{
    static const int harmless[] = {EINVAL, EROFS};

    ck_assert_int_eq(uv_sem_init(&called, 0), 0);
    ck_assert_int_eq(uv_sem_init(&let_go, 1), 0);
    atomic_store(&failure, harmless[_i]);
    ck_assert_int_eq(haul_syncer_sync(-1, &nothing_first), 0);
    end_semaphores();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("syncer");
    TCase *tcase = tcase_create("syncer");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_was_written_is_synced_without_another_word);
    tcase_add_test(tcase, asking_during_a_sync_does_not_wait_and_gives_another);
    tcase_add_test(tcase, before_the_interval_is_over_nothing_is_synced);
    tcase_add_test(tcase, failure_is_told_and_not_tried_again);
    tcase_add_test(tcase, leaving_waits_for_the_sync_under_way_and_tells_of_its_failure);
    tcase_add_loop_test(tcase, what_cannot_be_synced_has_nothing_to_lose, 0, 2);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
